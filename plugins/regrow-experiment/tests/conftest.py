"""A small table with numbers, text and gaps, its splits, and a way to train as the runtime does."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the runtime starts every stage; on busy cores, many times faster too

import numpy as np
import pandas as pd
import pytest

from regrow.artifacts import choices, findings, ledger, section
from regrow.plugin.context import Before
from regrow_evaluation.plugin import regrow_components as metrics
from regrow_experiment.plugin import regrow_components
from regrow_experiment.settings import Train
from regrow_experiment.stage import train
from regrow_features.plugin import regrow_components as feature_components

REGISTRY = {(one.kind, one.name): one for one in [*regrow_components(), *feature_components()]}
STEPS = {
    "numbers": {"use": "impute_median"},
    "scale": {"use": "scale"},
    "text": {"use": "one_hot", "min_frequency": 2},
}


FEW = {name: {"n_estimators": 15} for name in ("forest", "extra_trees", "gradient_boosting")} | {
    "boosting": {"max_iter": 15, "min_samples_leaf": 5},
    **{
        f"{name}{kind}": {"n_estimators": 15}
        for name in ("RandomForest", "ExtraTrees", "GradientBoosting")
        for kind in ("Classifier", "Regressor")
    },
}  # enough to see what there is to see


@pytest.fixture
def settings_of():
    def make(model, task="binary", steps=STEPS, more=(), **changes):
        model = {"use": model} | FEW.get(model, {}) if isinstance(model, str) else model
        values = {"model": model, "search": {"use": "none"}, "seed": 1, "features": {"steps": steps}} | changes
        values["data"] = {"task": task, "target": {"column": "y"}}
        registry = REGISTRY | {(one.kind, one.name): one for one in more}
        return Train.model_validate(values, context={"components": registry})

    return make


@pytest.fixture
def run(settings_of):
    def run(features, split, model, compute=None, **settings):
        result = train(features, split, features, settings_of(model, **settings), compute)
        return result["model"], result["predictions"]

    return run


@pytest.fixture
def features():
    draw = np.random.default_rng(0)
    rows = 120
    table = pd.DataFrame(
        {
            "number": draw.normal(size=rows),
            "whole": draw.integers(0, 9, rows),
            "gaps": draw.normal(size=rows),
            "truth": draw.integers(0, 2, rows).astype(bool),
            "text": pd.Series(draw.choice(["a", "b", "c"], rows), dtype="str"),
        }
    )
    signal = table["number"] + table["truth"] + (table["text"] == "a") + draw.normal(size=rows) / 2
    table["y"] = (signal > 1).astype("int64")
    table.loc[::7, "gaps"] = np.nan
    table.loc[::11, "text"] = np.nan
    return table


@pytest.fixture
def holdout():
    return pd.DataFrame({"row": np.arange(120), "fold": np.where(np.arange(120) % 4 == 0, 0, -1)})


@pytest.fixture
def folds():
    return pd.DataFrame({"row": np.arange(120), "fold": np.arange(120) % 3})


@pytest.fixture
def target():
    """Another target of the same features: by task, or by the type of its classes."""

    def change(features, kind):
        draw = np.random.default_rng(1)
        late = features["y"] == 1
        changed = {
            "regression": features["number"] * 3 + draw.normal(size=len(features)),
            "multiclass": features["y"] + (features["number"] > 1),
            "words": late.map({True: "late", False: "in time"}).astype("str"),
            "booleans": late,
            "decimals": features["y"].astype("float64"),
            "binary": features["y"],
        }
        return features.assign(y=changed[kind])

    return change


@pytest.fixture
def tried(settings_of, features, holdout):
    def run(search, model="linear", split=holdout, before=None, table=features, n_jobs=1, more=(), **changes):
        settings = settings_of(model, search=search, more=[*metrics(), *more], **changes)
        made = train(table, split, table, settings, {"n_jobs": n_jobs}, before or Before())
        for name, kind in (
            ("trials", ledger),
            ("decided", choices),
            ("search_section", section),
            ("search_findings", findings),
        ):
            kind.check(made[name])
        return made

    return run
