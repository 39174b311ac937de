"""How many questions it takes to copy the model."""

from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from regrow import Context
from regrow.artifacts import blocks
from regrow.artifacts.blocks import SHARE
from regrow.plugin.context import column_types
from regrow_evaluation.analyses.explanation import answered
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import Analysis, Evidence, Result, number
from regrow_evaluation.predicted import Predicted
from regrow_govern.security.settings import ExtractionSettings
from regrow_govern.security.tried import nothing, scorer_of, section, told, unable

SAID = "security.extraction", "A few questions do not copy the model", "minor"
LIMIT = (
    "the attacker knows the columns and their values, asks at random, and fits one tree; who asks better needs fewer."
)
LEAF = 3


def extraction(settings: ExtractionSettings, context: Context) -> Analysis:
    """A tree that learns from the model's answers to invented rows (Tramer et al., Stealing machine learning models via
    prediction APIs, USENIX Security 2016), each column drawn by itself from the held-out rows' values; agreement on the
    held-out rows as they are. Two classes with probabilities: whether a row is in the upper half of the scores, so that
    no constant agrees; other classes: the class; numbers: within a quarter of the answers' standard deviation."""

    def examine(evidence: Evidence) -> Result:
        if why := unable(evidence):
            return nothing(*SAID, why, LIMIT, evidence)
        copied = Copied(evidence)
        constant = copied.constant()
        if constant >= settings.agreement:
            why = f"one answer alone agrees in {constant:.1%} of the rows: there is little to copy"
            return nothing(*SAID, why, LIMIT, evidence)
        streams = [context.stream(f"attacker {one}") for one in range(settings.repeats)]
        curve = [(budget, *copied.agreement(budget, streams)) for budget in sorted(settings.budgets)]
        return _told(evidence, settings, curve, constant)

    return examine


def middle(scores: np.ndarray) -> float:
    """The score from which on about half of the rows lie; where many have the same one, as near to that as can be, and
    some rows below it."""
    values, counts = np.unique(scores, return_counts=True)
    above = np.cumsum(counts[::-1])[::-1] / len(scores)
    return float(values[1:][np.argmin(np.abs(above[1:] - 0.5))]) if len(values) > 1 else float(values[0])


class Copied:
    """What an attacker sees and is measured by."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence, self.scorer = evidence, scorer_of(evidence)
        self.middle = middle(evidence.predicted.score) if self._halves() else 0.0
        self.truth = self._said(evidence.predicted)
        self.rows = self._numbers(self.scorer.features)

    def _halves(self) -> bool:
        p = self.evidence.predicted
        return p.positive is not None and p.probability is not None

    def _said(self, p: Predicted) -> np.ndarray:
        """(n,) what is copied of the answers."""
        return (p.score >= self.middle).astype("int64") if self._halves() else p.prediction

    def constant(self) -> float:
        """The share of rows that one answer alone agrees in."""
        if self.evidence.predicted.task == REGRESSION:
            return float(self._agrees(np.full(len(self.truth), np.median(self.truth))).mean())
        return float(np.unique(self.truth, return_counts=True)[1].max() / len(self.truth))

    def _agrees(self, answers: np.ndarray) -> np.ndarray:
        if self.evidence.predicted.task == REGRESSION:
            return np.asarray(np.abs(answers - self.truth) <= np.std(self.truth) / 4)
        return np.asarray(answers == self.truth)

    def agreement(self, budget: int, streams: list[int]) -> tuple[float, tuple[float, float]]:
        """Of attackers that ask so much: the mean share of rows, and its interval over rows and attackers."""
        agreed = np.array([self._agrees(self._copy(budget, seed)) for seed in streams], dtype=float)
        by_row = agreed.mean(axis=0).var(ddof=1) / agreed.shape[1]
        by_attacker = agreed.mean(axis=1).var(ddof=1) / len(agreed) if len(agreed) > 1 else 0.0
        width = NormalDist().inv_cdf((1 + self.evidence.bootstrap.confidence) / 2) * float(
            np.sqrt(by_row + by_attacker)
        )
        value = float(agreed.mean())
        return value, (max(0.0, value - width), min(1.0, value + width))

    def _copy(self, budget: int, seed: int) -> np.ndarray:
        """What a tree that learnt from `budget` answers says of the held-out rows."""
        rng, known = np.random.Generator(np.random.PCG64(seed)), self.scorer.features
        drawn = {name: known[name].take(rng.integers(0, len(known), budget)).reset_index(drop=True) for name in known}
        asked = pd.DataFrame(drawn)
        zero = np.zeros(budget, dtype="int64")
        p = self.evidence.predicted
        like = None if p.probability is None else np.zeros((budget, len(p.classes)))
        said = self._said(answered(Predicted(p.task, zero, zero, like, p.classes, p.positive, zero, zero),
                                   self.scorer.model, asked))  # fmt: skip
        tree = (DecisionTreeRegressor if p.task == REGRESSION else DecisionTreeClassifier)(
            min_samples_leaf=LEAF, random_state=seed
        )
        return np.asarray(tree.fit(self._numbers(asked), said).predict(self.rows))

    def _numbers(self, rows: pd.DataFrame) -> np.ndarray:
        """(n, columns) float64: texts by their place among the held-out rows', dates as numbers; missing stays so."""
        kinds = column_types(rows)
        made = {}
        for name, kind in kinds.items():
            if kind in ("number", "bool"):
                made[name] = rows[name].to_numpy(dtype=float, na_value=np.nan)
            elif kind == "date":
                made[name] = rows[name].astype("int64").where(rows[name].notna()).to_numpy(dtype=float)
            else:
                levels = sorted(self.scorer.features[name].dropna().unique(), key=str)
                place = {level: float(n) for n, level in enumerate(levels)}
                made[name] = rows[name].map(place).to_numpy(dtype=float, na_value=np.nan)
        return np.column_stack(list(made.values()))


Curve = list[tuple[int, float, tuple[float, float]]]


def _told(evidence: Evidence, settings: ExtractionSettings, curve: Curve, constant: float) -> Result:
    reached = next((budget for budget, value, _ in curve if value >= settings.agreement), None)
    surely = next((budget for budget, _, ends in curve if ends[0] >= settings.agreement), None)
    perhaps = next((budget for budget, _, ends in curve if ends[1] >= settings.agreement), None)
    last, value, ends = curve[-1]
    if reached is None:
        seen = f"After {last:,} questions a tree agrees in {value:.1%} of the rows, and {settings.agreement:.0%} was "
        seen += "asked."
    else:
        seen = f"A tree agrees in {settings.agreement:.0%} of the rows after {reached:,} questions"
        seen += f" (surely after {surely:,})." if surely else "."
    seen += f" One answer alone agrees in {constant:.1%}."
    verdict: bool | str = "not enough data"
    if surely is not None and surely < settings.least:
        verdict = False
    elif perhaps is None or perhaps >= settings.least:
        verdict = True
    numbers: dict[str, Any] = {"agreement": number(value, ends, SHARE)}
    found = told(*SAID, verdict, seen, LIMIT, numbers=numbers, n=len(evidence.predicted.target))
    body = [[f"{budget:,}", number(value, ends, SHARE)] for budget, value, ends in curve]
    table = blocks.table("Copying it", ["Questions", "Answers that the copy agrees in"], body, LIMIT)
    return {"metrics": {"agreement": value, "constant": constant}, "findings": [found],
            "section": section("How soon it is copied", 64, [table])}  # fmt: skip
