"""Figures of analyses: lines by name, and horizontal bars. Call them inside `svg.style()`."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from regrow_evaluation.svg import MUTED, SERIES, inline, plain


def lines(title: str, labels: tuple[str, str], series: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> str:
    """SVG text. The first line is the model's; the others are what it is held against."""
    figure = Figure(figsize=(4.6, 3.7), layout="constrained")
    axes = figure.add_subplot()
    for number, (name, (x, y)) in enumerate(series.items()):
        look = (
            {"color": SERIES[0]}
            if not number
            else {"color": SERIES[number % 8], "linestyle": (0, (4, 3)), "linewidth": 1.2}
        )
        axes.plot(x, y, label=plain(name, 24), **look)
    first = next(iter(series.values()))[1]
    low, high = min(0.0, float(np.min(first))), float(np.max(first))
    room = (high - low) or 1.0
    axes.set(xlabel=labels[0], ylabel=labels[1], ylim=(low - 0.15 * room, high + 0.1 * room))
    axes.legend(loc="best")
    told = "; ".join(f"{name}: {labels[1]} from {y[0]:.3g} to {y[-1]:.3g}" for name, (_, y) in series.items())
    return inline(figure, title, f"{told}.")


def bars(title: str, label: str, named: Sequence[tuple[str, float, float]]) -> str:
    """SVG text: (name, value, spread) from top to bottom."""
    figure = Figure(figsize=(4.6, 0.8 + 0.3 * len(named)), layout="constrained")
    axes = figure.add_subplot()
    names = [plain(name, 24) for name, _, _ in named][::-1]
    values, spreads = ([one[k] for one in named][::-1] for k in (1, 2))
    axes.barh(range(len(named)), values, xerr=spreads, color=SERIES[0], alpha=0.7, height=0.6, ecolor=MUTED)
    axes.set_yticks(range(len(named)), names)
    axes.grid(visible=False, axis="y")
    axes.set(xlabel=label)
    return inline(figure, title, "; ".join(f"{name}: {value:.3g} ± {spread:.2g}" for name, value, spread in named))
