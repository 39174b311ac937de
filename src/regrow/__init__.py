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
from regrow.plugin.declare import Artifact, Columns, Component, Kind, Reads, Stage
from regrow.plugin.randomness import random_state

if TYPE_CHECKING:
    from regrow.plugin.schema import Data, Seed, Strict, Target, Task

__all__ = [
    "Artifact",
    "Columns",
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
    "nearest",
    "random_state",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """The settings models, imported when they are asked for: a plugin.py needs none, and pydantic is heavy."""
    if name not in {"Data", "Seed", "Strict", "Target", "Task"}:
        raise AttributeError(f"module 'regrow' has no attribute {name!r}")
    from regrow.plugin import schema

    return getattr(schema, name)
