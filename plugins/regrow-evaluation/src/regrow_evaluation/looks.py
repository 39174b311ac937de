"""How often the held-out rows were looked at: the experiments in the repository's history that were scored on them.

Who chooses among many experiments by their scores on the same rows finds one that is good by chance. So the intervals
are those of all looks together: at `1 - (1 - confidence) / looks` each (Dunn, Multiple Comparisons among Means, Journal
of the American Statistical Association 56, 1961). For who lets each score decide what to try next that is the least
(Dwork et al., The Reusable Holdout, Science 349, 2015).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from regrow import RegrowError, layout
from regrow.base.yaml_files import read_yaml
from regrow.compile.dvc_yaml import path_of
from regrow.plugin.manager import load_plugins
from regrow.plugin.project import Project
from regrow.tools import git

ROWS = "table", "split"  # the artifacts that say which rows are held out
LOOK = "predictions"
CHANGE = re.compile(r"^:\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) \w+\t", re.MULTILINE)


@dataclass(frozen=True)
class Looks:
    """count: distinct predictions for the rows that are held out now, here and in every commit that a ref reaches.
    allowed: what settings say, and the intervals allow for."""

    count: int
    allowed: int

    @property
    def sentence(self) -> str:
        """For a terminal."""
        were = "1 experiment was" if self.count == 1 else f"{self.count} experiments were"
        return f"{were} scored on these held-out rows; the intervals allow for {self.allowed}"

    @property
    def warning(self) -> str:
        """What to do about it; empty where the intervals are wide enough."""
        if self.count <= self.allowed:
            return ""
        return f"{self.sentence}: regrow looks --write, then regrow run"


def confidence(level: float, looks: int) -> float:
    """Of each interval, so that all of them hold together as often as `level` says."""
    return 1 - (1 - level) / looks


def counted(project: Project) -> Looks:
    """Raises RegrowError where no run is recorded here."""
    file = project.path(layout.DVC_LOCK)
    if not file.is_file():
        raise RegrowError("there is none: nothing was scored yet", where=layout.DVC_LOCK, fix="regrow run")
    declared = {made.name: path_of(made) for one in load_plugins(project).stages.values() for made in one.makes}
    paths = {name: declared[name] for name in (*ROWS, LOOK) if name in declared}
    here = _made(read_yaml(file.read_text(encoding="utf-8"), layout.DVC_LOCK), paths)
    if LOOK not in here:
        raise RegrowError("records no predictions", where=layout.DVC_LOCK, fix="regrow run")
    found = {here[LOOK]}
    for text in _history(project):
        made = _made(read_yaml(text, layout.DVC_LOCK), paths)
        if LOOK in made and all(made.get(name) == here.get(name) for name in ROWS):
            found.add(made[LOOK])
    params = read_yaml(project.path(layout.PARAMS).read_text(encoding="utf-8"), layout.PARAMS) or {}
    allowed = ((params.get("evaluation") or {}).get("intervals") or {}).get("looks", 1)
    return Looks(len(found), int(allowed))


def _history(project: Project) -> Iterable[str]:
    """Every dvc.lock of the project in commits that a branch, a tag or an experiment reaches."""
    told = git.lines(project.root, "log", "--all", "--full-history", "-m", "--raw", "--no-abbrev", "--format=", "--",
                     layout.DVC_LOCK)  # fmt: skip
    names = {name for pair in CHANGE.findall("\n".join(told)) for name in pair}
    blobs = {name: f"{layout.DVC_LOCK} {name[:10]}" for name in sorted(names) if set(name) != {"0"}}
    return [data.decode("utf-8", "replace") for data in git.blobs(project.root, blobs).values()]


def _made(lock: Any, paths: Mapping[str, str]) -> dict[str, str]:
    """Artifact -> hash, as a dvc.lock records what stages made."""
    stages = (lock or {}).get("stages") or {} if isinstance(lock, Mapping) else {}
    outs = {out.get("path"): str(out.get("md5")) for stage in stages.values() for out in stage.get("outs") or ()}
    return {name: outs[path] for name, path in paths.items() if path in outs}
