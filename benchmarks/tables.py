"""Figures as tables of Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks import serving
from benchmarks.goals import GOALS, Goal, Results, figure, met
from benchmarks.rounds import median
from benchmarks.servers import servers
from benchmarks.serving import name_of

BASE = {"a": "the floor", "b": "dvc repro", "c": "the floor", "d": "the floor", "e": "dvc repro", "f": "dvc repro"}
Rows = Sequence[Mapping[str, Any]]


def seconds(value: float) -> str:
    """With as many digits as mean something."""
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def measured(results: Results, part: str) -> list[Mapping[str, Any]]:
    """The rows of a part that have figures."""
    return [row for row in results["parts"].get(part, {}).get("rows", []) if row["seconds"]]


def base(part: str, rows: Rows) -> float | None:
    """The median of what the others are compared with: the floor, or DVC where there is none."""
    wanted = "dvc repro" if BASE[part] == "dvc repro" else "one Python process"
    return next((median(row) for row in rows if wanted in row["who"]), None)


def of_w1(results: Results, part: str) -> str:
    """Whoever took part, the quickest first."""
    rows = sorted(measured(results, part), key=median)
    if not rows:
        return "Not measured."
    whole = base(part, rows)
    lines = []
    for row in rows:
        spread = f"{seconds(min(row['seconds']))} to {seconds(max(row['seconds']))}"
        times = f"{median(row) / whole:.2f}" if whole else ""
        lines.append([row["who"], seconds(median(row)), spread, times, row.get("note", "")])
    return table(["", "median, s", "from, to", f"of {BASE[part]}", ""], lines) + failures(results, part)


def failures(results: Results, part: str) -> str:
    """Who could not be measured, or not every time, and why."""
    rows = [row for row in results["parts"][part]["rows"] if row.get("failed")]
    return "".join(f"\n\n{row['who']} was measured {len(row['seconds'])} times: {row['failed']}." for row in rows)


def of_growth(results: Results, part: str, unit: str) -> str:
    """A line for each size, a column for each command."""
    rows = measured(results, part)
    if not rows:
        return "Not measured."
    names = sorted(dict.fromkeys(row["who"] for row in rows), key=lambda name: "regrow" not in name)
    found = {(row["size"], row["who"]): median(row) for row in rows}
    sizes = sorted({row["size"] for row in rows})
    lines = [
        [f"{size:,}", *(seconds(found[size, name]) if (size, name) in found else "" for name in names)]
        for size in sizes
    ]
    return table([unit, *(f"{name}, s" for name in names)], lines) + failures(results, part)


def of_flights(results: Results) -> str:
    """What is done, and the two commands."""
    rows = measured(results, "flights")
    if not rows:
        return "Not measured."
    lines = []
    for what in dict.fromkeys(row["what"] for row in rows):
        both = [row for row in rows if row["what"] == what]
        if len(both) < 2:
            continue
        ours, theirs = both
        names = f"`{ours['who']}`", f"`{theirs['who']}`"
        times = f"{median(ours) / median(theirs):.2f}"
        lines.append([what, names[0], seconds(median(ours)), names[1], seconds(median(theirs)), times])
    return table(["", "regrow", "s", "beside", "s", "ratio"], lines) + failures(results, "flights")


def of_serving(results: Results) -> str:
    """A line for each server and model: requests a second by clients, p99, start and memory; and the ratios to ours."""
    rows = measured(results, "serving")
    if not rows:
        return "Not measured."
    found = {(row["who"], row.get("size", 0)): row for row in rows}
    sizes = sorted({size for _, size in found if size})
    lines = []
    for model in serving.MODELS:
        for server in (servers.OURS, *servers.PEERS):
            whole = [found.get((name_of(server, model), size)) for size in sizes]
            if not any(whole):
                continue
            cells = [f"{1 / median(row):.0f}" if row else "" for row in whole]
            late = found.get((name_of(server, model, serving.P99), sizes[0]))
            cells += [f"{1000 * median(late):.1f}" if late else ""]
            for what in (serving.START, serving.MEMORY):
                one = found.get((name_of(server, model, what), 0))
                cells.append(f"{median(one):.1f}" if one else "")
            lines.append([f"{server}, {model}", *cells, _lost(whole)])
    clients = [f"{size} clients, a second" for size in sizes]
    head = ["", *clients, f"p99 of {sizes[0]}, ms" if sizes else "", "start, s", "memory, MB", "lost"]
    return table(head, lines) + failures(results, "serving")


def _lost(rows: Sequence[Mapping[str, Any] | None]) -> str:
    """Of all that was asked, as the notes say."""
    said = [row["note"].replace(",", "").split() for row in rows if row]
    return f"{sum(int(words[2]) for words in said):,} of {sum(int(words[0]) for words in said):,}"


def of_goals(results: Results) -> str:
    """Each goal, and whether it is met."""
    lines = []
    for goal in GOALS:
        found, holds = figure(goal, results), met(goal, results)
        said = {True: "yes", False: "**no**", None: "not measured"}[holds]
        lines.append([goal.text, "" if found is None else f"{found:.3f}{_unit(goal)}", _limit(goal), said])
    return table(["", "ratio", "goal", "met"], lines)


def _limit(goal: Goal) -> str:
    below = goal.theirs and goal.at_most == 1
    return f"{'below' if below else 'at most'} {goal.at_most:g}{_unit(goal)}"


def _unit(goal: Goal) -> str:
    return "" if goal.theirs else " s"


def of_versions(results: Results) -> str:
    """What each environment had."""
    lines = [
        [name, ", ".join(f"{package} {version}" for package, version in sorted(found.items()))]
        for name, found in results["versions"].items()
    ]
    lines += [[name, f"left out: {reason}"] for name, reason in results["left_out"].items()]
    return table(["environment", "packages"], lines)
