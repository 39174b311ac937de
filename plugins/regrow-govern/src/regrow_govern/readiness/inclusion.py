"""Whether groups are served alike."""

from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from regrow import Context
from regrow.artifacts import blocks
from regrow.plugin.context import column_types
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import Analysis, Evidence, Result, number
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.weighted import errors
from regrow_govern.readiness.settings import InclusionSettings
from regrow_govern.security.tried import nothing, section, told

SAID = "ready.inclusion", "Groups are served alike", "major"
LIMIT = "groups that the table names; who is in no column is not looked at, and alike is not fair."
LEVELS, MOST = 20, 20


def inclusion(settings: InclusionSettings, context: Context) -> Analysis:
    """The gap between the two groups of a column that are furthest apart: two classes, of the positives the share found
    (equal opportunity; Hardt, Price and Srebro, NeurIPS 2016); other classes, the share that is right; numbers, the
    mean absolute error in standard deviations of the target. Its interval is Bonferroni's, for all pairs of groups."""

    def examine(evidence: Evidence) -> Result:
        if evidence.lacking:
            return nothing(*SAID, evidence.lacking, LIMIT, evidence)
        names = settings.columns if settings.columns is not None else named(evidence)
        looked = [one for one in (_column(evidence, name, settings) for name in names) if one]
        if not looked:
            return nothing(*SAID, "no column says a group of enough rows", LIMIT, evidence)
        body = [[name, gap["low"], gap["high"], number(gap["gap"], gap["ends"])] for name, gap in looked]
        table = blocks.table("Groups", ["Column", "Least well served", "Best served", "Gap"], body, LIMIT)
        found = [_finding(name, gap, settings) for name, gap in looked]
        gaps = {"gap": max(gap["gap"] for _, gap in looked)}
        return {"metrics": gaps, "findings": found, "section": section("Groups", 73, [table])}

    return examine


def named(evidence: Evidence) -> list[str]:
    """Texts and truth values of the table, of few values, that are not what is predicted."""
    held_out = evidence.table.iloc[evidence.predicted.row]
    kinds = column_types(held_out)
    fit = [name for name, kind in kinds.items() if kind in ("text", "bool") and 2 <= held_out[name].nunique() <= LEVELS]
    truth = np.asarray(evidence.predicted.target)
    return [name for name in fit if not _is_target(held_out[name], truth, evidence.predicted)][:MOST]


def _is_target(values: pd.Series, truth: np.ndarray, p: Predicted) -> bool:
    """Whether a column is the target by another name: each value goes with one class."""
    if p.task == REGRESSION:
        return False
    pairs = pd.crosstab(values.astype(str).to_numpy(), truth)
    return bool(((pairs > 0).sum(axis=1) == 1).all())


def served(p: Predicted) -> tuple[np.ndarray, np.ndarray]:
    """How well each row is served, (n,), larger is better; and the rows that this is asked of, (n,) bool."""
    if p.task == REGRESSION:
        return -np.asarray(errors(p)) / max(float(np.std(p.target)), 1e-12), np.ones(len(p.target), dtype=bool)
    right = (p.prediction == p.target).astype(float)
    return right, p.is_positive if p.positive is not None else np.ones(len(right), dtype=bool)


def _column(evidence: Evidence, name: str, settings: InclusionSettings) -> tuple[str, dict[str, Any]] | None:
    p = evidence.predicted
    groups = evidence.table[name].iloc[p.row].astype(object)
    groups = groups.where(groups.notna(), "missing").astype(str).to_numpy()
    values, asked = served(p)
    parts = {group: values[asked & (groups == group)] for group in sorted(set(groups))}
    parts = {group: part for group, part in parts.items() if len(part) >= settings.least_rows}
    if len(parts) < 2:
        return None
    means = {group: float(part.mean()) for group, part in parts.items()}
    low, high = min(means, key=lambda one: (means[one], one)), max(means, key=lambda one: (means[one], one))
    spread = float(np.sqrt(sum(parts[one].var(ddof=1) / len(parts[one]) for one in (low, high))))
    pairs = len(parts) * (len(parts) - 1) / 2
    width = NormalDist().inv_cdf(1 - (1 - evidence.bootstrap.confidence) / 2 / pairs) * spread
    gap = means[high] - means[low]
    return name, {"gap": gap, "ends": (gap - width, gap + width), "low": low, "high": high, "groups": len(parts),
                  "rows": sum(map(len, parts.values()))}  # fmt: skip


def _finding(name: str, gap: dict[str, Any], settings: InclusionSettings) -> dict[str, Any]:
    fails = gap["ends"][0] > 0 and gap["gap"] > settings.at_most
    seen = f"Of {gap['groups']} groups by {name}, {gap['high']} is served best and {gap['low']} least."
    title = f"{SAID[1]}, by {name}"
    numbers = {"gap": number(gap["gap"], gap["ends"])}
    return told(f"{SAID[0]}.{name}", title, SAID[2], not fails, seen, LIMIT, numbers=numbers, n=gap["rows"])
