"""What this plugin brings: the chain from predictions to a decision, its kinds, and a "metric" for every row of the
catalogue."""

from typing import Any

from regrow import Artifact, ArtifactType, Command, Component, Kind, Stage, every, maybe
from regrow_evaluation.catalogue import METRICS

DATA = "data.task", "data.target"
EVALUATE = Stage(
    name="evaluate",
    kind="evaluation",
    run="regrow_evaluation.evaluate:evaluate",
    settings="regrow_evaluation.settings:EvaluateSettings",
    needs=("predictions", "table", maybe("beside"), maybe("search_findings")),
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
    params=("evaluation.metrics", "evaluation.bins", "evaluation.intervals", *DATA),
    columns="regrow_evaluation.named:intervals",
    about="Metrics with intervals, per fold and on average, beside a baseline; performance and calibration curves.",
)

EXAMINE = Stage(
    name="examine",
    kind="evaluation",
    run="regrow_evaluation.examine:examine",
    settings="regrow_evaluation.settings:ExamineSettings",
    needs=(
        "predictions",
        "table",
        "metrics",
        maybe("features"),
        maybe("split"),
        maybe("model"),
        maybe("champion"),
        maybe("cases"),
    ),
    makes=(
        Artifact("examined", "analyses"),
        Artifact("examine_findings", "findings", path="findings/examine.json"),
        Artifact("threshold", "record", path="records/threshold.json"),
    ),
    params=(
        "evaluation.metrics",
        "evaluation.intervals",
        "evaluation.analyses",
        "evaluation.champion",
        "objective",
        *DATA,
        "seed",
    ),
    about="The analyses of evaluation.analyses on the held-out rows: what each measured and found.",
)

DECIDE = Stage(
    name="decide",
    kind="evaluation",
    run="regrow_evaluation.decide:decide",
    settings="regrow_evaluation.settings:DecideSettings",
    needs=(every("findings"), every("metrics"), every("analyses")),
    makes=(
        Artifact("decision", "decision", path="decision.json"),
        Artifact("decision_section", "section", path="sections/decision.json"),
    ),
    params=("gates", "objective", "evaluation.metrics", *DATA),
    about="The gates over all findings and metrics: may it be used, and the hashes of what was judged.",
)

REPORT = Stage(
    name="report",
    kind="delivery",
    run="regrow_evaluation.report:report",
    needs=(every("section"), every("findings"), every("metrics"), every("record"), every("analyses")),
    makes=(Artifact("report", "report", path="report.html"), Artifact("card", "card", path="card.md")),
    about="One self-contained HTML page of what the stages have to say, and the model card: the same in Markdown.",
)

#: name -> settings, about, tasks, tags, an example, source, whether its settings name columns
Row = tuple[str, str, tuple[str, ...], dict[str, Any], str, bool]
ANY: tuple[str, ...] = ()
ANALYSES: dict[str, Row] = {
    "guess": ("", "against a guess that looks at no feature, and always the same answer", ANY, {}, "", False),
    "calibration": (
        "CalibrationSettings",
        "whether probabilities come true, and numbers are right on average",
        ANY,
        {"bins": 5},
        "Broecker and Smith, Weather and Forecasting 22, 2007",
        False,
    ),
    "slices": (
        "SlicesSettings",
        "parts of the rows where it is worse than chance explains",
        ANY,
        {"bins": 2, "least_rows": 10},
        "Westfall and Young, Resampling-Based Multiple Testing, 1993",
        True,
    ),
    "harm": (
        "HarmSettings",
        "what decisions are worth by objective.value, and the threshold for it",
        ANY,
        {},
        "Vickers and Elkin, Medical Decision Making 26, 2006",
        False,
    ),
    "champion": (
        "ChampionSettings",
        "against the model in use, on the same rows",
        ANY,
        {"least": 0.01},
        "Efron and Tibshirani, An Introduction to the Bootstrap, 1993",
        True,
    ),
    "uncertainty": (
        "UncertaintySettings",
        "conformal sets and intervals, their coverage, and what to send to a person",
        ANY,
        {"level": 0.8},
        "Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005",
        True,
    ),
    "explanation": (
        "ExplanationSettings",
        "which columns matter, how, and what the worst errors came of",
        ANY,
        {"repeats": 2},
        "Breiman, Random Forests, Machine Learning 45, 2001",
        False,
    ),
    "robustness": (
        "RobustnessSettings",
        "missing, odd and foreign values, and cases that must pass",
        ANY,
        {"rows": 20},
        "Ribeiro et al., Beyond Accuracy: CheckList, ACL 2020",
        False,
    ),
    "staleness": (
        "StalenessSettings",
        "how fast it ages: trained on the first periods, scored on later ones, beside one that is trained anew",
        ANY,
        {"by": "day", "every": "month"},
        "Tashman, International Journal of Forecasting 16, 2000",
        True,
    ),
    "cross_testing": (
        "CrossTestingSettings",
        "whether the score holds on a group, or a later period, of which nothing was learnt",
        ANY,
        {"by": "shop", "least_rows": 20},
        "Steyerberg and Harrell, Journal of Clinical Epidemiology 69, 2016",
        True,
    ),
    "drift": (
        "DriftSettings",
        "held-out rows against those that were learnt from",
        ANY,
        {"effect": 0.2},
        "Rabanser, Guennemann and Lipton, Failing Loudly, NeurIPS 2019",
        False,
    ),
}
DRAWS = ("calibration", "slices", "harm", "uncertainty", "explanation", "robustness", "cross_testing")
GOES_ALONG = ("staleness", "cross_testing")
OWNED = {"owner": "credit"}
#: name -> settings, about, an example
GATES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "bound": ("Bound", "a metric within bounds", {"metric": "roc_auc", "at_least": 0.6}),
    "worst_slice": ("Bounds", "the first metric in the worst slice within bounds", {"at_least": 0.6}),
    "calibration": ("Bounds", "the calibration error beyond chance within bounds", {"at_most": 0.05}),
    "harm": ("GateSettings", "decisions are worth more than treating all rows the same", {}),
    "beats_guess": ("BeatsSettings", "better than a guess that looks at no feature", {"by": 0.05}),
    "beats_champion": ("ChampionGate", "the first metric against the champion's", {"require": "better"}),
    "findings": ("FindingsSettings", "no finding of a severity failed", {"least": "major"}),
}


