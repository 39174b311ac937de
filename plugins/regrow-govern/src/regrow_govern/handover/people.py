"""Who knows what: for each stage the people who changed what it stands on, as Git counts their commits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from regrow import layout
from regrow.compile.pipeline import Pipeline
from regrow.tools import git

HALF = 0.5
#: settings groups that are for all stages
EVERYWHERE = ("compute", "experiment")


@dataclass(frozen=True)
class Known:
    """A stage, and who knows it."""

    stage: str
    paths: tuple[str, ...]
    #: (name, commits), the most first
    people: tuple[tuple[str, int], ...]

    @property
    def bus_factor(self) -> int:
        """The fewest people who together made more than half of the commits; 0 where nobody is known."""
        whole, sum_ = sum(count for _, count in self.people), 0
        for place, (_, count) in enumerate(self.people, 1):
            sum_ += count
            if sum_ > HALF * whole:
                return place
        return 0


def known(pipeline: Pipeline, commit: str) -> list[Known]:
    """By stage, in the order in which they run."""
    files = git.files(pipeline.project.root, commit)
    made = []
    for stage in pipeline.stages:
        paths = tuple(dict.fromkeys(_paths(pipeline, stage, files)))
        made.append(Known(stage.name, paths, tuple(_people(pipeline, commit, paths))))
    return made


def _paths(pipeline: Pipeline, stage: Any, files: Mapping[str, Any]) -> list[str]:
    """The settings that it reads, the raw data that it needs, and the project's code, if it reaches that."""
    groups = dict.fromkeys(key.partition(".")[0] for key in stage.params)
    found = [f"{layout.CONF}/{group}" for group in groups if group not in EVERYWHERE]
    found += [f"{layout.CONF}/{group}.yaml" for group in groups]
    sources = pipeline.project.sources
    found += [f"{sources[need]}.dvc" for need in stage.inputs if need in sources]
    found += [sources[need] for need in stage.inputs if need in sources]
    print_ = pipeline.project.path(layout.fingerprint(stage.name))
    package = pipeline.project.package
    if package and print_.is_file() and f"{package}." in print_.read_text(encoding="utf-8"):
        found.append(f"{layout.SOURCE}/{package}")
    return [one for one in found if any(path == one or path.startswith(f"{one}/") for path in files)]


def _people(pipeline: Pipeline, commit: str, paths: tuple[str, ...]) -> list[tuple[str, int]]:
    """As `git shortlog` counts, by e-mail, so that one person with two spellings is one."""
    if not paths:
        return []
    counted: dict[str, int] = {}
    names: dict[str, str] = {}
    for line in git.lines(
        pipeline.project.root, "shortlog", "--summary", "--numbered", "--email", commit, "--", *paths
    ):
        count, _, who = line.strip().partition("\t")
        name, _, email = who.rpartition(" <")
        key = email.rstrip(">").lower()
        names.setdefault(key, name or key)
        counted[key] = counted.get(key, 0) + int(count)
    order = sorted(counted, key=lambda one: (-counted[one], one))
    return [(names[one], counted[one]) for one in order]
