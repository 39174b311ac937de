"""DVC in a clean place: its settings, its cache, the variables of what it starts, and a warm server for that."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from regrow.base import process
from regrow.tools import git
from regrow.warm import client
from regrow_history.replay import stage
from regrow_history.replay.branch import keep_objects
from regrow_history.replay.stage import Interpreter, Task

CONFIG = """\
[core]
    analytics = false
    check_update = false
[cache]
    dir = {cache}
    type = copy
"""
PASSED = ("EMAIL", "LANG", client.COLD)


def configure(tree: Path, cache: Path) -> None:
    """DVC's settings for the project in `tree`, with a cache of its own."""
    (tree / ".dvc").mkdir(exist_ok=True)
    (tree / ".dvc/config.local").write_text(CONFIG.format(cache=cache), encoding="utf-8")


def prepare(task: Task) -> None:
    """DVC's settings for this place, and the data in its own cache."""
    configure(task.tree, task.place / "cache")
    keep_objects(task.tree, task)


def variables(interpreter: Interpreter, place: Path) -> dict[str, str]:
    """Of the user's environment what stages get, and what Git and DVC need to make a commit.

    With a home for regrow in this place, where there is nobody's warm server but this one's.
    """
    passed = {key: value for key, value in git.environment().items() if key.startswith("GIT_") or key in PASSED}
    own = {"DVC_SITE_CACHE_DIR": str(place / "site"), "REGROW_HOME": str(place / "home")}
    return {**passed, **stage.basic(interpreter), **own}


@contextmanager
def warm(tree: Path, interpreter: Interpreter, given: Mapping[str, str]) -> Iterator[None]:
    """A warm server is there for the stages that DVC starts; an older regrow's stages start by themselves."""
    holder = process.start([str(interpreter.python), "-P", "-m", "regrow.warm", "hold"], tree, given, pipe="stdin")
    try:
        yield
    finally:
        holder.communicate()
