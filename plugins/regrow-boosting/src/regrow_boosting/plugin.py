"""What regrow-boosting brings: the estimator `lightgbm`, for every task, and model=lightgbm."""

from regrow import Component

ESTIMATORS = "regrow_boosting.estimators"


def regrow_components() -> list[Component]:
    """One estimator that serves both tasks."""
    return [
        Component(
            "lightgbm",
            "estimator",
            f"{ESTIMATORS}:make",
            "regrow_boosting.settings:LightGBM",
            tags=("learns", "random", "takes_missing"),
            example={"n_estimators": 5},
            source="Ke et al. 2017, LightGBM: a highly efficient gradient boosting decision tree",
            types=(f"{ESTIMATORS}:LightGBMClassifier", f"{ESTIMATORS}:LightGBMRegressor"),
            about="LightGBM's gradient boosting, with early stopping; takes missing values",
        )
    ]


def regrow_config() -> str:
    """The package with the Hydra option model=lightgbm."""
    return "regrow_boosting.conf"
