"""The report's figures. Each function returns SVG text; call them inside `svg.style()`."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from regrow_evaluation.catalogue import BINARY, REGRESSION
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.svg import INK, MUTED, PAPER, SERIES, inline, plain

LABEL = 16  # characters of a class name that fit beside an axis
CLASSES = 8  # that a confusion matrix or a legend shows before it is unreadable
DOTS = 500  # of a scatter plot: more hide each other


def performance(curve: pd.DataFrame, task: str) -> str:
    """ROC curves, or the regression error characteristic, from columns x, y, series."""
    figure, axes = _empty()
    series = _series(curve)
    if task == REGRESSION:
        for number, (name, points) in enumerate(series):
            look = {"color": SERIES[0]} if number == 0 else {"color": MUTED, "linestyle": (0, (4, 3)), "linewidth": 1.2}
            axes.plot(points["x"], points["y"], label=plain(name, LABEL + 4), **look)
        reached = curve.loc[curve["y"] >= 0.99, "x"]  # the last hundredth of the rows would squeeze all the others
        axes.set(xlim=(0, reached.min() if len(reached) and reached.min() > 0 else None), ylim=(0, 1.02))
        axes.set(xlabel="tolerance (absolute error)", ylabel="share of rows within it")
        axes.legend(loc="lower right")
        return inline(figure, "Regression error characteristic", _points_told(series, "tolerance", "share"))
    _diagonal(axes, 0, 1)
    for (name, points), colour in zip(series, SERIES, strict=False):
        axes.plot(points["x"], points["y"], color=colour, label=plain(name, LABEL), clip_on=False)
    if task == BINARY:
        axes.fill_between(series[0][1]["x"], series[0][1]["y"], color=SERIES[0], alpha=0.08, linewidth=0)
    else:
        axes.legend(loc="lower right")
    axes.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="false positive rate", ylabel="true positive rate")
    return inline(figure, "ROC curve", _points_told(series, "false positive rate", "true positive rate"))


def calibration(curve: pd.DataFrame, task: str) -> str:
    """What was predicted against what came true, with the diagonal on which both are the same."""
    figure, axes = _empty()
    series = _series(curve)
    low, high = (curve[["x", "y"]].min().min(), curve[["x", "y"]].max().max()) if task == REGRESSION else (0, 1)
    _diagonal(axes, low, high)
    for (name, points), colour in zip(series, SERIES, strict=False):
        axes.plot(
            points["x"], points["y"], color=colour, marker="o", markersize=4.5, label=plain(name, LABEL), clip_on=False
        )
    labels = {
        BINARY: ("predicted probability", "share that came true"),
        REGRESSION: ("mean prediction", "mean target"),
    }.get(task, ("probability of the predicted class", "share that was right"))
    axes.set(xlabel=labels[0], ylabel=labels[1])
    if task != REGRESSION:
        axes.set(xlim=(0, 1), ylim=(0, 1.02))
    return inline(figure, "Calibration curve", _points_told(series, *labels))


def confusion(predicted: Predicted) -> str:
    """Counts of target by prediction, shaded by the share of the row; the classes past the first ones together."""
    counts, names = confusion_counts(predicted)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    size = len(names)
    figure, axes = _empty()
    axes.grid(visible=False)
    for (row, column), count in np.ndenumerate(counts):
        colour = SERIES[0] if row == column else SERIES[1]
        alpha = 0.06 + 0.44 * share[row, column]
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor=colour, alpha=alpha, edgecolor="none"))
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor="none", edgecolor=PAPER, linewidth=1.5))
        middle = column + 0.5, row + 0.5
        if size > 4:
            axes.text(*middle, f"{count:,}", ha="center", va="center", color=INK, fontsize=8)
            continue
        axes.text(middle[0], middle[1] - 0.06, f"{count:,}", ha="center", va="center", color=INK, fontsize=12)
        axes.text(middle[0], middle[1] + 0.18, f"{share[row, column]:.0%}", ha="center", va="center", color=INK)
    ticks = np.arange(size) + 0.5
    room = 40 // size if size <= 4 else 9  # characters that fit under a cell, or slanted under a narrow one
    under = [plain(name, min(room, LABEL)) for name in names]
    axes.set_xticks(ticks, under, rotation=0 if size <= 4 else 40, ha="center" if size <= 4 else "right")
    axes.set_yticks(ticks, [plain(name, LABEL if size <= 4 else 12) for name in names])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set(xlim=(0, size), ylim=(size, 0), xlabel="predicted", ylabel="true")
    told = "; ".join(
        f"true {names[row]} predicted {names[column]}: {count}" for (row, column), count in np.ndenumerate(counts)
    )
    return inline(figure, "Confusion matrix", f"Rows of each class by what was predicted. {told}.")


def confusion_counts(predicted: Predicted) -> tuple[np.ndarray, list[str]]:
    """(k, k) counts, rows true, columns predicted, and the k names: at most CLASSES, the rarest summed in the last."""
    size = len(predicted.classes)
    codes, names = np.arange(size), list(predicted.classes)
    if size > CLASSES:
        order = np.argsort(-np.bincount(predicted.target, minlength=size), kind="stable")
        kept = np.sort(order[: CLASSES - 1])
        codes = np.full(size, CLASSES - 1)
        codes[kept] = np.arange(CLASSES - 1)
        names = [*(predicted.classes[k] for k in kept), f"{size - CLASSES + 1} others"]
    counts = np.zeros((len(names), len(names)), dtype=int)
    np.add.at(counts, (codes[predicted.target], codes[predicted.prediction]), 1)
    return counts, names


def residuals(predicted: Predicted) -> str:
    """Target minus prediction against prediction, for at most DOTS rows evenly spaced in the order of prediction."""
    order = np.lexsort((predicted.target, predicted.prediction))
    chosen = order[np.unique(np.linspace(0, len(order) - 1, min(DOTS, len(order))).round().astype(int))]
    x, y = predicted.prediction[chosen], (predicted.target - predicted.prediction)[chosen]
    figure, axes = _empty()
    axes.axhline(0, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    axes.plot(x, y, linestyle="none", marker="o", markersize=3, color=SERIES[0], alpha=0.45, markeredgewidth=0)
    axes.set(xlabel="prediction", ylabel="target \u2212 prediction")
    told = f"{len(x)} rows; residuals from {y.min():.4g} to {y.max():.4g}, their median {np.median(y):.4g}."
    return inline(figure, "Residuals", told)


def histogram(predicted: Predicted) -> str:
    """Distribution of a numeric target over the held-out rows."""
    figure, axes = _empty(height=2.4)
    counts, _, _ = axes.hist(predicted.target, bins=30, color=SERIES[0], alpha=0.6, edgecolor=PAPER, linewidth=0.8)
    axes.grid(visible=False, axis="x")
    axes.set(xlabel="target", ylabel="rows")
    low, high = predicted.target.min(), predicted.target.max()
    told = f"Target from {low:.4g} to {high:.4g} in 30 bins, at most {max(counts):.0f} rows each."
    return inline(figure, "Distribution of the target", told)


def _empty(width: float = 4.6, height: float = 3.7) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _series(curve: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The series in the order of their first points, at most as many as there are colours."""
    return [(str(name), points) for name, points in curve.groupby("series", sort=False, dropna=False)][: len(SERIES)]


def _diagonal(axes: Axes, low: float, high: float) -> None:
    axes.plot([low, high], [low, high], color=MUTED, linewidth=1, linestyle=(0, (4, 3)), zorder=1)


def _points_told(series: list[tuple[str, pd.DataFrame]], x: str, y: str) -> str:
    """A curve in words: a few of its points."""
    told = []
    for name, points in series:
        chosen = points.iloc[np.unique(np.linspace(0, len(points) - 1, min(5, len(points))).round().astype(int))]
        told.append(
            f"{name}: "
            + ", ".join(f"{y} {b:.3g} at {x} {a:.3g}" for a, b in zip(chosen["x"], chosen["y"], strict=True))
        )
    return ". ".join(told) + "."
