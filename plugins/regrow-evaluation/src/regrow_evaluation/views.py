"""Who looks at what of a page: a view for each role, which shows its sections and hides the others.

A section that no view names goes by its level: what is to be decided is everybody's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class View:
    """A role's. levels: all of their sections. names: of sections besides, with the signs of `fnmatch`."""

    title: str
    levels: tuple[str, ...]
    names: tuple[str, ...] = ()

    def shows(self, section: Mapping[str, Any]) -> bool:
        """section: with name and level."""
        named = any(fnmatchcase(section["name"], pattern) for pattern in self.names)
        return named or section["level"] in self.levels


#: those of docs/roles.md
VIEWS = {
    "subject-matter-expert": View(
        "Subject-matter expert", ("decide",), ("*-slices", "*-explanation", "*-uncertainty", "*-cases", "data_section")
    ),
    "data-scientist": View("Data scientist", ("decide", "analyse"), ("features_section", "model_section")),
    "data-engineer": View(
        "Data engineer", ("decide",),
        ("data_section", "columns_section", "split_section", "features_section", "*-drift", "*-sources", "profile*",
         "monitor_c_inputs", "monitor_engineer*"),
    ),
    "software-engineer": View(
        "Software engineer", ("decide",), ("fallback_section", "*-robustness", "columns_section")
    ),
    "devops": View("DevOps", ("decide",), ("fallback_section", "*-extraction", "model_section", "monitor_engineer*")),
    "risk-manager": View(
        "Risk manager", ("decide",),
        ("*-slices", "*-robustness", "*-uncertainty", "*-staleness", "security-*", "readiness-*", "fallback_section",
         "monitor_performance*"),
    ),
    "architect": View("Architect", ("decide", "engineer"), ("fallback_section", "*-staleness")),
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A view of a page: `shows` names its sections, of so many."""

    key: str
    title: str
    shows: tuple[str, ...]
    of: int

    def shows_part(self, part: Mapping[str, Any]) -> bool:
        """Whether anything is left of a part: what was checked is everybody's, and stands where decisions do."""
        return part["level"] == "decide" or any(one["name"] in self.shows for one in part["sections"])


def views(sections: Iterable[Mapping[str, Any]]) -> list[Shown]:
    """Those that show less than all."""
    every = list(sections)
    made = [Shown(key, view.title, tuple(one["name"] for one in every if view.shows(one)), len(every))
            for key, view in VIEWS.items()]  # fmt: skip
    return [one for one in made if len(one.shows) < len(every)]
