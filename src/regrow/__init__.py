"""regrow: projects in which every experiment can be regrown from its Git commit.

declare   a plugin says which stages and components it brings             Stage, Component, Artifact, Columns
compile   conf/ and the plugins become dvc.yaml, params.yaml, fingerprints
run       DVC executes the stages: `regrow stage NAME` is each one's command
record    dvc.lock and the Git commit hold what was used and what came out
explain   why a stage would run again, named before and after
"""

from regrow.base.errors import RegrowError
from regrow.plugin.components import OfKind, Use, nearest
from regrow.plugin.declare import Artifact, ArtifactType, Columns, Command, Component, Reads, Stage
from regrow.plugin.needs import every, maybe
from regrow.plugin.randomness import random_state

__all__ = [
    "Artifact",
    "ArtifactType",
    "Columns",
    "Command",
    "Component",
    "OfKind",
    "Reads",
    "RegrowError",
    "Stage",
    "Use",
    "every",
    "maybe",
    "nearest",
    "random_state",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """`regrow.open(path)`: a project, to look into. Imported when it is asked for, as it reads Git."""
    if name == "open":
        from regrow.experiments.opened import open_here

        return open_here
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
