"""What regrow-monitor brings: the pipeline `monitor`, its commands, the Hydra group `monitor`."""

from dataclasses import replace

from regrow import Artifact, ArtifactType, Command, Stage, every, maybe

FOLDER = "monitor"
ALL = ("monitor_rows", "monitor_reference", "monitor_log")
DATA = ("data.task", "data.target")
COMMANDS = {
    "seal": "Seal a day of the prediction log: from then on it is a version of data.",
    "monitor": "Run the monitoring pipeline up to a day; write its page.",
    "alarms": "List alarms; acknowledge or close one.",
    "demo-drift": "Show a year with a shift on the project's own bundle.",
}


def regrow_config() -> str:
    """The package whose Hydra group `monitor` a project can choose from."""
    return "regrow_monitor.conf"


def regrow_stages() -> list[Stage]:
    """In monitor/dvc.yaml, each."""
    stages = [
        Stage(
            name="collect",
            kind="data",
            run="regrow_monitor.collect:collect",
            needs=(maybe("prediction_log"), maybe("labels")),
            makes=(
                _at("monitor_rows", "table", "rows.parquet"),
                _at("monitor_reference", "table", "reference.parquet"),
                _at("monitor_log", "record", "log.json"),
            ),
            params=("monitor", "data.target"),
            settings="regrow_monitor.settings:CollectSettings",
            about="Sealed days of the prediction log up to monitor.until, with labels as they were known then.",
        ),
        Stage(
            name="drift",
            kind="evaluation",
            run="regrow_monitor.drift:drift",
            needs=ALL,
            makes=(_at("monitor_numbers", "table", "numbers.parquet"), _at("monitor_drift", "record", "drift.json")),
            params=("monitor", "seed"),
            settings="regrow_monitor.settings:DriftSettings",
            about="Every check of every day against the bundle's reference, and one limit for all of them.",
        ),
        Stage(
            name="performance",
            kind="evaluation",
            run="regrow_monitor.performance:performance",
            needs=ALL,
            makes=(
                _at("monitor_performance", "record", "performance.json"),
                _at("monitor_examined", "analyses", "examined.json"),
                _at("monitor_examine_findings", "findings", "examine_findings.json"),
                _at("monitor_performance_section", "section", "performance_section.json"),
            ),
            params=("monitor", "evaluation.metrics", "evaluation.intervals", "objective", *DATA, "seed"),
            settings="regrow_monitor.settings:PerformanceSettings",
            about="Metrics where labels are there, estimated ones elsewhere, and what decisions are worth.",
        ),
        Stage(
            name="alarms",
            kind="evaluation",
            run="regrow_monitor.alarms:alarms",
            needs=(ALL[0], ALL[1], "monitor_numbers", "monitor_drift", ALL[2]),
            makes=(
                _at("monitor_alarms", "record", "alarms.json"),
                _at("monitor_findings", "findings", "findings.json"),
                _at("monitor_engineer_section", "section", "engineer_section.json"),
            ),
            params=("monitor", "objective"),
            settings="regrow_monitor.settings:AlarmSettings",
            about="What went beyond the limit, since when, how sure.",
        ),
        Stage(
            name="page",
            kind="delivery",
            run="regrow_monitor.page:page",
            needs=(every("section"), every("findings"), every("metrics"), every("record"), every("analyses"),
                   "monitor_numbers", maybe("alarm_files")),
            makes=(_at("monitor_page", "report", "page.html"), _at("monitor_textfile", "textfile", "metrics.prom")),
            params=("monitor", "objective"),
            settings="regrow_monitor.settings:AlarmSettings",
            about="One page for who decides, who analyses and who runs it; the same numbers for Prometheus.",
        ),
    ]  # fmt: skip
    return [replace(stage, pipeline=FOLDER) for stage in stages]


def _at(name: str, kind: str, file: str) -> Artifact:
    return Artifact(name, kind, path=f"{FOLDER}/{file}")


def regrow_artifacts() -> list[ArtifactType]:
    """What Prometheus reads."""
    return [ArtifactType("textfile", "regrow_monitor.textfile", "monitor", ".prom")]


def regrow_commands() -> list[Command]:
    """One a function of `commands`."""
    return [
        Command(name, f"regrow_monitor.commands:{name.replace('-', '_')}", about) for name, about in COMMANDS.items()
    ]
