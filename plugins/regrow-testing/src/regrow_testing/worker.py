"""One of the two processes in which the contract kit runs examples: `python -m regrow_testing.worker JOB`."""

import contextlib
import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from regrow.artifacts import TYPES, type_of
from regrow.artifacts.model_types import trusting
from regrow.base.errors import Problem, RegrowError
from regrow.plugin.components import load
from regrow.plugin.declare import ArtifactType
from regrow.plugin.manager import Plugins, load_modules
from regrow.settings.compose import stage_settings
from regrow.stage.outputs import handler
from regrow.stage.run_stage import call
from regrow_testing.guard import Guard, global_state, reset

TURNS = 2  # the first call of a stage imports what it needs, which may change the process; the second must not


def contents(path: Path) -> dict[str, bytes]:
    """The bytes of a file, under "", or of every file in a folder, by its path in it."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}
    return {"": path.read_bytes()}


def file_of(folder: Path, name: str, kind: ArtifactType) -> Path:
    """Where an artifact of a type lies in a folder."""
    return folder / f"{name}{kind.ending}"


class Example:
    """One example in this process: its inputs and outputs lie in folders of its number."""

    def __init__(self, job: Mapping[str, Any], number: int, plugins: Plugins, settings: Any, guard: Guard) -> None:
        given, types = job["examples"][number], {**TYPES, **plugins.types}
        stage = plugins.stages[given["stage"]]
        needs = [n if isinstance(n, str) else replace(n, names=tuple(given["needs"][n.argument])) for n in stage.needs]
        self.stage, self.settings, self.guard = replace(stage, needs=tuple(needs)), settings, guard
        self.kinds: dict[str, ArtifactType | None] = {n: types.get(kind) for n, kind in given["inputs"].items()}
        self.compute = {**(given["settings"].get("compute") or {}), "n_jobs": job["n_jobs"]}
        self.keep: int = job["keep"]
        self.inputs = Path("../inputs", str(number)).resolve()
        self.outputs = Path("../outputs", str(number)).resolve()
        self.scratch = Path("../inputs again", str(number)).resolve()

    def run(self) -> list[Problem]:
        """What is wrong with it; the outputs of one turn are written."""
        start, problems = global_state(), list[Problem]()
        for turn in range(TURNS):
            inputs = self._read()
            before = self._bytes(inputs, f"{turn} before")
            reset(start)
            state = global_state()
            try:
                with self.guard.on():
                    made = call(self.stage, self.stage.gather(inputs.__getitem__), self.settings, self.compute)
                now = global_state() if turn else state
            finally:
                reset(start)
            after = self._bytes(inputs, f"{turn} after")
            problems += [*self._spoilt(before, after), *self._changed(state, now)]
            if turn == self.keep:
                self._write(made)
        return list(dict.fromkeys(problems))

    def _spoilt(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Problem]:
        where, fix = f"stage {self.stage.name}", "work on a copy"
        return [
            Problem(f"changes its input {name!r} in place", where, fix)
            for name in before
            if before[name] != after[name]
        ]

    def _changed(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Problem]:
        changed = [name for name in before if after[name] != before[name]]
        fix = "put it back, or better, do without"
        return [Problem(f"changes {name}, which all code shares", f"stage {self.stage.name}", fix) for name in changed]

    def _read(self) -> dict[str, Any]:
        return {
            name: handler(kind).read(file_of(self.inputs, name, kind)) if kind else next((self.inputs / name).iterdir())
            for name, kind in self.kinds.items()
        }

    def _bytes(self, inputs: Mapping[str, Any], when: str) -> dict[str, Any]:
        folder = self.scratch / when
        folder.mkdir(parents=True)
        found: dict[str, Any] = {}
        for name, kind in self.kinds.items():
            file = file_of(folder, name, kind) if kind else inputs[name]
            if kind:
                with contextlib.suppress(Exception):  # spoilt beyond writing: there is no file, and that differs
                    handler(kind).write(inputs[name], file)
            found[name] = contents(file) if file.exists() else None
        return found

    def _write(self, made: Mapping[str, Any]) -> None:
        self.outputs.mkdir(parents=True)
        for artifact in self.stage.makes:
            kind = type_of(artifact)
            try:
                handler(kind).write(made[artifact.key], file_of(self.outputs, artifact.name, kind))
            except Exception as error:  # as in regrow.run
                where = f"stage {self.stage.name}, output {artifact.name}"
                raise RegrowError(f"can't be written as a {artifact.type}: {error}", where=where) from None


def run(job: Mapping[str, Any], number: int, guard: Guard) -> list[Problem]:
    """What is wrong with one of the job's examples in this process."""
    plugins = load_modules(job["modules"])
    given = job["examples"][number]
    stage = plugins.stages[given["stage"]]
    guard.seen.clear()
    try:
        settings = stage_settings(stage, given["settings"], plugins.components)
        load(stage.run)
        with trusting(plugins.model_types):
            found = Example(job, number, plugins, settings, guard).run()
    except RegrowError as error:
        found = [problem for problem in error.problems if not any(seen in problem.wrong for seen in guard.seen)]
    fix = "declare what it needs as a source or an artifact; what it makes, it returns"
    return [*(Problem(seen, f"stage {stage.name}", fix) for seen in guard.seen), *found]


def main(file: str) -> None:
    """Run the examples of a job; one result file each, so that a crash shows which one it was."""
    job = json.loads(Path(file).read_text(encoding="utf-8"))
    guard = Guard(job["readable"], job["writable"])
    results = Path("../results").resolve()
    results.mkdir()
    for number in job["order"]:
        told = [[problem.wrong, problem.where, problem.fix] for problem in run(job, number, guard)]
        (results / f"{number}.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
