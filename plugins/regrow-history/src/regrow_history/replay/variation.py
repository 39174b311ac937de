"""Replay a commit with one thing changed: the same files, data and environment, kept as a DVC experiment."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from regrow import layout
from regrow.base import process
from regrow.base.errors import Exit, RegrowError
from regrow.record.commit_record import read_commit
from regrow.tools import git
from regrow_history.replay import dvc_place
from regrow_history.replay.branch import keep_objects
from regrow_history.replay.checkout import laid_out
from regrow_history.replay.inputs import Supplies
from regrow_history.replay.replay import Say, choose_interpreter, told
from regrow_history.replay.stage import Task
from regrow_history.tools import git_commits

MOST_TOLD = 3_000  # characters of what DVC printed


def replay(
    root: Path, revision: str, overrides: Iterable[str], name: str, *, env: str, say: Say = lambda _: None
) -> Iterator[str]:
    """Run the commit with Hydra `overrides`; yields lines for the user. The experiment is there afterwards.

    Raises RegrowError as `regrow_history.replay.replay` does, and with what DVC says if the run fails.
    """
    recorded = read_commit(root, revision)
    supplies = Supplies.of(recorded, root)
    with laid_out(recorded) as tree:
        say("data: fetched by hash")
        supplies.deliver(recorded.inputs, tree)
        interpreter = choose_interpreter(recorded, env, say)
        task = Task(recorded, supplies, tree, interpreter)
        dvc_place.prepare(task)
        arguments = [str(interpreter.python), "-P", "-m", "dvc", "exp", "run", "--force"]
        arguments += [part for one in overrides for part in ("-S", one)] + (["--name", name] if name else [])
        say("experiment: every stage runs")
        log, variables = task.place / "experiment.log", dvc_place.variables(interpreter, task.place)
        with dvc_place.warm(task.tree, task.interpreter, variables):
            code = process.run(arguments, tree, variables, log)
        if code:
            said = log.read_text(encoding="utf-8", errors="replace").strip()[-MOST_TOLD:]
            raise RegrowError(
                f"the variation failed:\n{said}", where=f"commit {recorded.commit[:10]}", code=_code(task)
            )
        keep_objects(root, _as_run(task))
        for kept, commit in git_commits.take_experiments(root, tree, recorded.commit).items():
            yield f"experiment {kept} ({commit[:10]}), from {recorded.commit[:10]}; environment {told(interpreter)}"
            yield f"see it: dvc exp show; take it: dvc exp apply {kept}; was it real: regrow replay {kept}"


def _as_run(task: Task) -> Task:
    """The same place, with what the variation recorded in place of what the commit did."""
    made = git.experiments(task.tree)
    commit = next(iter(made.values()), "HEAD")
    return Task(read_commit(task.tree, commit), task.supplies, task.tree, task.interpreter)


def _code(task: Task) -> Exit:
    file = task.tree / layout.FAILED
    try:
        return Exit(int(file.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return Exit.FAILURE
