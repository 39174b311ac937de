"""Figures as pictures: bars for W1, lines for what grows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.goals import Results
from benchmarks.place import W1_PARTS
from benchmarks.rounds import median
from benchmarks.tables import measured, seconds

OURS, FLOOR, OTHER = "#2a7f62", "#9a9a9a", "#c7cdd4"
OTHERS = ("#c0504d", "#4f6d9c", "#b58900", "#9a9a9a")
GROWTH = {"stages": "stages in dvc.yaml", "files": "tracked files", "experiments": "experiments"}


def draw(results: Results, folder: Path) -> list[str]:
    """Write the pictures; their names."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = {f"{part}.svg": bars(results, part) for part in W1_PARTS if measured(results, part)}
    if any(measured(results, part) for part in GROWTH):
        figures["growth.svg"] = lines(results)
    for name, figure in figures.items():
        _save(figure, folder / name)
    return list(figures)


def _save(figure: Any, file: Path) -> None:
    """The same figure gives the same bytes; text stays text, which is smaller than its outlines."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update({"svg.hashsalt": "regrow", "svg.fonttype": "none"})
        figure.savefig(file, format="svg", metadata={"Date": None})


def bars(results: Results, part: str) -> Any:
    """One for each command, the quickest on top, from the quickest to the slowest round as a line."""
    from matplotlib.figure import Figure

    rows = sorted(measured(results, part), key=median, reverse=True)
    figure = Figure(figsize=(8, 0.5 + 0.32 * len(rows)), layout="constrained")
    axes = figure.subplots()
    axes.barh(range(len(rows)), [median(row) for row in rows], color=[_colour(row) for row in rows], height=0.7)
    for place, row in enumerate(rows):
        axes.plot([min(row["seconds"]), max(row["seconds"])], [place, place], color="#333333", linewidth=1)
        axes.annotate(
            seconds(median(row)), (max(row["seconds"]), place), (4, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(range(len(rows)), [row["who"] for row in rows])
    axes.set_xlabel("seconds")
    axes.margins(x=0.1)
    axes.set_xlim(left=0)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _colour(row: Mapping[str, Any]) -> str:
    who = row["who"]
    return OURS if "regrow" in who else FLOOR if "Python process" in who else OTHER


def lines(results: Results) -> Any:
    """A panel for each thing that grows, both axes logarithmic."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.2), layout="constrained")
    for axes, (part, unit) in zip(figure.subplots(1, len(GROWTH)), GROWTH.items(), strict=True):
        rows, others = measured(results, part), iter(OTHERS)
        for name in dict.fromkeys(row["who"] for row in rows):
            points = sorted((row["size"], median(row)) for row in rows if row["who"] == name)
            colour = OURS if "regrow" in name else next(others)
            axes.loglog(*zip(*points, strict=True), marker="o", label=name, color=colour)
        axes.minorticks_off()
        axes.set_xlabel(unit)
        axes.set_ylabel("seconds")
        axes.spines[["top", "right"]].set_visible(False)
        if rows:
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1), fontsize="small", frameon=False)
    return figure
