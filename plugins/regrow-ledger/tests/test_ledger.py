"""The feature ledger: what brings something comes first, over folds, with its prices."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline

from regrow import RegrowError
from regrow.artifacts import section as sections
from regrow_features.transformers import on_columns
from regrow_ledger import prices
from regrow_ledger.settings import LedgerSettings
from regrow_ledger.stage import feature_ledger
from regrow_testing.contract import check_plugin

draw = np.random.default_rng(0)
ROWS = 300
SIGNAL, CITY = draw.normal(size=ROWS), draw.choice(["a", "b", "c"], ROWS)
FEATURES = pd.DataFrame({"noise": draw.normal(size=ROWS), "city": pd.Series(CITY, dtype="str"), "signal": SIGNAL})
LATE = ((SIGNAL + (CITY == "a") + draw.normal(size=ROWS) / 4) > 0.3).astype("int64")
HOLDOUT = pd.DataFrame({"row": range(ROWS), "fold": np.where(np.arange(ROWS) % 3 == 0, 0, -1)})
FOLDS = pd.DataFrame({"row": range(ROWS), "fold": np.arange(ROWS) % 3})


def fitted(task):
    from sklearn.preprocessing import OneHotEncoder

    encode = on_columns(OneHotEncoder(sparse_output=False), ["city"])
    model = Pipeline([("city", encode), ("model", LogisticRegression() if task == "binary" else Ridge())])
    target = LATE if task == "binary" else SIGNAL * 2 + (CITY == "a")
    rows = HOLDOUT["fold"].to_numpy() < 0
    return model.fit(FEATURES[rows], target[rows]), FEATURES.assign(late=target)


def settings(task="binary", **ledger):
    return {"ledger": {"repeats": 3, **ledger}, "data": {"task": task, "target": {"column": "late"}}, "seed": 1}


def made(task="binary", split=HOLDOUT, **ledger):
    model, features = fitted(task)
    return feature_ledger(features, split, model, LedgerSettings.model_validate(settings(task, **ledger)))


def test_the_plugin_keeps_its_contract():
    model, features = fitted("binary")
    example = ({"features": features, "split": HOLDOUT, "model": model}, settings())
    check_plugin("regrow_ledger.plugin", {"feature_ledger": example})


@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.parametrize("split", [HOLDOUT, FOLDS], ids=["holdout", "k_fold"])
def test_what_brings_most_comes_first_and_noise_is_named(task, split):
    found = made(task, split)
    ledger = found["feature_ledger"].set_index("feature")
    assert list(ledger.index) == ["signal", "city", "noise"]
    assert ledger["worth"].tolist() == [True, True, False] or ledger.loc["noise", "brings"] < 0.02
    assert ledger.loc["signal", "helps"] == 1
    sections.check(found["feature_ledger_section"])


def test_prices_stand_beside_it():
    found = made(privacy={"c*": "public", "signal": "personal"}, prices={"signal": 2.5})["feature_ledger"]
    ledger = found.set_index("feature")
    assert ledger.loc[["signal", "city", "noise"], "privacy"].tolist() == ["personal", "public", "not said"]
    assert ledger["price"].to_dict() == {"signal": 2.5, "city": 0, "noise": 0}
    assert ledger["columns"].to_dict() == {"signal": 1, "city": 3, "noise": 1}
    assert ledger["bytes"].to_dict() == {"signal": 8 * ROWS, "city": 9 * ROWS, "noise": 8 * ROWS}
    with pytest.raises(RegrowError, match="'town' fits no feature"):
        made(privacy={"town": "public"})


def test_drift_is_the_largest_distance_of_two_distributions():
    held_out = np.array([False] * 4 + [True] * 4)
    assert prices.drift(pd.Series([1.0, 2, 3, 4, 5, 6, 7, 8]), held_out) == 1
    assert prices.drift(pd.Series([1.0, 2, 3, 4, 1, 2, 3, 4]), held_out) == 0
    assert prices.drift(pd.Series(["a", "a", "b", "b", "a", "a", "a", "a"], dtype="str"), held_out) == 0.5
    assert prices.drift(pd.Series([1.0, 1, 1, 1, np.nan, np.nan, 1, 1]), held_out) == 0.5
