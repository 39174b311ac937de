"""Models on invented rows, as the stages `security` and `readiness` get them."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from regrow import Context
from regrow_evaluation.evaluate import measure
from regrow_evaluation.evidence import Evidence
from regrow_evaluation.examine import evidence_of
from regrow_evaluation.plugin import regrow_components as evaluation_components
from regrow_evaluation.predicted import read
from regrow_govern.security.settings import SecuritySettings
from regrow_govern.stages import analyses

REGISTRY = {"components": {(one.kind, one.name): one for one in [*evaluation_components(), *analyses()]}}
NUMBERS = ["amount", "age", "noise"]


def rows(count: int = 1200, seed: int = 0) -> pd.DataFrame:
    """Numbers, a text, a day, and a target that `amount` and `age` tell of; more than that nobody can know."""
    draw = np.random.default_rng(seed)
    table = pd.DataFrame({name: draw.normal(size=count) for name in NUMBERS})
    table["shop"] = pd.Series(draw.choice(["east", "north", "south", "west"], count), dtype="str")
    table["day"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.arange(count) * 12, unit="h")
    logit = 1.5 * table["amount"] - table["age"]
    table["bought"] = (draw.random(count) < 1 / (1 + np.exp(-logit))).astype("int64")
    return table


def linear(**settings: Any) -> Any:
    """A pipeline that is not fitted."""
    steps = make_column_transformer((StandardScaler(), NUMBERS), (OneHotEncoder(handle_unknown="ignore"), ["shop"]))
    return make_pipeline(steps, LogisticRegression(**settings))


def over_numbers(estimator: Any) -> Any:
    """A pipeline that looks at the numbers alone."""
    return make_pipeline(make_column_transformer((StandardScaler(), NUMBERS)), estimator)


def given(table: pd.DataFrame, model: Any, held_out: float = 0.4, fitted: bool = False) -> dict[str, Any]:
    """What a stage needs; the model is fitted on the rows that are not held out."""
    features = table.drop(columns="day")
    count = len(table)
    test = np.random.default_rng(1).permutation(count)[: int(held_out * count)]
    fold = np.where(np.isin(np.arange(count), test), 0, -1)
    X, y = features.drop(columns="bought"), table["bought"].to_numpy()
    if not fitted:
        model.fit(X[fold == -1].reset_index(drop=True), y[fold == -1])
    place = np.flatnonzero(fold == 0)
    shares = model.predict_proba(X.iloc[place].reset_index(drop=True))
    predictions = pd.DataFrame({"row": place, "fold": 0, "target": y[place], "prediction": shares.argmax(axis=1),
                                "probability_0": shares[:, 0], "probability_1": shares[:, 1]})  # fmt: skip
    split = pd.DataFrame({"row": np.arange(count), "fold": fold})
    return {"predictions": predictions, "table": table, "features": features, "split": split, "model": model}


def settings(checks: dict[str, Any], rounds: int = 100) -> SecuritySettings:
    """As the stage gets them."""
    said = {
        "evaluation": {"metrics": {"roc_auc": {"use": "roc_auc"}}, "intervals": {"rounds": rounds}},
        "data": {"task": "binary", "target": {"column": "bought"}},
        "seed": 1,
        "security": {"checks": checks},
    }
    return SecuritySettings.model_validate(said, context=REGISTRY)


def evidence(table: pd.DataFrame, model: Any, **more: Any) -> Evidence:
    """What an analysis gets."""
    made, asked = given(table, model, **more), settings({})
    known = read(made["predictions"], "binary")
    from regrow_evaluation.asked import asked as of_settings

    uses = of_settings(asked.evaluation.metrics, "binary", "bought", table)
    return evidence_of(made["predictions"], table, measure(uses, known), asked, made["features"], made["split"],
                       made["model"])  # fmt: skip


def looked(name: str, shown: Evidence, seed: int = 1, **said: Any) -> dict[str, Any]:
    """What an analysis of this plugin returns."""
    from regrow import Use
    from regrow.plugin.components import parse

    component = REGISTRY["components"]["analysis", name]
    use = Use(component, parse(component, said, REGISTRY["components"]), said)
    return dict(use.make(Context(task="binary", target="bought", random_state=seed))(shown))
