"""What this plugin brings: one stage, two components of a kind of its own, one config group."""

from regrow import Artifact, Component, Stage


def regrow_config() -> str:
    """conf/drift/ ships with the package."""
    return "regrow_drift.conf"


def regrow_components() -> list[Component]:
    """Two distances, of the kind `distance`."""
    return [
        Component("ks", "distance", "regrow_drift.distances:ks"),
        Component("shift", "distance", "regrow_drift.distances:shift", "regrow_drift.settings:Shift"),
    ]


def regrow_stages() -> list[Stage]:
    """The stage `drift`."""
    return [
        Stage(
            name="drift",
            kind="evaluation",
            run="regrow_drift.stage:drift",
            needs=["table", "split"],
            makes=[Artifact("drift_metrics", "metrics"), Artifact("drift_plot", "plot")],
            params=["drift"],
            settings="regrow_drift.settings:Settings",
            about="How far the held-out rows lie from the training rows",
        )
    ]
