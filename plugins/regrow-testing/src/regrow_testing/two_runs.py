"""Run a plugin's examples in two fresh processes that differ in what must not matter, and compare every byte."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regrow.artifacts import TYPES, type_of
from regrow.base import find_source, python
from regrow.base.errors import Problem
from regrow.plugin.declare import Artifact, ArtifactType, Stage
from regrow.stage.outputs import handler
from regrow_testing.worker import contents, file_of

# the order of sets, the time zone, the number of workers, the examples' order, the folder, which call of a process
RUNS: tuple[tuple[str, dict[str, str], dict[str, int]], ...] = (
    ("one", {"PYTHONHASHSEED": "1", "TZ": "UTC"}, {"n_jobs": 1, "keep": 0}),
    ("other", {"PYTHONHASHSEED": "2", "TZ": "Asia/Kathmandu"}, {"n_jobs": 2, "keep": 1}),
)
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")  # many times faster here
LIKELY = "look for: the order of a set, the clock, an unseeded draw, a path, n_jobs, what an earlier call left behind"
SHOWN = 120  # characters of a line


@dataclass(frozen=True)
class ExampleRun:
    """One call of a stage. label: how messages call it. inputs: by name of artifact or source. kinds: each one's type,
    None for a source."""

    stage: Stage
    label: str
    inputs: Mapping[str, Any]
    settings: Mapping[str, Any]
    kinds: Mapping[str, ArtifactType | None]

    def as_job(self) -> dict[str, Any]:
        """What the process that runs it has to know of it."""
        needs = {need.argument: need.names for need in self.stage.needs if not isinstance(need, str)}
        kinds = {name: kind and kind.name for name, kind in self.kinds.items()}
        return {"stage": self.stage.name, "needs": needs, "inputs": kinds, "settings": self.settings}


def run_twice(plugins: Sequence[str], examples: Sequence[ExampleRun]) -> list[Problem]:
    """What is wrong with the examples of stages that `plugins` (names of modules) bring; [] if nothing is."""
    with tempfile.TemporaryDirectory(prefix="regrow-") as name:
        root = Path(name).resolve()
        folders = [root / run for run, _, _ in RUNS]
        for number, example in enumerate(examples):
            _write_inputs(example, folders[0] / "inputs" / str(number))
        shutil.copytree(folders[0] / "inputs", folders[1] / "inputs")
        found = [_run(root, turn, plugins, examples) for turn in range(len(RUNS))]
        problems = [one for each in found for one in each]
        compared = [] if problems else [_compared(example, n, folders) for n, example in enumerate(examples)]
        return [*dict.fromkeys(problems), *(one for each in compared for one in each)]


def _write_inputs(example: ExampleRun, folder: Path) -> None:
    """Each input as its type writes it; a source as a copy, so that the two processes see it at two places."""
    folder.mkdir(parents=True)
    for name, kind in example.kinds.items():
        value = example.inputs[name]
        if kind:
            handler(kind).write(value, file_of(folder, name, kind))
            continue
        (folder / name).mkdir()
        (shutil.copytree if value.is_dir() else shutil.copy)(value, folder / name / value.name)


def _run(root: Path, turn: int, plugins: Sequence[str], examples: Sequence[ExampleRun]) -> list[Problem]:
    """One of the two processes."""
    name, environment, options = RUNS[turn]
    folder = root / name
    for part in ("here", "home"):
        (folder / part).mkdir()
    home = str(folder / "home")
    places = {"HOME": home, "TMPDIR": home, "XDG_CACHE_HOME": home, "MPLCONFIGDIR": str(root / "matplotlib")}
    job = {
        "modules": list(plugins),
        "examples": [one.as_job() for one in examples],
        "order": list(range(len(examples)))[:: -1 if turn else 1],
        "readable": [str(root), *_code_folders(plugins)],
        "writable": [home, places["MPLCONFIGDIR"]],
        **options,
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    arguments = ["-m", "regrow_testing.worker", str(folder / "job.json")]
    _, _, error = python.run(arguments, folder / "here", {**environment, **THREADS, **places})
    problems: list[Problem] = []
    for number in job["order"]:  # type: ignore[attr-defined]
        file = folder / "results" / f"{number}.json"
        if not file.is_file():
            said = (error.strip().splitlines() or ["without a word"])[-1]
            return [*problems, Problem(f"the process that ran it ended: {said}", examples[number].label)]
        for wrong, where, fix in json.loads(file.read_text(encoding="utf-8")):
            where = where.replace(f"stage {examples[number].stage.name}", examples[number].label, 1)
            problems.append(Problem(wrong.replace(str(folder), "..."), where, fix))
    return problems


def _code_folders(plugins: Iterable[str]) -> list[str]:
    """Where code may be read from: the plugins' packages, regrow, and sys.path but for the current folder."""
    import sys

    packages = [
        folder for name in ("regrow.plugin", *plugins) if (folder := find_source.find_folder(name.partition(".")[0]))
    ]
    here = str(Path.cwd())
    return [*map(str, packages), *(path for path in map(os.path.abspath, sys.path) if path != here)]


def _compared(example: ExampleRun, number: int, folders: Sequence[Path]) -> Iterable[Problem]:
    for artifact in example.stage.makes:
        places = (folder / "outputs" / str(number) for folder in folders)
        first, second = (file_of(place, artifact.name, type_of(artifact)) for place in places)
        if contents(first) != contents(second):
            yield Problem(
                f"output {artifact.name!r} is not the same twice: {_first_difference(artifact, first, second)}",
                example.label,
                LIKELY,
            )


def _first_difference(artifact: Artifact, first: Path, second: Path) -> str:
    """Where two files or folders of one artifact begin to differ."""
    one, other = contents(first), contents(second)
    if one.keys() != other.keys():
        return f"only one run made {min(one.keys() ^ other.keys())}"
    name = min(name for name in one if one[name] != other[name])
    where = f"{name}: " if name else ""
    if artifact.type in {"table", "tables", "csv"} and not name.endswith(".json"):
        return where + _tables_differ(first / name, second / name)
    try:
        lines = [data[name].decode().splitlines() for data in (one, other)]
    except UnicodeDecodeError:
        return f"{where}byte {_same(one[name], other[name])} of {len(one[name])}"
    for number, (left, right) in enumerate(zip(*lines, strict=False), 1):
        if left != right:
            return f"{where}line {number}: {_cut(left, right)!r}, then {_cut(right, left)!r}"
    return f"{where}{len(lines[0])} lines, then {len(lines[1])}"


def _same(one: Sequence[Any], other: Sequence[Any]) -> int:
    """How long two sequences are the same."""
    differing = (n for n, (left, right) in enumerate(zip(one, other, strict=False)) if left != right)
    return next(differing, min(len(one), len(other)))


def _cut(line: str, other: str) -> str:
    """A long line from a little before the place where it differs from another."""
    start = _same(line, other)
    return line[max(0, start - SHOWN // 2) :][:SHOWN]


def _tables_differ(first: Path, second: Path) -> str:
    one, other = (handler(TYPES["csv" if file.suffix == ".gz" else "table"]).read(file) for file in (first, second))
    if list(one.columns) != list(other.columns) or len(one) != len(other):
        return f"{len(one)} rows of {', '.join(one.columns)}; then {len(other)} rows of {', '.join(other.columns)}"
    for column in one:
        for row, (left, right) in enumerate(zip(one[column], other[column], strict=True)):
            if repr(left) != repr(right):
                return f"column {column!r}, row {row}: {left!r}, then {right!r}"
    return "the types of its columns, or their metadata"
