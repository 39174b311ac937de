"""regrow: projects in which every experiment can be regrown from its Git commit.

declare   a plugin says which stages and components it brings             Stage, Component, Kind
compile   conf/ and the plugins become dvc.yaml, params.yaml, fingerprints
run       DVC executes the stages: `regrow stage NAME` is each one's command
record    dvc.lock and the Git commit hold what was used and what came out
explain   why a stage would run again, named before and after
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from regrow.base.errors import RegrowError
    from regrow.plugin.components import OfKind, Use, nearest
    from regrow.plugin.context import Context
    from regrow.plugin.declare import Artifact, ArtifactType, Columns, Command, Component, Kind, Reads, Stage
    from regrow.plugin.needs import every, maybe
    from regrow.plugin.randomness import random_state
    from regrow.plugin.schema import Data, Seed, Strict, Target, Task

    __version__: str

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


def __getattr__(name: str) -> Any:
    """What is imported when it is asked for: a command that has nothing to do asks for none of it, and a plugin.py for
    none of the settings models, as pydantic is heavy. `regrow.open(path)` is a project to look into."""
    home: Any
    if name == "__version__":
        from regrow.base.version import installed

        return globals().setdefault(name, installed("regrow"))
    if name == "open":
        try:
            from regrow_history.experiments.opened import open_here
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "regrow_history":
                raise
            raise AttributeError("regrow.open comes with the package regrow-history: pip install it") from None
        return open_here
    if name == "RegrowError":
        from regrow.base import errors as home
    elif name in {"OfKind", "Use", "nearest"}:
        from regrow.plugin import components as home
    elif name == "Context":
        from regrow.plugin import context as home
    elif name in {"every", "maybe"}:
        from regrow.plugin import needs as home
    elif name == "random_state":
        from regrow.plugin import randomness as home
    elif name in {"Data", "Seed", "Strict", "Target", "Task"}:
        from regrow.plugin import schema as home
    elif name in __all__:
        from regrow.plugin import declare as home
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(home, name)
