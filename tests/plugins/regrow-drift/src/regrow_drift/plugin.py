"""What this plugin brings: one stage, a kind of component with two components, one config group."""

from regrow import Artifact, Component, Kind, Stage


def regrow_config() -> str:
    """conf/drift/ ships with the package."""
    return "regrow_drift.conf"


def regrow_kinds() -> list[Kind]:
    """What the stage's settings choose among."""
    about = "how far two samples of one column are apart; context: empty"
    return [Kind("distance", "regrow_drift.distances:Distance", about, check="regrow_drift.distances:check")]


def regrow_components() -> list[Component]:
    """Two distances."""
    return [
        Component(
            "ks",
            "distance",
            make="regrow_drift.distances:ks",
            about="the Kolmogorov-Smirnov statistic",
            source="Smirnov, Annals of Mathematical Statistics 19, 1948",
        ),
        Component(
            "shift",
            "distance",
            make="regrow_drift.distances:shift",
            settings="regrow_drift.settings:Shift",
            about="how far mean or median moves, in standard deviations of the training rows",
            example={"of": "median"},
        ),
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