def regrow_stages() -> list[Stage]:
    """The stages, in the order in which they run."""
    return [EVALUATE, EXAMINE, DECIDE, REPORT]


def regrow_config() -> str:
    """The package whose options `gates: default` and `objective: default` a project without its own gets."""
    return "regrow_evaluation.conf"


def regrow_kinds() -> list[Kind]:
    """What `evaluation.analyses` and `gates.rules` choose among."""
    return [
        Kind(
            "analysis",
            "regrow_evaluation.evidence:Analysis",
            "looks at a model's held-out rows, for examine; context: task, random_state, target, columns",
            check="regrow_evaluation.evidence:check",
        ),
        Kind(
            "gate",
            "regrow_evaluation.gates:Gate",
            "a rule over findings and metrics, for decide; context: task, target",
            check="regrow_evaluation.gates:check",
        ),
    ]


def regrow_artifacts() -> list[ArtifactType]:
    """What analyses returned; the decision and the card, which lie in Git."""
    return [
        ArtifactType("analyses", "regrow_evaluation.analyses_file", "analyses", ".json"),
        ArtifactType("decision", "regrow_evaluation.decision_file", "decisions", ".json", cached=False),
        ArtifactType("card", "regrow_evaluation.card_file", "cards", ".md", cached=False),
    ]


def regrow_commands() -> list[Command]:
    """What is done with a decision, and with two models."""
    return [
        Command(
            "decision", "regrow_evaluation.commands:decision", "Hold decision, card and metrics against the record."
        ),
        Command("compare", "regrow_evaluation.commands:compare", "Compare two commits: metrics, settings, data, code."),
        Command(
            "champion", "regrow_evaluation.commands:champion", "Say which commit's model new ones are held against."
        ),
        Command("looks", "regrow_evaluation.commands:looks", "Count the experiments that were scored on these rows."),
    ]


def regrow_components() -> list[Component]:
    """One metric for every row of the catalogue, whose factory has the same name; the analyses and the gates."""
    return [
        *(
            Component(
                name=name,
                kind="metric",
                make=f"regrow_evaluation.metrics:{name}",
                settings=f"regrow_evaluation.metric_settings:{facts.settings}" if facts.settings else "",
                about=facts.about,
                better=facts.better,
                tasks=facts.tasks,
                example=dict(facts.example),
                source=facts.source,
            )
            for name, facts in METRICS.items()
        ),
        *(_analysis(name, *row) for name, row in ANALYSES.items()),
        *(_gate(name, *row) for name, row in GATES.items()),
    ]


def _analysis(name: str, settings: str, about: str, tasks: tuple[str, ...], example: dict[str, Any], source: str,
              names_columns: bool) -> Component:  # fmt: skip
    module = f"regrow_evaluation.analyses.{name}"
    return Component(
        name,
        "analysis",
        f"{module}:{name}",
        f"regrow_evaluation.analyses.settings:{settings}" if settings else "",
        about=about,
        columns=f"regrow_evaluation.named:{'by' if name in GOES_ALONG else 'columns'}" if names_columns else "",
        tasks=tasks,
        tags=("random",) if name in DRAWS else (),
        example=example,
        source=source,
    )


def _gate(name: str, settings: str, about: str, example: dict[str, Any]) -> Component:
    module = "regrow_evaluation.settings" if settings == "GateSettings" else "regrow_evaluation.gates"
    return Component(
        name, "gate", f"regrow_evaluation.gates:{name}", f"{module}:{settings}", about=about, example=OWNED | example
    )
