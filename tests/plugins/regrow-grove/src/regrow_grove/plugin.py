"""What regrow-grove brings: one thing of everything that a plugin can bring."""

from regrow import Artifact, ArtifactType, Command, Component, Stage

LEAST = {"min": 2, "says": "there are two rows", "owner": "foresters", "severity": "error"}
PARTS, SETTINGS = "regrow_grove.parts", "regrow_grove.settings"


def regrow_config() -> str:
    """The package with the Hydra options grove, split=grove, model=grove and search=grove."""
    return "regrow_grove.conf"


def regrow_artifacts() -> list[ArtifactType]:
    """Rings: one number a line."""
    return [ArtifactType("rings", "regrow_grove.rings", folder="rings", ending=".txt", cached=False)]


def regrow_commands() -> list[Command]:
    """`regrow grove`."""
    return [Command("grove", run="regrow_grove.command:command", about="Count the rings.")]


def regrow_components() -> list[Component]:
    """One of each kind."""
    return [
        Component("grove_csv", "reader", f"{PARTS}:reader", f"{SETTINGS}:File", example={"file": "table.csv"}),
        Component("grove_rows", "check", f"{PARTS}:check", f"{SETTINGS}:Least", example=LEAST),
        Component("grove_nth", "splitter", f"{PARTS}:splitter", f"{SETTINGS}:Nth", example={"nth": 3}),
        Component("grove_double", "derive", f"{PARTS}:derive", f"{SETTINGS}:Column", example={"column": "amount"}),
        Component("grove_centre", "transformer", f"{PARTS}:transformer", types=("regrow_grove.classes:Centre",)),
        Component(
            "grove", "estimator", f"{PARTS}:estimator", f"{SETTINGS}:Share", types=("regrow_grove.classes:Share",),
            tasks=("binary",), example={"weight": 0.5},
        ),
        Component("grove_fit", "search", f"{PARTS}:search"),
        Component(
            "ece", "metric", f"{PARTS}:ece", f"{SETTINGS}:Bins", better="lower", tasks=("binary",),
            about="expected calibration error", example={"bins": 5},
            source="Naeini, Cooper and Hauskrecht, AAAI 2015",
        ),
        Component("grove_look", "analysis", f"{PARTS}:analysis"),
        Component("grove_gate", "gate", f"{PARTS}:gate"),
        Component("grove_export", "exporter", f"{PARTS}:exporter"),
    ]  # fmt: skip


def regrow_stages() -> list[Stage]:
    """The stage `grove`."""
    return [
        Stage(
            name="grove",
            kind="evaluation",
            run="regrow_grove.stage:grove",
            needs=["table", "predictions"],
            makes=[Artifact("grove", "rings"), Artifact("grove_part", "section"), Artifact("grove_seen", "findings")],
            params=["grove"],
            settings=f"{SETTINGS}:Settings",
            about="Rings of the table",
        )
    ]
