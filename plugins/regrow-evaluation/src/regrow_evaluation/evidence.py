"""What an analysis looks at, and what it returns."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from regrow_evaluation.asked import Asked
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.predicted import Predicted, constant
from regrow_evaluation.resampling import Bootstrap
from regrow_evaluation.settings import Objective

FEW_OF_A_CLASS = 10
FEW_ROWS = 30
DOCS = "docs/evaluate.md#"
#: Of these, the page has a part for each second word; of others, one for the first.
TWO_WORDS = ("guess.", "calibration.", "slices.", "harm.", "champion.comparable", "uncertainty.", "explanation.",
             "robustness.", "drift.", "fairness.", "staleness.", "cross_testing.")  # fmt: skip

Result = Mapping[str, Any]


@dataclass(frozen=True)
class FittedModel:
    """The fitted model, where it was fitted on none of the rows that are held out."""

    model: Any
    #: of the held-out rows, in the order of the predictions; what the model takes
    features: pd.DataFrame
    #: of the rows that it was fitted on, and their target
    training: pd.DataFrame
    target: np.ndarray
    #: their places in the table
    rows: np.ndarray | None = None


@dataclass(frozen=True)
class Evidence:
    """What was recorded of a model."""

    #: held-out rows, ordered as `columns`
    predicted: Predicted
    #: what is known of each held-out row: the features, or where there are none the table without the target
    columns: pd.DataFrame
    #: the whole table, whose rows `predicted.row` names
    table: pd.DataFrame
    #: metrics.json
    metrics: Mapping[str, Any]
    #: the metrics of the settings that this model can have; the first one ranks
    asked: Mapping[str, Asked]
    bootstrap: Bootstrap
    objective: Objective
    #: None where there is no model, or it learnt from the rows that are held out, as under k-fold
    scorer: FittedModel | None = None
    #: what the model in use predicted for the same rows, as far as it did
    champion: pd.DataFrame | None = None
    #: whose they are, "" where settings do not pin it
    champion_commit: str = ""
    #: a file of cases that must pass
    cases: Path | None = None
    #: rows that were learnt from, for what compares; None where that is not known
    training: pd.DataFrame | None = None
    #: (n,) their places in the table
    learnt: np.ndarray | None = None
    #: under repeated k-fold the same rows in the folds of the second repeat, the third, ...
    repeats: tuple[Predicted, ...] = ()

    @property
    def leading(self) -> tuple[str, Asked]:
        """The metric that ranks: its key, and itself."""
        return next(iter(self.asked.items()))

    @cached_property
    def lacking(self) -> str:
        """Why these rows decide nothing; "" where there are enough."""
        p = self.predicted
        if len(p.target) < FEW_ROWS:
            rows = f"{len(p.target)} rows are" if len(p.target) != 1 else "1 row is"
            return f"{rows} held out, and {FEW_ROWS} are the least"
        if p.task == REGRESSION:
            return ""
        counts = np.bincount(p.target, minlength=len(p.classes))
        rare = int(counts.argmin())
        if counts[rare] >= FEW_OF_A_CLASS:
            return ""
        many = f"{counts[rare]} held-out rows are" if counts[rare] != 1 else "1 held-out row is"
        return f"{many} of class {p.classes[rare]}, and {FEW_OF_A_CLASS} are the least"

    @cached_property
    def guess(self) -> Predicted:
        """What a guess that looks at no feature says of the same rows, fold by fold."""
        return guess_of(self.predicted)


def guess_of(p: Predicted) -> Predicted:
    """A guess from the targets of each fold alone, in the order of the rows."""
    parts = [np.flatnonzero(p.fold == fold) for fold in np.unique(p.fold)]
    made = [constant(p.rows(part)) for part in parts]
    return stacked(made).rows(np.argsort(np.concatenate(parts), kind="stable"))


def stacked(parts: list[Predicted]) -> Predicted:
    """Rows of several under one another."""
    first = parts[0]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in
              ("target", "prediction", "fold", "row")}  # fmt: skip
    shares = None if first.probability is None else np.concatenate([part.probability for part in parts])
    return Predicted(first.task, joined["target"], joined["prediction"], shares, first.classes, first.positive,
                     joined["fold"], joined["row"])  # fmt: skip


class Analysis(Protocol):
    """What a factory of the kind `analysis` makes."""

    def __call__(self, evidence: Evidence) -> Result:
        """By name, each where there is any: "metrics" (nested numbers), "findings" (a list), "section"."""


def finding(code: str, title: str, severity: str, verdict: bool | str, **more: Any) -> dict[str, Any]:
    """A finding with its place in the documentation. verdict: True for passed, False for failed, or in words."""
    told = {True: "passed", False: "failed"}.get(verdict, verdict) if isinstance(verdict, bool) else verdict
    made = {"code": code, "title": title, "severity": severity, "verdict": told}
    known = code if code.startswith(TWO_WORDS) else code.partition(".")[0]
    return {**made, "docs": DOCS + "".join(known.split(".")[:2]), **more}  # an anchor has no dots


def number(value: float, interval: tuple[float, float] | None = None, unit: str = "") -> dict[str, Any]:
    """A number of a finding or a section."""
    made: dict[str, Any] = {"value": float(value)}
    if interval is not None:
        made["interval"] = [float(interval[0]), float(interval[1])]
    return {**made, "unit": unit} if unit else made


def not_enough(code: str, title: str, severity: str, why: str, rows: int) -> dict[str, Any]:
    """The finding of what can't be said with these rows."""
    return finding(code, title, severity, "not enough data", seen=f"{why}.", n=rows)


def check(analysis: Analysis, kit: Any) -> Any:
    """The contract kit's try: of predictions that are right in most rows, what it returns is of the right types."""
    from regrow.artifacts import findings, section
    from regrow.artifacts.jsontext import dumps
    from regrow_evaluation.kit import evidence

    made = dict(analysis(evidence(kit)))
    if odd := sorted(made.keys() - {"metrics", "findings", "section", "threshold"}):
        raise ValueError(f"returns {odd[0]!r}; an analysis returns metrics, findings, section")
    findings.check(made.get("findings", []))
    if "section" in made:
        section.check(made["section"])
    return dumps({name: made[name] for name in ("metrics", "findings") if name in made})
