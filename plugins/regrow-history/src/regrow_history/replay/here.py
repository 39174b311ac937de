"""Replay the tree as it is, edits and all: whether what the last run made comes out a second time."""

import tempfile
from pathlib import Path

from regrow.base.user_cache import cache_home
from regrow.tools import git
from regrow_history.replay.replay import Replay, Say, replay


def replay_here(root: Path, say: Say) -> Replay:
    """Run every stage once more, with the packages that are here; compare with what the last run recorded."""
    with tempfile.TemporaryDirectory(prefix="twice-", dir=cache_home()) as folder:
        copy = Path(folder) / (root.name or "project")
        commit = git.snapshot(root, copy)
        return replay(root, commit, env="current", say=say, repository=copy)
