"""A column that tells the target alone, and rows on both sides of the split, are found; good features are not."""

import numpy as np
import pandas as pd
import pytest
from data_stage_settings import split_settings
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine

from regrow_data.leaks import shared_rows, told_alone
from regrow_data.split import split

draw = np.random.default_rng(0)


def codes(table, task, hidden=()):
    return [one["code"] for one in told_alone(table, "y", task, hidden)]


def flights():
    rows = 3000
    hour = draw.integers(5, 23, rows)
    departed = draw.gamma(0.6, 18 + hour, rows) - 8
    arrived = departed + draw.normal(-4, 12, rows)
    carrier = pd.Series(draw.choice(["AA", "UA", "DL"], rows), dtype="str")
    return pd.DataFrame({"hour": hour, "carrier": carrier, "dep_delay": departed, "y": (arrived > 15).astype(int)})


def test_a_departure_that_is_known_too_late_is_caught_when_let_in():
    assert codes(flights(), "binary") == ["leak.dep_delay"]
    assert codes(flights(), "binary", ["dep_delay"]) == []
    table = flights()
    made = split(table, None, split_settings(use="holdout", test_size=0.2, stratify=True))
    found = {one["code"]: one for one in made["split_findings"]}
    assert found["leak.dep_delay"]["verdict"] == "failed"
    assert "data.leaks: [dep_delay]" in found["leak.dep_delay"]["seen"]


def test_a_near_copy_of_a_number_is_caught():
    table = pd.DataFrame(draw.normal(size=(500, 3)), columns=list("abc"))
    table["y"] = table["a"] + draw.normal(size=500) / 200
    assert codes(table, "regression") == ["leak.a"]


@pytest.mark.parametrize(
    ("load", "task"),
    [
        (load_breast_cancer, "binary"),
        (load_iris, "multiclass"),
        (load_wine, "multiclass"),
        (load_diabetes, "regression"),
    ],
)
def test_good_features_of_honest_data_are_none(load, task):
    data = load(as_frame=True)
    assert codes(data.data.assign(y=data.target), task) == []


def test_rows_on_both_sides_are_counted():
    table = pd.DataFrame({"a": draw.normal(size=100), "b": pd.Series(["x", "y"] * 50, dtype="str"), "y": [0, 1] * 50})
    folds = np.where(np.arange(100) < 80, -1, 0)
    assert shared_rows(table, folds, ["y"]) == 0
    table.loc[90:94, ["a", "b"]] = table.loc[10:14, ["a", "b"]].to_numpy()
    table.loc[95, ["a", "b"]] = table.loc[96, ["a", "b"]]  # both held out
    assert shared_rows(table, folds, ["y"]) == 5
    assert shared_rows(table, np.where(folds == -1, -2, 0), ["y"]) == 0
    assert shared_rows(table, folds, list(table)) == 0
