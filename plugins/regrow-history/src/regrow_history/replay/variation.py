"""Replay a commit with one thing changed: the same files, data and environment, kept as a DVC experiment."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from regrow import layout
from regrow.base import process
from regrow.base.errors import Exit, RegrowError
from regrow.record.commit_record import read_commit
from regrow.tools import git
from regrow.warm import client
from regrow_history.replay import stage
from regrow_history.replay.branch import keep_objects
from regrow_history.replay.checkout import laid_out
from regrow_history.replay.inputs import Supplies
from regrow_history.replay.replay import Say, choose_interpreter, told
from regrow_history.replay.stage import Task
from regrow_history.tools import git_commits

CONFIG = """\
[core]
    analytics = false
    check_update = false
[cache]
    dir = {cache}
    type = copy
"""
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
        _prepare(task)
        arguments = [str(interpreter.python), "-P", "-m", "dvc", "exp", "run", "--force"]
        arguments += [part for one in overrides for part in ("-S", one)] + (["--name", name] if name else [])
        say("experiment: every stage runs")
        log, variables = task.place / "experiment.log", _variables(task)
        with _warm(task, variables):
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


def _prepare(task: Task) -> None:
    """DVC's settings for this place, and the data in its own cache."""
    cache = task.place / "cache"
    (task.tree / ".dvc").mkdir(exist_ok=True)
    (task.tree / ".dvc/config.local").write_text(CONFIG.format(cache=cache), encoding="utf-8")
    keep_objects(task.tree, task)


def _variables(task: Task) -> dict[str, str]:
    """Of the user's environment what stages get, and what Git and DVC need to make a commit.

    With a home for regrow in this place, where there is nobody's warm server but this one's.
    """
    passed = {key: value for key, value in git.environment().items() if key.startswith("GIT_") or key in PASSED}
    own = {"DVC_SITE_CACHE_DIR": str(task.place / "site"), "REGROW_HOME": str(task.place / "home")}
    return {**passed, **stage.basic(task.interpreter), **own}


PASSED = ("EMAIL", "LANG", client.COLD)


@contextmanager
def _warm(task: Task, variables: Mapping[str, str]) -> Iterator[None]:
    """A warm server is there for the stages that DVC starts; an older regrow's stages start by themselves."""
    asked = [str(task.interpreter.python), "-P", "-m", "regrow.warm", "hold"]
    holder = process.start(asked, task.tree, variables, pipe="stdin")
    try:
        yield
    finally:
        holder.communicate()


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
