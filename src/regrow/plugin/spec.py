"""All hooks, in the order regrow calls them. A plugin is a module that has some of these functions.

No decorator is needed.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pluggy

from regrow.plugin.declare import ArtifactType, Command, Component, Kind, Stage

if TYPE_CHECKING:
    from regrow.plugin.project import Project

hookspec = pluggy.HookspecMarker("regrow")


@hookspec
def regrow_config() -> str:  # type: ignore[empty-body]
    """The dotted name of the package whose folders are Hydra groups, such as "regrow_drift.conf"."""


@hookspec
def regrow_kinds() -> list[Kind]:  # type: ignore[empty-body]
    """The kinds of components that this plugin's own stages use, beside those of `regrow.plugin.kinds`."""


@hookspec
def regrow_components() -> list[Component]:  # type: ignore[empty-body]
    """The components that settings may `use:`."""


@hookspec
def regrow_artifacts() -> list[ArtifactType]:  # type: ignore[empty-body]
    """The types of artifacts that stages may make, beside regrow's own."""


@hookspec
def regrow_stages() -> list[Stage]:  # type: ignore[empty-body]
    """The stages that become nodes of dvc.yaml."""


@hookspec
def regrow_commands() -> list[Command]:  # type: ignore[empty-body]
    """The subcommands of `regrow` in projects that use the plugin."""


@hookspec
def regrow_doctor(project: "Project") -> Iterable[Any]:  # type: ignore[empty-body]
    """What `regrow doctor` finds beside its own: `regrow.run.doctor.Diagnosis`; the generated CI fails by it."""


@hookspec
def regrow_recorded(record: Mapping[str, Any]) -> None:
    """Called after a stage's outputs were written: for trackers. It changes no result; its failure is only reported.

    record: {"stage": name, "seconds": float, "outputs": {artifact name: path}, "settings": the stage's, nested,
    "metrics": {artifact name: its numbers}, "experiment": DVC's name of it or "", "commit": that the run began from}.
    """
