"""Run one mixture of two commits in a place of its own, and read its metrics."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base import process
from regrow.base.errors import RegrowError
from regrow.base.safe_path import safe_join
from regrow.record.commit_record import Recorded
from regrow.record.metrics import measures, metric_files
from regrow.tools import git
from regrow_history.replay import dvc_place
from regrow_history.replay.checkout import lay_out
from regrow_history.replay.inputs import Supplies
from regrow_history.replay.stage import Interpreter
from regrow_history.why.seed import OwnCache

MOST_TOLD = 400  # characters of what went wrong


@dataclass(frozen=True)
class Place:
    """Where mixtures run, one after the other; what one made, the next finds in the cache."""

    folder: Path
    cache: OwnCache

    def run(self, number: int, mixed: Recorded, data: Supplies, interpreter: Interpreter) -> dict[str, Any]:
        """The mixture's metrics, as experiments have them. data: of the side that its data is taken from.

        Raises RegrowError that says why it can't be run.
        """
        folder = self.folder / str(number)
        folder.mkdir()
        tree = lay_out(mixed, folder)
        git.output(tree, "add", "--all")  # a stage reads from the commit what a clock decided
        git.output(tree, *git.WHO, "commit", "--quiet", "--no-verify", "--allow-empty", "--message", "a mixture")
        data.deliver(data.recorded.inputs, tree)
        dvc_place.configure(tree, self.cache.folder)
        for entry in data.recorded.inputs:
            self.cache.take(data, entry)
        variables = {**dvc_place.variables(interpreter, self.folder), layout.AS_RECORDED: "1"}
        python = [str(interpreter.python), "-P", "-m"]
        with dvc_place.warm(tree, interpreter, variables):
            _run([*python, "regrow", "compile"], tree, variables, "it does not compile")
            _run([*python, "dvc", "repro"], tree, variables, "it does not run")
        return metrics_of(lambda path: _text(tree, path))


def metrics_of(read: Any) -> dict[str, Any]:
    """Of a project's files. read: a path's text, None where there is none."""
    files = list(metric_files(read(layout.DVC_YAML) or ""))
    return measures([read(file) for file in files], files)


def _text(tree: Path, path: str) -> str | None:
    file = safe_join(tree, path, layout.DVC_YAML)
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _run(command: list[str], tree: Path, variables: Mapping[str, str], wrong: str) -> None:
    log = tree.parent / f"{command[-1]}.log"
    if process.run(command, tree, variables, log):
        raise RegrowError(f"{wrong}: {_said(log.read_text(encoding='utf-8', errors='replace'))}")


def _said(log: str) -> str:
    """The lines in which an error is told, else the last."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    told = [line for line in lines if line.startswith("regrow: ")] or lines[-3:]
    return " ".join(line.removeprefix("regrow: ") for line in told)[-MOST_TOLD:]
