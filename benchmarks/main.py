"""The command line: which parts, how often, where to."""

import argparse
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import environments, page, peers
from benchmarks.flights import flights
from benchmarks.growth import experiments, files, stages
from benchmarks.machine import load, machine
from benchmarks.place import ROOT, W1_PARTS, Place
from benchmarks.rounds import Row, measure, say
from benchmarks.serving import serving
from benchmarks.shell import FailedError

Part = Callable[[Place], Iterable[list[Row]]]
GROWTH: dict[str, Part] = {"stages": stages.grow, "files": files.grow, "experiments": experiments.grow}
TIMES, ROWS, LARGEST = 5, 50_000, 100_000
PARTS = [*W1_PARTS, *GROWTH, "flights", "serving"]
SHORT = {"w1": [*W1_PARTS], "growth": [*GROWTH]}


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
    results = {}
    for results in measured(said, page.read(said.output) if said.output else None):
        if said.output:
            page.keep(results, said.output)
    if said.output:
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


def measured(said: argparse.Namespace, before: page.Results | None) -> Iterator[dict[str, Any]]:
    """All figures there are, after each part; also those of an earlier run, on this machine with the same tools."""
    here, at = machine(), commit()
    with tempfile.TemporaryDirectory(prefix="regrow-bench-") as folder:
        place = Place(Path(folder), said.cache.absolute(), said.rows, said.peers, said.largest)
        everybody = peers.projects(place) if set(said.only) & set(W1_PARTS) else []
        results: dict[str, Any] = {"machine": here, "versions": {}, "left_out": {}, "parts": {}}
        if before and before["machine"] == here and not _others(before["versions"], place.versions):
            results |= before
        elif before:
            say("figures of another machine, or of other versions, are left out")
        for part in said.only:
            parts = {
                **results["parts"],
                part: {"commit": at, "times": said.times, **one(part, place, everybody, said.times)},
            }
            results["parts"] = {name: parts[name] for name in PARTS if name in parts}
            results["versions"] = {**results["versions"], **place.versions}
            left_out = {**results["left_out"], **place.left_out}
            results["left_out"] = {name: why for name, why in left_out.items() if name not in place.versions}
            yield results
        place.settle()


def _others(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a tool has other versions than before."""
    return any(before[name] != now[name] for name in before.keys() & now.keys())


def one(part: str, place: Place, everybody: list[peers.Project], times: int) -> dict[str, Any]:
    """A part's rows, and the load meanwhile."""
    began, rows = load(), []
    others: dict[str, Part] = {**GROWTH, "flights": flights, "serving": serving}
    try:
        groups = others[part](place) if part in others else of_w1(part, everybody)
        for group in groups:
            rows += measure(part, group, times)
    except FailedError as error:
        say(f"{part} ended early: {error}")
    return {"load": [began, load()], "rows": [row.told() for row in rows]}


def of_w1(part: str, everybody: list[peers.Project]) -> Iterator[list[Row]]:
    """Everybody at once."""
    yield [row for project in everybody for row in getattr(project, part)()]


def commit() -> str:
    """regrow's, with a mark where files differ from it."""
    told = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(told, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
