"""The command line: which parts, how often, where to."""

import argparse
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import environments, page, peers
from benchmarks.flights import flights
from benchmarks.growth import experiments, files, stages
from benchmarks.machine import load, machine
from benchmarks.place import ROOT, Place
from benchmarks.rounds import Row, measure, say
from benchmarks.shell import FailedError

Part = Callable[[Place], Iterable[list[Row]]]
GROWTH: dict[str, Part] = {"stages": stages.grow, "files": files.grow, "experiments": experiments.grow}
W1, TIMES, ROWS, LARGEST = "abcde", 5, 50_000, 100_000
PARTS = [*W1, *GROWTH, "flights"]
SHORT = {"w1": [*W1], "growth": [*GROWTH]}


def main(arguments: Sequence[str]) -> int:
    """Measure, or draw what was measured; the exit code."""
    said = parser().parse_args(arguments)
    if said.draw:
        results = page.read(ROOT / "docs")
        if results is None:
            say("nothing was measured yet: make bench")
            return 1
        page.draw(results, said.output or ROOT / "docs")
        return 0
    results = measured(said, page.read(said.output) if said.output else None)
    if said.output:
        page.keep(results, said.output)
        page.draw(results, said.output)
        say(f"wrote {said.output / page.PAGE}")
    else:
        print(page.text(results))
    return 0


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure regrow beside other tools.")
    names = ", ".join([*PARTS, *SHORT])
    made.add_argument("--only", type=parts, default=PARTS, metavar="PARTS", help=f"some of {names}; with commas")
    made.add_argument("--times", type=int, default=TIMES, metavar="N", help=f"rounds, by default {TIMES}")
    made.add_argument("--rows", type=int, default=ROWS, metavar="N", help=f"of W1's data, by default {ROWS}")
    made.add_argument("--largest", type=int, default=LARGEST, metavar="N", help="larger sizes of growth are left out")
    made.add_argument("--no-peers", dest="peers", action="store_false", help="regrow and the floor alone")
    written = "write page, pictures and figures there; without it, the page is printed"
    made.add_argument("--output", type=Path, metavar="FOLDER", help=written)
    made.add_argument("--draw", action="store_true", help="measure nothing: draw docs/benchmarks/results.json again")
    kept = "where the tools' environments are kept"
    made.add_argument("--cache", type=Path, default=environments.cache_folder(), metavar="FOLDER", help=kept)
    return made


def parts(text: str) -> list[str]:
    """The parts that --only names. Raises ArgumentTypeError for others."""
    named = [part for one in text.split(",") for part in SHORT.get(one, [one])]
    if unknown := [part for part in named if part not in PARTS]:
        raise argparse.ArgumentTypeError(f"there is no {unknown[0]!r}; there are: {', '.join([*PARTS, *SHORT])}")
    return [part for part in PARTS if part in named]


def measured(said: argparse.Namespace, before: Any) -> dict[str, Any]:
    """The figures, beside those that another run on the same machine left."""
    here = machine()
    kept = dict(before["parts"]) if before and before["machine"] == here else {}
    if before and not kept:
        say("what was measured on another machine is left out")
    with tempfile.TemporaryDirectory(prefix="regrow-bench-") as folder:
        place = Place(Path(folder), said.cache.absolute(), said.rows, said.peers, said.largest)
        everybody = peers.projects(place)
        for part in said.only:
            kept[part] = one(part, place, everybody, said.times)
        versions = {**(before["versions"] if before and kept else {}), **place.versions}
        ordered = {part: kept[part] for part in PARTS if part in kept}
        return {"machine": here, "versions": versions, "left_out": place.left_out, "parts": ordered}


def one(part: str, place: Place, everybody: list[peers.Project], times: int) -> dict[str, Any]:
    """A part's rows, with what they depend on."""
    began, rows = load(), []
    others: dict[str, Part] = {**GROWTH, "flights": flights}
    try:
        groups = others[part](place) if part in others else of_w1(part, everybody)
        for group in groups:
            rows += measure(part, group, times)
    except FailedError as error:
        say(f"{part} ended early: {error}")
    return {"commit": commit(), "times": times, "load": [began, load()], "rows": [row.told() for row in rows]}


def of_w1(part: str, everybody: list[peers.Project]) -> Iterator[list[Row]]:
    """Everybody at once."""
    yield [row for project in everybody for row in getattr(project, part)()]


def commit() -> str:
    """regrow's, with a mark where files differ from it."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "unknown"
