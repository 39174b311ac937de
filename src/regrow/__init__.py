"""regrow: projects in which every experiment can be regrown from its Git commit.

declare   a plugin says which stages and components it brings             Stage, Component, Kind
compile   conf/ and the plugins become dvc.yaml, params.yaml, fingerprints
run       DVC executes the stages: `regrow stage NAME` is each one's command
record    dvc.lock and the Git commit hold what was used and what came out
explain   why a stage would run again, named before and after
"""

from typing import TYPE_CHECKING, Any

from regrow.base.errors import RegrowError
from regrow.plugin.components import OfKind, Use, nearest
from regrow.plugin.context import Context
from regrow.plugin.declare import Artifact, ArtifactType, Columns, Command, Component, Kind, Reads, Stage
from regrow.plugin.needs import every, maybe
from regrow.plugin.randomness import random_state

if TYPE_CHECKING:
    from regrow.plugin.schema import Data, Seed, Strict, Target, Task

__all__ = [
    "Artifact",
    "ArtifactType",
    "Columns",
    "Command",
    "Component",
    "Context",
    "Data",
    "Kind",
    "OfKind",
    "Reads",
    "RegrowError",
    "Seed",
    "Stage",
    "Strict",
    "Target",
    "Task",
    "Use",
    "every",
    "maybe",
    "nearest",
    "random_state",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """What is imported when it is asked for: the settings models, as a plugin.py needs none and pydantic is heavy; and
    `regrow.open(path)`, a project to look into, which reads Git."""
    if name in {"Data", "Seed", "Strict", "Target", "Task"}:
        from regrow.plugin import schema

        return getattr(schema, name)
    if name == "open":
        from regrow.experiments.opened import open_here

        return open_here
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
