"""What this plugin brings: stages `evaluate` and `report`, and a "metric" for every row of the catalogue."""

from regrow import Artifact, Component, Stage, every, maybe
from regrow_evaluation.catalogue import METRICS

EVALUATE = Stage(
    name="evaluate",
    kind="evaluation",
    run="regrow_evaluation.evaluate:evaluate",
    settings="regrow_evaluation.settings:EvaluateSettings",
    needs=("predictions", "table", maybe("beside")),
    makes=(
        Artifact("metrics", "metrics", path="metrics.json"),
        # DVC's line template would join the last point of one series to the first of the next; dots suit every task.
        Artifact(
            "performance_curve",
            "curve",
            path="plots/performance.csv",
            options={"x": "x", "y": "y", "title": "Performance on held-out rows", "template": "scatter"},
        ),
        Artifact(
            "calibration_curve",
            "curve",
            path="plots/calibration.csv",
            options={"x": "x", "y": "y", "title": "Calibration on held-out rows", "template": "scatter"},
        ),
        Artifact("result_section", "section", path="sections/result.json"),
        Artifact("performance_section", "section", path="sections/performance.json"),
    ),
    params=("evaluation", "data.task", "data.target"),
    about="Metrics per fold and on average, a baseline beside them, a performance and a calibration curve.",
)

REPORT = Stage(
    name="report",
    kind="delivery",
    run="regrow_evaluation.report:report",
    needs=(every("section"), every("findings"), every("metrics"), every("record")),
    makes=(Artifact("report", "report", path="report.html"),),
    about="One self-contained HTML page of what the stages have to say: to decide, to analyse, to engineer.",
)


def regrow_stages() -> list[Stage]:
    """The stages, in the order in which they run."""
    return [EVALUATE, REPORT]


def regrow_components() -> list[Component]:
    """One metric for every row of the catalogue; its factory has the same name."""
    return [
        Component(
            name=name,
            kind="metric",
            make=f"regrow_evaluation.metrics:{name}",
            settings="regrow_evaluation.settings:ThresholdSettings" if facts.takes_threshold else "",
            about=facts.about,
            better=facts.better,
            tasks=facts.tasks,
            example={"threshold": 0.4} if facts.takes_threshold else {},
            source=facts.source,
        )
        for name, facts in METRICS.items()
    ]
