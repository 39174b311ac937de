"""A figure for each column: how its values are distributed, and the target along them."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from regrow_evaluation.svg import SERIES, inline, plain, style
from regrow_profile.columns import as_numbers, kind

BARS = 20
LEVELS = 10
LABEL = 14


def distribution(column: pd.Series, target: pd.Series | None, said: str) -> str:
    """SVG text. target: (n,) numbers, drawn as means along the column; None draws the column alone. said: what the
    target's axis is called. A column without values has no figure: ""."""
    present = column.notna()
    if not present.any():
        return ""
    with style():
        figure = Figure(figsize=(4.4, 2.6), layout="constrained")
        axes = figure.add_subplot()
        if kind(column) in ("number", "date"):
            places, counts, means, labels = _numbers(column[present], None if target is None else target[present])
        else:
            places, counts, means, labels = _levels(column[present], None if target is None else target[present])
        width = 0.8 if labels else (places[1] - places[0] if len(places) > 1 else 1.0) * 0.95
        axes.bar(places, counts, width=width, color=SERIES[0], alpha=0.45, linewidth=0)
        axes.set(ylabel="rows", xlabel=plain(column.name, 40))
        if labels:
            axes.set_xticks(places, labels, rotation=40, ha="right", rotation_mode="anchor")
        elif kind(column) == "date":
            some = places[:: max(1, len(places) // 4)]
            days = pd.to_datetime((some * 86_400e6).astype("int64"), unit="us")
            axes.set_xticks(some, [f"{day:%Y-%m-%d}" for day in days])
        if means is not None:
            beside = axes.twinx()
            beside.grid(visible=False)
            beside.plot(places, means, color=SERIES[1], marker="o", markersize=3)
            beside.set_ylabel(plain(said, 24))
            beside.spines["right"].set_visible(False)
        told = f"{int(present.sum()):,} values" + (f"; mean {said} along them" if means is not None else "")
        return inline(figure, f"Distribution of {column.name}", told)


def _numbers(
    column: pd.Series, target: pd.Series | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, list[str]]:
    values = as_numbers(column)
    low, high = np.quantile(values, [0.005, 0.995])
    if low == high:
        low, high = float(values.min()), float(values.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, BARS + 1)
    bins = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, BARS - 1)  # what lies beyond counts at the ends
    counts = np.bincount(bins, minlength=BARS)
    means = None
    if target is not None:
        sums = np.bincount(bins, weights=target.to_numpy(dtype="float64"), minlength=BARS)
        means = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return (edges[:-1] + edges[1:]) / 2, counts, means, []


def _levels(column: pd.Series, target: pd.Series | None) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, list[str]]:
    names = column.astype("str")
    counts = names.value_counts().sort_index().sort_values(ascending=False, kind="stable")
    shown = list(counts.index[:LEVELS])
    folded = names.where(names.isin(shown), "(others)")
    order = [*shown, *(["(others)"] if len(counts) > LEVELS else [])]
    rows = folded.value_counts()
    means = None
    if target is not None:
        by_level = target.groupby(folded).mean()
        means = np.array([by_level[name] for name in order], dtype="float64")
    labels = [plain(name, LABEL) for name in order]
    return np.arange(len(order)), np.array([rows[name] for name in order]), means, labels
