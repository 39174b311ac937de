"""What regrow-serve brings: stages `bundle` and `fallback`, an artifact type, commands, the Hydra group `serving`."""

from regrow import Artifact, ArtifactType, Command, Stage, maybe

NEEDS = (
    *("table", "lookups", "split", "features", "model", "predictions", "ingest_record"),
    *(maybe("requirements_lock"), maybe("fallback_bundle"), maybe("card"), maybe("decision"), maybe("threshold")),
)
DATA = ("data.task", "data.target", "data.leaks", "data.reader", "data.types", "data.assumptions")
COMMANDS = {
    "predict": "Score the rows of a CSV or Parquet file with the bundle of a commit.",
    "serve": "Answer over HTTP with the bundle of this project, or of a file.",
    "switch": "Answer with the fallback instead of the model, or go back.",
    "drill": "Break a server in eight ways and show what a client sees.",
    "image": "Write the bundle as an OCI image, without a container daemon.",
    "export": "Write the bundle as a wheel, or its pipeline as ONNX.",
}


def regrow_config() -> str:
    """The package whose Hydra group `serving` a project can choose from."""
    return "regrow_serve.conf"


def regrow_stages() -> list[Stage]:
    """`fallback`: what it costs when the model can't answer. `bundle`: model, row-wise steps and lookups -> one archive
    that scores raw rows."""
    return [
        Stage(
            name="fallback",
            kind="evaluation",
            run="regrow_serve.unavailable:unavailable",
            needs=("table", "split", "predictions", maybe("fallback_bundle"), maybe("threshold")),
            makes=(Artifact("fallback", "record"), Artifact("fallback_section", "section")),
            params=("data.task", "data.target", "serving.fallback", "serving.threshold"),
            settings="regrow_serve.settings:FallbackSettings",
            about="how much worse than the model the fallback is on held-out rows, per thousand decisions",
        ),
        Stage(
            name="bundle",
            kind="delivery",
            run="regrow_serve.stage:bundle",
            needs=NEEDS,
            makes=(Artifact("bundle", "bundle"),),
            params=(*DATA, "features.derive", "serving"),
            settings="regrow_serve.settings:BundleSettings",
            about="packs what scoring needs, once held-out rows come out of it as they were recorded, bit for bit",
        ),
    ]


def regrow_artifacts() -> list[ArtifactType]:
    """The bundle's type."""
    return [ArtifactType("bundle", "regrow_serve.artifact", "models", ".bundle")]


def regrow_commands() -> list[Command]:
    """What is done with a bundle."""
    return [Command(name, f"regrow_serve.commands:{name}", about) for name, about in COMMANDS.items()]
