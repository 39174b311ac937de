"""docs/benchmarks.md from what was measured: page.md with tables in it."""

import json
import re
import statistics
from pathlib import Path
from string import Template

from benchmarks import plots, tables
from benchmarks.goals import Results
from benchmarks.place import W1_PARTS

PAGE, PICTURES, RESULTS = "benchmarks.md", "benchmarks", "results.json"
HERE = Path(__file__).parent


def read(folder: Path) -> Results | None:
    """What was measured last, or None."""
    file = folder / PICTURES / RESULTS
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def keep(results: Results, folder: Path) -> None:
    """Write the figures themselves."""
    file = folder / PICTURES / RESULTS
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def draw(results: Results, folder: Path) -> None:
    """Write the page and its pictures from figures."""
    plots.draw(results, folder / PICTURES)
    (folder / PAGE).write_text(text(results), encoding="utf-8")


def text(results: Results) -> str:
    """The page."""
    said = results["machine"]
    parts = results["parts"].values()
    loads = [load for part in parts for load in part["load"]]
    filled = {part: tables.of_w1(results, part) for part in W1_PARTS}
    filled |= {part: tables.of_growth(results, part, unit) for part, unit in plots.GROWTH.items()}
    page = (HERE / "page.md").read_text(encoding="utf-8")
    for part in W1_PARTS:
        if not tables.measured(results, part):  # there is no picture of it
            page = re.sub(rf"!\[.*\]\(benchmarks/{part}\.svg\)\n\n", "", page)
    return Template(page).substitute(
        filled,
        goals=tables.of_goals(results),
        flights=tables.of_flights(results),
        serving=tables.of_serving(results),
        versions=tables.of_versions(results),
        machine=", ".join([said["processor"], f"{said['cores']} cores", said["memory"], said["system"]]),
        python=said["python"],
        times=" or ".join(sorted({str(part["times"]) for part in parts})),
        load=f"{min(loads):.1f} to {max(loads):.1f}, on average {statistics.mean(loads):.1f}",
        commit=", ".join(sorted({part["commit"] for part in parts})),
    )
