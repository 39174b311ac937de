"""Held-out rows against those that were learnt from, column by column."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from regrow import Context
from regrow.artifacts import blocks
from regrow.artifacts.blocks import SHARE
from regrow.plugin.context import column_types
from regrow_evaluation.analyses.settings import DriftSettings
from regrow_evaluation.evidence import Analysis, Evidence, Result, finding, number

SAME = "drift.column", "Held-out rows are like those that were learnt from", "minor"


def drift(settings: DriftSettings, context: Context) -> Analysis:
    """Nothing where it is not known which rows were learnt from, as under k-fold."""

    def examine(evidence: Evidence) -> Result:
        if evidence.training is None:
            return {}
        apart = list(distances(evidence.training, evidence.columns))
        return _told(apart, settings, len(evidence.predicted.target))

    return examine


def distances(old: pd.DataFrame, new: pd.DataFrame) -> Iterator[tuple[str, float, float]]:
    """Column, distance in [0, 1] and p-value: Kolmogorov-Smirnov of numbers and dates; total variation and chi-square
    of values and of what is missing."""
    for name, kind in column_types(new).items():
        one, other = old[name], new[name]
        known = one.dropna(), other.dropna()
        if kind in ("number", "date") and one.nunique() > 10 and min(map(len, known)):
            values = [part.astype("int64") if kind == "date" else part.astype(float) for part in known]
            found = stats.ks_2samp(*values, method="asymp")
            yield name, float(found.statistic), float(found.pvalue)
        elif 1 < pd.concat([one, other]).nunique(dropna=False) <= len(one) / 2:
            yield name, *_of_values(one, other)


def _of_values(one: pd.Series, other: pd.Series) -> tuple[float, float]:
    counts = pd.concat([part.astype(object).where(part.notna(), "").value_counts() for part in (one, other)], axis=1)
    table = counts.fillna(0).to_numpy().T
    common = table[:, table.sum(axis=0) >= 10]
    rare = table[:, table.sum(axis=0) < 10].sum(axis=1, keepdims=True)
    table = np.hstack([common, rare]) if rare.sum() else common
    if table.shape[1] < 2:
        return 0.0, 1.0
    shares = table / table.sum(axis=1, keepdims=True)
    return float(np.abs(shares[0] - shares[1]).sum() / 2), float(stats.chi2_contingency(table).pvalue)


def _told(apart: list[tuple[str, float, float]], settings: DriftSettings, rows: int) -> Result:
    moved = [(name, far, min(1.0, p * len(apart))) for name, far, p in apart]
    loud = sorted(
        (one for one in moved if one[2] <= settings.error_rate and one[1] >= settings.effect), key=lambda one: -one[1]
    )
    found = [
        finding(f"{SAME[0]}.{name}", f"{name} is in held-out rows as in those that were learnt from", SAME[2], False,
                seen=f"The distributions are {far:.3f} apart, of at most 1.", numbers={"distance": number(far)}, n=rows)
        for name, far, _ in loud
    ]  # fmt: skip
    seen = f"{len(apart)} columns were compared; none is {settings.effect:g} apart beyond chance."
    body: list[list[Any]] = [[name, far, {"value": chance, "unit": SHARE}] for name, far, chance in
                             sorted(moved, key=lambda one: -one[1])]  # fmt: skip
    table = blocks.table("Columns, the furthest apart first", ["Column", "Distance", "By chance"], body)
    section = {"title": "Held-out rows against the others", "level": "analyse", "order": 18, "blocks": [table]}
    metrics = {"furthest": max((far for _, far, _ in moved), default=0.0), "columns": len(apart)}
    return {"metrics": metrics, "findings": found or [finding(*SAME, True, seen=seen, n=rows)], "section": section}
