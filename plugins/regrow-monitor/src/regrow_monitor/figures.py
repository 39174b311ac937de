"""How the largest number of each day went, of the subjects that went furthest."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from regrow_evaluation import svg
from regrow_evaluation.svg import INK, MUTED, SERIES, inline, plain

MOST, LABEL, FEW = 3, 18, 15


def course(numbers: pd.DataFrame, limit: float, order: list[str]) -> str:
    """SVG of |number| by day. order: subjects, those first that are drawn in colour; of all others the largest."""
    sized = numbers.assign(size=numbers["number"].abs())
    table = sized.pivot_table(index="day", columns="subject", values="size", aggfunc="max")
    days = [str(one) for one in table.index]
    first, rest = order[:MOST], [name for name in table if name not in order[:MOST]]
    with svg.style():
        figure = Figure(figsize=(6.4, 3.0), layout="constrained")
        axes = figure.subplots()
        place = np.arange(len(days))
        if rest:
            axes.plot(place, table[rest].max(axis=1).to_numpy(), color=MUTED, linewidth=1.0, label="all others")
        dot = "o" if len(days) < FEW else None  # a line of one day is none
        for name, colour in zip(first, SERIES, strict=False):
            axes.plot(place, table[name].to_numpy(), color=colour, marker=dot, label=plain(name, LABEL))
        axes.axhline(limit, color=INK, linewidth=1.0, linestyle=(0, (4, 3)))
        ticks = np.unique(np.linspace(0, len(days) - 1, min(len(days), 5)).astype(int))
        axes.set_xticks(ticks, [days[n] for n in ticks])
        axes.set(ylim=(0, None), ylabel="size of the number")
        axes.legend(loc="upper left", ncols=2)
        told = "; ".join(f"{name}: {table[name].iloc[-1]:.2f} on {days[-1]}" for name in first)
        return inline(figure, "The largest number of each day", f"limit {limit:g}; {told}")
