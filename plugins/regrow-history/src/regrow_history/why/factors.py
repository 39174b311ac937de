"""What differs between two commits, by factor: data, settings, code, environment; the files of a mixture of both."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from regrow import layout
from regrow.record.commit_record import Recorded, is_dvcs

DATA, SETTINGS, CODE, ENVIRONMENT = FACTORS = ("data", "settings", "code", "environment")
CHOICES = "choices/"  # what a clock decided was decided under settings


@dataclass(frozen=True)
class Sides:
    """Two commits of one project."""

    old: Recorded
    new: Recorded

    def side(self, chosen: frozenset[str], factor: str) -> Recorded:
        """Which of both a factor is taken from. chosen: the factors that are taken from the new one."""
        return self.new if factor in chosen else self.old

    @cached_property
    def differing(self) -> tuple[str, ...]:
        """The factors that are not the same in both."""
        old, new = ({factor: _part(one, factor) for factor in FACTORS} for one in (self.old, self.new))
        return tuple(factor for factor in FACTORS if old[factor] != new[factor])

    def mixed(self, chosen: frozenset[str]) -> Recorded:
        """The commit's files as they would be with these factors from the new side, and the others from the old one.

        What stages make is left out, but for choices, which belong to settings. What is no factor, such as a page of
        documentation, is the new one's.
        """
        files: dict[str, tuple[str, str]] = {}
        for side in (self.old, self.new):
            for path, entry in side.files.items():
                factor = factor_of(path, side)
                wanted = self.side(chosen, factor) if factor else self.new
                if wanted is side and not _is_made(path, side):
                    files[path] = entry
        data = self.side(chosen, DATA)
        return replace(self.new, files=files, data=data.data)


def factor_of(path: str, recorded: Recorded) -> str:
    """Of a file of a commit; "" for what no stage stands on."""
    top = path.partition("/")[0]
    if path.startswith(CHOICES) or top == layout.CONF:
        return SETTINGS
    if path == layout.REQUIREMENTS or top == layout.VENDOR:
        return ENVIRONMENT
    if top == "src" or path == layout.PYPROJECT or path.rpartition("/")[2] == layout.DVC_YAML:
        return CODE
    if (is_dvcs(path) and path.endswith(".dvc")) or _is_source(path, recorded):
        return DATA
    return CODE if any(_is_below(path, dep.path) for stage in recorded.stages for dep in stage.deps) else ""


def _part(recorded: Recorded, factor: str) -> dict[str, object]:
    """What stands for a factor: path -> what it is."""
    found: dict[str, object] = {
        path: entry
        for path, entry in recorded.files.items()
        if not _is_made(path, recorded) and not path.startswith(CHOICES) and factor_of(path, recorded) == factor
    }
    if factor == CODE:
        found = {path: one for path, one in found.items() if path.rpartition("/")[2] != layout.DVC_YAML}
        found |= {f"{name}: {layout.DVC_YAML}": said for name, said in _own_stages(recorded).items()}
    if factor == DATA:
        found = {path: one for path, one in found.items() if not path.endswith(".dvc")}
        found |= {entry.path: entry.md5 for entry in recorded.inputs}
    return found


def _own_stages(recorded: Recorded) -> dict[str, object]:
    """The stages that a person wrote; regrow's are compiled from code and settings."""
    return {stage.name: stage.declared for stage in recorded.stages if not stage.is_ours}


def _is_made(path: str, recorded: Recorded) -> bool:
    """Whether a file is what stages make, or DVC's record of that; choices are kept."""
    if path.startswith(CHOICES):
        return False
    return path.rpartition("/")[2] == layout.DVC_LOCK or any(_is_below(path, made) for made in recorded.makers)


def _is_source(path: str, recorded: Recorded) -> bool:
    said = tomllib.loads(recorded.text(layout.PYPROJECT) or "").get("tool", {}).get("regrow", {}).get("sources", {})
    sources: Mapping[str, str] = said if isinstance(said, dict) else {}
    return any(_is_below(path, str(place)) for place in sources.values())


def _is_below(path: str, place: str) -> bool:
    return path == place or path.startswith(f"{place}/")
