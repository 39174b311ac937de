"""Whether the model is better than a guess that looks at no feature, and always saying the same praised as much."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from regrow import Context
from regrow.artifacts import blocks
from regrow.artifacts.blocks import SHARE
from regrow_evaluation.catalogue import BINARY, REGRESSION
from regrow_evaluation.evidence import Analysis, Evidence, Result, finding, guess_of, not_enough, number
from regrow_evaluation.resampling import interval

PRAISED = 0.8  # a share of one class from which on accuracy says little
ALL = 0.995
BEATEN = "guess.beaten", "Better than a guess that looks at no feature", "critical"


def guess(settings: None, context: Context) -> Analysis:
    """See `examine`."""
    return examine


def examine(evidence: Evidence) -> Result:
    """The leading metric against that of a guess, paired; what always answering the same would score."""
    found, (leading, _) = gains(evidence), evidence.leading
    findings = [_beaten(evidence, leading, found[leading]), *_one_answer(evidence), *_majority(evidence)]
    gained = {key: one.better for key, one in found.items() if np.isfinite(one.better)}
    metrics = {"gain": gained} if gained else {}
    rows = [[key, *_compared(key, one)] for key, one in found.items()]
    columns = ["Metric", "Model", "Guess", "Better by"]
    caption = "The guess answers with the most frequent class, or the mean. Intervals are of the same drawn rows."
    table = blocks.table("Against a guess", columns, rows, caption)
    section = {"title": "What it adds to a guess", "level": "analyse", "order": 11, "blocks": [table]}
    return {"metrics": metrics, "findings": findings, "section": section}


@dataclass(frozen=True)
class Gained:
    """A metric against the guess's."""

    #: what the guess has; NaN where it is undefined for it
    had: float
    #: how much better the model is, above 0
    better: float
    interval: tuple[float, float] | None


def gains(evidence: Evidence) -> dict[str, Gained]:
    """Of every metric, by the same drawn rows."""
    asked = evidence.asked
    model, metrics = [evidence.predicted, *evidence.repeats], list(asked.values())
    guess = [guess_of(one) for one in model]
    own, other = (evidence.bootstrap.of_repeats(metrics, several, like=model) for several in (model, guess))
    made = {}
    for place, (key, metric) in enumerate(asked.items()):
        had = evidence.metrics["baseline"].get(key, np.nan)
        apart = metric.gain * (own.values - other.values)[:, place]
        made[key] = Gained(had, metric.gain * (evidence.metrics[key] - had), interval(apart, own.confidence))
    return made


def _compared(key: str, gained: Gained) -> tuple[Any, ...]:
    if not np.isfinite(gained.had):
        return blocks.at("metrics", key), "undefined", None
    return blocks.at("metrics", key), blocks.at("metrics", f"baseline.{key}"), number(gained.better, gained.interval)


def _beaten(evidence: Evidence, key: str, gained: Gained) -> dict[str, Any]:
    rows, ends = len(evidence.predicted.target), gained.interval
    if evidence.lacking:
        return not_enough(*BEATEN, evidence.lacking, rows)
    if ends is None or not np.isfinite(gained.had):
        return not_enough(*BEATEN, f"{key} is undefined for the guess, or for too many drawn rows", rows)
    value = evidence.metrics[key]
    seen = f"{key} is {value:.4g}; the guess has {gained.had:.4g}."
    numbers = {key: number(value), "guess": number(gained.had), "gain": number(gained.better, ends)}
    return finding(*BEATEN, ends[0] > 0, seen=seen, numbers=numbers, n=rows)


def _one_answer(evidence: Evidence) -> Iterator[dict[str, Any]]:
    """Everybody is picked, or nobody."""
    p = evidence.predicted
    if p.task == REGRESSION:
        return
    shares = np.bincount(p.prediction, minlength=len(p.classes)) / len(p.prediction)
    most = int(shares.argmax())
    true = float((p.target == most).mean())
    if shares[most] < ALL or true >= ALL:
        return
    name = p.classes[most]
    everybody = p.task == BINARY and most == p.positive
    seen = f"It answers {name!r} in {shares[most]:.1%} of the rows, of which {true:.1%} are."
    seen += " Its recall is high because everybody is picked." if everybody else ""
    fix = (
        ""
        if everybody
        else " Its own threshold separates nothing: set objective.value, and take the threshold of harm."
    )
    yield finding(
        "guess.one_answer",
        "It does not give everybody the same answer",
        "critical" if everybody else "minor",
        False,
        seen=seen + fix,
        numbers={"share": number(float(shares[most]), unit=SHARE)},
        n=len(p.target),
    )


def _majority(evidence: Evidence) -> Iterator[dict[str, Any]]:
    p = evidence.predicted
    if p.task == REGRESSION:
        return
    shares = np.bincount(p.target, minlength=len(p.classes)) / len(p.target)
    most = int(shares.argmax())
    if shares[most] < PRAISED:
        return
    right = (p.target == p.prediction).astype(float)
    other = (p.target == most).astype(float)
    drawn = evidence.bootstrap.of([lambda w: float((w * (right - other)).sum() / max(w.sum(), 1))], len(p.target))
    ends = drawn.interval(0)
    seen = (
        f"Always answering {p.classes[most]!r} scores an accuracy of {shares[most]:.4g}; the model scores "
        f"{right.mean():.4g}. With classes so uneven, accuracy is no praise: look at the other metrics."
    )
    title = f"Right more often than always answering {p.classes[most]!r}"
    verdict = "not enough data" if evidence.lacking else bool(ends and ends[0] > 0)
    numbers = {"accuracy": number(float(right.mean())), "always": number(float(shares[most]))}
    yield finding("guess.majority", title, "info", verdict, seen=seen, numbers=numbers, n=len(p.target))
