"""Seeded predictions of all three tasks, and settings checked as the runtime checks them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from regrow_evaluation.catalogue import fitting
from regrow_evaluation.plugin import regrow_components
from regrow_evaluation.settings import DecideSettings, EvaluateSettings, ExamineSettings

REGISTRY = {(component.kind, component.name): component for component in regrow_components()}


def _classes(probability: np.ndarray, names: list[Any], folds: int, rng: np.random.Generator) -> pd.DataFrame:
    rows, size = probability.shape
    drawn = np.array([rng.choice(size, p=row) for row in probability])
    labels = pd.Series(names)
    table = pd.DataFrame({"row": np.arange(rows), "fold": np.arange(rows) % folds})
    table["target"] = labels[drawn].to_numpy()
    table["prediction"] = labels[probability.argmax(axis=1)].to_numpy()
    for number, name in enumerate(names):
        table[f"probability_{name}"] = probability[:, number]
    return table


@pytest.fixture
def binary() -> Callable[..., pd.DataFrame]:
    """Held-out rows of a two-class model, about a quarter of them positive."""

    def make(rows: int = 600, folds: int = 1, names: tuple[Any, Any] = ("no", "yes")) -> pd.DataFrame:
        rng = np.random.default_rng(1)
        positive = 1 / (1 + np.exp(1.3 - rng.normal(size=rows) * 1.5))
        return _classes(np.column_stack([1 - positive, positive]), list(names), folds, rng)

    return make


@pytest.fixture
def multiclass() -> Callable[..., pd.DataFrame]:
    """Held-out rows of a model of several classes."""

    def make(rows: int = 600, folds: int = 1, names: tuple[Any, ...] = ("a", "b", "c")) -> pd.DataFrame:
        rng = np.random.default_rng(2)
        score = np.exp(rng.normal(size=(rows, len(names))) * 1.5)
        return _classes(score / score.sum(axis=1, keepdims=True), list(names), folds, rng)

    return make


@pytest.fixture
def regression() -> Callable[..., pd.DataFrame]:
    """Held-out rows of a numeric target."""

    def make(rows: int = 600, folds: int = 1) -> pd.DataFrame:
        rng = np.random.default_rng(3)
        prediction = rng.gamma(3, 20, size=rows)
        fold = np.arange(rows) % folds
        return pd.DataFrame(
            {
                "row": np.arange(rows),
                "fold": fold,
                "target": prediction + rng.normal(size=rows) * 9,
                "prediction": prediction,
            }
        )

    return make


@pytest.fixture
def settings() -> Callable[..., EvaluateSettings]:
    """Settings of stage evaluate: all metrics of the task, or those given."""

    def make(task: str, metrics: dict[str, Any] | None = None, bins: int = 10, **target: Any) -> EvaluateSettings:
        chosen = metrics if metrics is not None else {name: {"use": name} for name in fitting(task)}
        composed = {
            "evaluation": {"metrics": chosen, "bins": bins},
            "data": {"task": task, "target": {"column": "outcome", **target}},
        }
        return EvaluateSettings.model_validate(composed, context={"components": REGISTRY})

    return make


@pytest.fixture
def examining() -> Callable[..., ExamineSettings]:
    """Settings of stage examine: the first metric of the task, and the analyses given."""

    def make(task: str, analyses: dict[str, Any], objective: dict[str, Any] | None = None, **evaluation: Any) -> Any:
        first = {"binary": "roc_auc", "multiclass": "balanced_accuracy", "regression": "mae"}[task]
        metrics = {first: {"use": first}}
        composed = {
            "evaluation": {"metrics": metrics, "intervals": {"rounds": 100}, "analyses": analyses, **evaluation},
            "data": {"task": task, "target": {"column": "outcome"}},
            "objective": objective or {},
            "seed": 1,
        }
        return ExamineSettings.model_validate(composed, context={"components": REGISTRY})

    return make


@pytest.fixture
def deciding() -> Callable[..., DecideSettings]:
    """Settings of stage decide, with the rules given."""

    def make(rules: dict[str, Any], task: str = "binary", as_of: str | None = None, **objective: Any) -> Any:
        composed = {
            "evaluation": {"metrics": {"roc_auc": {"use": "roc_auc"}} if task == "binary" else {"mae": {"use": "mae"}}},
            "data": {"task": task, "target": {"column": "outcome"}},
            "objective": objective,
            "gates": {"rules": rules, "as_of": as_of},
        }
        return DecideSettings.model_validate(composed, context={"components": REGISTRY})

    return make
