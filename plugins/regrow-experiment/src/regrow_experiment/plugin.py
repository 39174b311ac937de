"""What regrow-experiment brings: the stage `train`, estimators, a search that searches nothing, and Hydra groups."""

from regrow import Artifact, Component, Stage
from regrow_experiment.catalog import CLASSIFIERS, REGRESSORS

OWN = {
    "boosting": ("Boosting", "histogram gradient boosting; takes missing values"),
    "extra_trees": ("ExtraTrees", "extremely randomised trees"),
    "forest": ("Forest", "random forest"),
    "gradient_boosting": ("GradientBoosting", "gradient boosting, tree by tree; for small tables"),
    "knn": ("NearestNeighbors", "nearest neighbours; wants scaled numbers"),
    "linear": ("Linear", "logistic regression, or ridge regression; wants scaled numbers"),
    "mlp": ("Mlp", "a small neural network; wants scaled numbers"),
}


def regrow_stages() -> list[Stage]:
    """The stage `train`: features and split -> a fitted pipeline, and predictions for the rows it did not see."""
    return [
        Stage(
            name="train",
            kind="experiment",
            run="regrow_experiment.stage:train",
            needs=("features", "split"),
            makes=(Artifact("model", "model"), Artifact("predictions", "table")),
            params=("features.steps", "model", "search", "data.task", "data.target", "seed"),
            settings="regrow_experiment.settings:Train",
            about="fits steps and estimator as one pipeline on training rows, and predicts the held-out ones",
        )
    ]


def regrow_components() -> list[Component]:
    """Estimators of our own, which serve both tasks; scikit-learn's by class name; and the search `none`."""
    return [
        *(_own(name, settings, about) for name, (settings, about) in OWN.items()),
        *(_named(name, "classification") for name in CLASSIFIERS),
        *(_named(name, "regression") for name in REGRESSORS),
        Component("none", "search", "regrow_experiment.search:none", about="fits the settings as they are"),
    ]


def regrow_config() -> str:
    """The package whose Hydra groups a project can choose from: model=extra_trees, gradient_boosting, knn."""
    return "regrow_experiment.conf"


def _own(name: str, settings: str, about: str) -> Component:
    make = f"regrow_experiment.estimators:{name}"
    return Component(name, "estimator", make, f"regrow_experiment.settings:{settings}", about=about)


def _named(name: str, task: str) -> Component:
    make, settings = "regrow_experiment.named:make", "regrow_experiment.named:parameters"
    schema = "regrow_experiment.parameter_schema:parameters"
    return Component(name, "estimator", make, settings, about=f"scikit-learn's, for {task}", schema=schema)
