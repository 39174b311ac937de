"""One of the two processes in which the contract kit runs a plugin's examples: `python -m regrow.plugin.once JOB`."""

import contextlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regrow.artifacts import TYPES
from regrow.artifacts.model_types import trusting
from regrow.base.errors import Problem, RegrowError
from regrow.plugin.components import load
from regrow.plugin.declare import Stage
from regrow.plugin.manager import load_modules
from regrow.settings.compose import stage_settings
from regrow.stage.outputs import handler
from regrow.stage.run_stage import call
from regrow.testing.guard import Guard, global_state, reset

SOURCE = "source"  # in place of an artifact type: handed to the stage as a path
TURNS = 2  # the first call of a stage imports what it needs, which may change the process; the second must not


def contents(path: Path) -> dict[str, bytes]:
    """The bytes of a file, under "", or of every file in a folder, by its path in it."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}
    return {"": path.read_bytes()}


def file_of(folder: Path, name: str, kind: str) -> Path:
    """Where an artifact of a type lies in a folder."""
    return folder / f"{name}{TYPES[kind].ending}"


class Example:
    """One example in this process: its inputs and outputs lie in folders of its number."""

    def __init__(self, job: Mapping[str, Any], number: int, stage: Stage, settings: Any, guard: Guard) -> None:
        given = job["examples"][number]
        self.stage, self.settings, self.guard = stage, settings, guard
        self.kinds: dict[str, str] = given["inputs"]
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
                    made = call(self.stage, inputs, self.settings, self.compute)
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
            name: next((self.inputs / name).iterdir())
            if kind == SOURCE
            else handler(kind).read(file_of(self.inputs, name, kind))
            for name, kind in self.kinds.items()
        }

    def _bytes(self, inputs: Mapping[str, Any], when: str) -> dict[str, Any]:
        folder = self.scratch / when
        folder.mkdir(parents=True)
        found: dict[str, Any] = {}
        for name, kind in self.kinds.items():
            file = inputs[name] if kind == SOURCE else file_of(folder, name, kind)
            if kind != SOURCE:
                with contextlib.suppress(Exception):  # spoilt beyond writing: there is no file, and that differs
                    handler(kind).write(inputs[name], file)
            found[name] = contents(file) if file.exists() else None
        return found

    def _write(self, made: Mapping[str, Any]) -> None:
        self.outputs.mkdir(parents=True)
        for artifact in self.stage.makes:
            try:
                handler(artifact.type).write(made[artifact.name], file_of(self.outputs, artifact.name, artifact.type))
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
        with trusting(plugins.types):
            found = Example(job, number, stage, settings, guard).run()
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
