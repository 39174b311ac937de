"""How much wrong labels cost: some of the training labels are flipped, and the model is fitted again."""

from typing import Any

import numpy as np

from regrow import Context
from regrow.artifacts import blocks
from regrow.artifacts.blocks import SHARE
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import Analysis, Evidence, Result, number
from regrow_govern.security.settings import FlipsSettings
from regrow_govern.security.tried import (
    answers,
    apart,
    ends_of,
    fitted,
    nothing,
    scorer_of,
    section,
    told,
    turned,
    unable,
    within,
    worse,
)  # fmt: skip

SAID = "security.flips", "A few wrong labels do not undo the model", "minor"
LIMIT = "labels are flipped at random; somebody who knows the model chooses better."


def flips(settings: FlipsSettings, context: Context) -> Analysis:
    """The leading metric on held-out rows after a share of the training labels was flipped (Biggio, Nelson and Laskov,
    Support Vector Machines under adversarial label noise, ACML 2011): a class to another one, a number to that of
    another row. The interval is of rows and draws together."""

    def examine(evidence: Evidence) -> Result:
        if why := unable(evidence):
            return nothing(*SAID, why, LIMIT, evidence)
        curve = [_at(evidence, share, settings, context) for share in settings.shares]
        if not any(one["drawn"] for one in curve):
            return nothing(*SAID, "the model can't be fitted on such labels", LIMIT, evidence)
        return _told(evidence, settings, curve)

    return examine


def flipped(y: np.ndarray, share: float, task: str, seed: int) -> np.ndarray:
    """(n,) targets of which a share, one at least, is another one."""
    rng = np.random.Generator(np.random.PCG64(seed))
    chosen = rng.permutation(len(y))[: max(1, round(share * len(y)))]
    made = y.copy()
    if task == REGRESSION:
        made[chosen] = y[rng.permutation(len(y))[: len(chosen)]]
        return made
    classes, codes = np.unique(y, return_inverse=True)
    made[chosen] = classes[(codes[chosen] + rng.integers(1, max(len(classes), 2), len(chosen))) % len(classes)]
    return made


def _at(evidence: Evidence, share: float, settings: FlipsSettings, context: Context) -> dict[str, Any]:
    """What a share costs, draw by draw."""
    scorer, p = scorer_of(evidence), evidence.predicted
    lost: list[float] = []
    drawn: list[np.ndarray] = []
    moved: list[float] = []
    for repeat in range(settings.repeats):
        y = flipped(scorer.target, share, p.task, context.stream(f"{share:g}/{repeat}"))
        try:
            model = fitted(scorer, scorer.training, y)
        except ValueError:
            continue
        new = answers(evidence, model)
        lost.append(worse(evidence, p, new))
        drawn.append(apart(evidence, p, new))
        moved.append(float(turned(p, new, float(np.std(scorer.target)) if p.task == REGRESSION else 0.0).mean()))
    return {"share": share, "lost": lost, "drawn": drawn, "moved": moved}


def _told(evidence: Evidence, settings: FlipsSettings, curve: list[dict[str, Any]]) -> Result:
    key, metric = evidence.leading
    made = []
    for one in (one for one in curve if one["drawn"]):
        ends = ends_of(np.concatenate(one["drawn"]), evidence)
        made.append((one["share"], float(np.mean(one["lost"])), ends, float(np.mean(one["moved"]))))
    share, lost, ends, moved = made[-1]
    had = evidence.metrics.get("baseline", {}).get(key, np.nan)
    over = metric.gain * (evidence.metrics[key] - had)
    verdict = within(ends, settings.at_most * over)
    seen = f"With {share:.0%} of the training labels flipped, {key} is worse by {lost:.4g}, and {moved:.1%} of the "
    seen += f"answers are others; over a guess the model has {over:.4g}, of which {settings.at_most:.0%} may be lost."
    rows = len(evidence.predicted.target)
    found = told(*SAID, verdict, seen, LIMIT, numbers={"lost": number(lost, ends)}, n=rows)
    body = [[f"{share:.0%}", number(lost, ends), {"value": moved, "unit": SHARE}] for share, lost, ends, moved in made]
    table = blocks.table("Wrong labels", ["Labels flipped", f"{key} is worse by", "Answers that turn"], body, LIMIT)
    return {"metrics": {"lost": lost, "turned": moved}, "findings": [found],
            "section": section("What wrong labels cost", 60, [table])}  # fmt: skip
