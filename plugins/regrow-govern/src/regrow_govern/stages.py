"""The stages of this plugin, and the analyses that they can use."""

from typing import Any

from regrow import Artifact, Component, Stage, maybe

NEEDS = ("predictions", "table", "metrics", maybe("features"), maybe("split"), maybe("model"))
PARAMS = ("evaluation.metrics", "evaluation.intervals", "data.task", "data.target", "seed")
ABOUT = {
    "security": "what somebody could do to the model or get out of it: the checks of security.checks",
    "readiness": "what the tests of the ML Test Score ask of the model: the checks of readiness.checks",
}
#: name -> package, settings, the function that names columns, about, an example, source
ANALYSES: dict[str, tuple[str, str, str, str, dict[str, Any], str]] = {
    "flips": ("security", "FlipsSettings", "", "what a few wrong labels cost", {"shares": [0.05], "repeats": 1},
              "Biggio, Nelson and Laskov, Support Vector Machines under adversarial label noise, ACML 2011"),
    "sources": ("security", "SourcesSettings", "by", "each source of the data left out", {"by": "shop"},
                "Koh and Liang, Understanding black-box predictions via influence functions, ICML 2017"),
    "evasion": ("security", "EvasionSettings", "", "the cheapest change of changeable columns that turns an answer",
                {"changeable": ["amount"], "rows": 20}, "Lowd and Meek, Adversarial learning, KDD 2005"),
    "membership": ("security", "MembershipSettings", "", "whether a row's loss tells that it was learnt from", {},
                   "Yeom et al., Privacy risk in machine learning, CSF 2018"),
    "extraction": ("security", "ExtractionSettings", "", "how many questions copy the model", {"budgets": [50]},
                   "Tramer et al., Stealing machine learning models via prediction APIs, USENIX Security 2016"),
    "refit": ("readiness", "", "", "fitted again: the same answers, bit for bit", {}, ""),
    "tuning": ("readiness", "TuningSettings", "", "whether settings near by are better", {"folds": 2}, ""),
    "inclusion": ("readiness", "InclusionSettings", "groups", "whether groups are served alike", {"columns": ["shop"]},
                  "Hardt, Price and Srebro, Equality of Opportunity in Supervised Learning, NeurIPS 2016"),
}  # fmt: skip
RANDOM = ("flips", "evasion", "membership", "extraction", "tuning")


def stages() -> list[Stage]:
    """`security` and `readiness`."""
    return [
        Stage(
            name=name,
            kind="evaluation",
            run=f"regrow_govern.{name}.stage:{name}",
            settings=f"regrow_govern.{name}.settings:{name.capitalize()}Settings",
            needs=NEEDS,
            makes=(
                Artifact(name, "analyses"),
                Artifact(f"{name}_findings", "findings", path=f"findings/{name}.json"),
            ),
            params=(name, *PARAMS),
            about=about,
        )
        for name, about in ABOUT.items()
    ]


def analyses() -> list[Component]:
    """What security.checks and readiness.checks, and evaluation.analyses too, can use."""
    return [_component(name, *row) for name, row in ANALYSES.items()]


def _component(
    name: str, package: str, settings: str, columns: str, about: str, example: dict[str, Any], source: str
) -> Component:
    module = f"regrow_govern.{package}.settings"
    return Component(
        name,
        "analysis",
        f"regrow_govern.{package}.{name}:{name}",
        f"{module}:{settings}" if settings else "",
        about=about,
        columns=f"{module}:{columns}" if columns else "",
        tags=("random",) if name in RANDOM else (),
        example=example,
        source=source,
    )
