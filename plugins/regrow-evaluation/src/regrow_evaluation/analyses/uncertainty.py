"""Sets of classes and intervals of numbers that hold a stated share of rows, and what to send to a person.

Split conformal prediction (Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005; Lei et al., JASA
113, 2018): the held-out rows are halved; each half says how wide the other's sets have to be.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.stats import binom, binomtest

from regrow import Context
from regrow.artifacts import blocks
from regrow.artifacts.blocks import SHARE
from regrow_evaluation.analyses.settings import UncertaintySettings
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import Analysis, Evidence, Result, finding, not_enough, number
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.slicing import singles

COVERAGE = "uncertainty.coverage", "Sets and intervals hold the share that they state", "minor"
SLICE = "uncertainty.slice", "They hold it in every part of the rows", "minor"
LEAST, SENT = 30, (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)


def uncertainty(settings: UncertaintySettings, context: Context) -> Analysis:
    """Nothing for models of classes that give no probabilities."""

    def examine(evidence: Evidence) -> Result:
        p = evidence.predicted
        if p.task != REGRESSION and p.probability is None:
            return {}
        if len(p.target) < 2 * LEAST:
            why = f"{len(p.target)} rows are held out, and {2 * LEAST} are the least"
            return {"findings": [not_enough(*COVERAGE, why, len(p.target))]}
        half = np.random.Generator(np.random.PCG64(context.random_state)).permutation(len(p.target)) % 2
        held, size = _held(p, half, settings.level)
        return _told(evidence, settings, held, size)

    return examine


def _held(p: Predicted, half: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """(n,) whether each row's set or interval holds its target, and how large it is."""
    apart = np.abs(p.target - p.prediction) if p.probability is None else 1 - p.probability
    own = apart if p.probability is None else apart[np.arange(len(p.target)), p.target]
    held, size = np.zeros(len(own), dtype=bool), np.zeros(len(own))
    for side in (0, 1):
        here = half == side
        bound = quantile(own[~here], level)
        held[here] = own[here] <= bound
        size[here] = 2 * bound if p.probability is None else (apart[here] <= bound).sum(axis=1)
    return held, size


def quantile(scores: np.ndarray, level: float) -> float:
    """The score that at least this share of new rows stays within: the ceil((n + 1) level)-th smallest."""
    place = int(np.ceil((len(scores) + 1) * level)) - 1
    return float(np.sort(scores)[place]) if place < len(scores) else float(scores.max())


def _told(evidence: Evidence, settings: UncertaintySettings, held: np.ndarray, size: np.ndarray) -> Result:
    p, level = evidence.predicted, settings.level
    ends = binomtest(int(held.sum()), len(held)).proportion_ci(method="wilson")
    numbers = {"held": number(held.mean(), (ends.low, ends.high), SHARE)}
    kind = "intervals" if p.probability is None else "sets"
    seen = f"{kind} made for {level:.0%} hold {held.mean():.1%}."
    found = [finding(*COVERAGE, bool(ends.high >= level), seen=seen.capitalize(), numbers=numbers, n=len(held))]
    frame = evidence.columns if settings.columns is None else evidence.table[settings.columns].iloc[p.row]
    parts = sorted(_parts(frame.reset_index(drop=True), held, level), key=lambda one: one[3])
    chance = min(1.0, parts[0][3] * len(parts)) if parts else 1.0
    if parts:
        name, count, share, _ = parts[0]
        seen = f"Least where {name}, {count} rows: {share:.1%}; chance would show as much in {chance:.1%} of tries."
        found.append(finding(*SLICE, chance > 0.05, seen=seen, n=count))
    what = "mean width" if p.probability is None else "mean number of classes"
    rows: list[list[Any]] = [["held", number(held.mean(), (ends.low, ends.high), SHARE)], [what, float(size.mean())]]
    said = [blocks.table(f"{kind.capitalize()} for {level:.0%} of rows", ["", ""], rows)]
    body = [[name, n, {"value": share, "unit": SHARE}] for name, n, share, _ in parts[:10]]
    said.append(blocks.table("Where they hold least", ["Rows where", "Rows", "Held"], body))
    if p.probability is not None:
        said.append(_sent(p))
    section = {"title": "How sure it is", "level": "analyse", "order": 16, "blocks": said}
    return {"metrics": {"held": float(held.mean()), "size": float(size.mean())}, "findings": found, "section": section}


def _parts(frame: Any, held: np.ndarray, level: float) -> Iterator[tuple[str, int, float, float]]:
    """Slice, rows, share that is held, and how likely so few or fewer are."""
    for one in singles(frame, 4, LEAST):
        rows = int(one.rows.sum())
        yield one.name, rows, float(held[one.rows].mean()), float(binom.cdf(held[one.rows].sum(), rows, level))


def _sent(p: Predicted) -> dict[str, Any]:
    """What is right of the answers that are kept when the least sure ones go to a person."""
    assert p.probability is not None
    order = np.argsort(-p.probability.max(axis=1), kind="stable")
    right = (p.target == p.probability.argmax(axis=1))[order]
    rows = []
    for share in SENT:
        kept = right[: max(1, round(len(right) * (1 - share)))]
        rows.append([{"value": share, "unit": SHARE}, {"value": float(kept.mean()), "unit": SHARE}])
    caption = "The rows with the least probable answers go to a person; of the others, so many are answered right."
    return blocks.table("Send to a person", ["Sent", "Right among the others"], rows, caption)
