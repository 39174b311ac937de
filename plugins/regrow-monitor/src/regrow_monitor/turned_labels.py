"""Labels that are turned: evidence that adds up from day to day, so that a share too small for any one week is found.

Each label adds the logarithm of how much likelier it is if a share TURNED of all labels were exchanged than as the
probability says. Each stretch of the last days is held against the reference and all labels before it, as two samples.
"""

from dataclasses import dataclass, replace

import numpy as np

from regrow_monitor.signals import LEAST, SEQUENCE, Check, Reference

TURNED = 0.05  # the share that is looked for; larger ones are found sooner, smaller ones later
FLOOR = 0.03  # probabilities nearer to 0 or 1 are taken for this: a reference of some thousand rows knows no better
LONGEST = 28  # days of a stretch
MOST_A_DAY = 64  # labels whose sum is drawn one by one


@dataclass(frozen=True)
class Evidence:
    """Of each day, (..., t): nats for turned labels, 0 at least; days and labels of the stretch that has most of it;
    and the share that looks turned there."""

    nats: np.ndarray
    days: np.ndarray
    labels: np.ndarray
    share: np.ndarray


def of_labels(happened: np.ndarray, probability: np.ndarray, classes: int) -> np.ndarray:
    """What a label adds: (n, 2), its log ratio, and by how much TURNED labels would raise that on average.

    happened: (n,) 1 where a label is the class whose probability is said, 0 for another, NaN where there is none.
    """
    p = np.clip(probability, FLOOR, 1 - FLOOR)
    q = p * (1 - TURNED) + (1 - p) * TURNED / (classes - 1)  # any other class is as likely
    there, not_there = np.log(q / p), np.log((1 - q) / (1 - p))
    ratio = np.where(happened == 1, there, not_there)
    back = np.where(happened == 1, 1.0, 1 / (classes - 1))
    raised = TURNED * back * np.where(happened == 1, not_there - there, there - not_there)
    return np.where(np.isnan(happened)[:, None], np.nan, np.column_stack([ratio, raised]))


def check_of(reference: Reference) -> Check | None:
    """The check, where the reference has one: numbers have no labels that could be turned."""
    return next((one for one in reference.checks if one.kind == SEQUENCE), None)


def evidence(check: Check, days: np.ndarray, known: np.ndarray) -> Evidence:
    """days: (..., t, k) sums of days. known: (..., k) those of the reference.

    The likelihood ratio of a mean that rose against one that did not, where the mean before is known from so many
    labels: a changepoint test with a window (Lai, Journal of the Royal Statistical Society B 57, 1995).
    """
    ratio, raised = check.columns
    count, total = (_added_up(days[..., column]) for column in (check.count, ratio))
    rise = (known[..., raised] / np.maximum(known[..., check.count], 1))[..., None]
    shape = days.shape[:-1]
    best = Evidence(np.zeros(shape), np.ones(shape, dtype=int), np.zeros(shape), np.zeros(shape))
    for length in range(1, min(LONGEST, shape[-1]) + 1):
        n, now = (one[..., length:] - one[..., :-length] for one in (count, total))
        m, before = (known[..., column, None] + one[..., :-length]
                     for column, one in ((check.count, count), (ratio, total)))  # fmt: skip
        above = now - n * before / np.maximum(m, 1)
        nats = np.where((n >= LEAST) & (m >= LEAST), (above - n * rise / 2) * m / np.maximum(m + n, 1), 0.0)
        better = nats > best.nats[..., length - 1 :]
        share = np.divide(TURNED * above, n * rise, out=np.zeros_like(above), where=n * rise > 0)
        for kept, new in ((best.nats, nats), (best.days, length), (best.labels, n), (best.share, share)):
            np.copyto(kept[..., length - 1 :], new, where=better)
    return best


def _added_up(values: np.ndarray) -> np.ndarray:
    """(..., t) -> (..., t + 1), from 0 on."""
    return np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1)], axis=-1)


def worst_of_a_year(check: Check, reference: Reference, days: int, a_day: int, rng: np.random.Generator) -> float:
    """The most evidence in a drawn year without a change, in nats.

    A world is drawn from the reference's rows, and from that world both a reference and the year: what is rare in one
    sample may be usual in the world. Sums of more than MOST_A_DAY labels are normal by then, and drawn from so many.
    """
    known = reference.rows[:, [check.count, *check.columns]]
    m, drawn = len(known), min(a_day, MOST_A_DAY)
    world = known[rng.integers(0, m, m)]
    before = world[rng.integers(0, m, m)].sum(axis=0)
    mean, times = world.mean(axis=0) * drawn, a_day / drawn
    sums = world[rng.integers(0, m, (days, drawn))].sum(axis=1)
    year = times * mean + np.sqrt(times) * (sums - mean)
    return float(evidence(replace(check, columns=(1, 2), count=0), year, before).nats.max())
