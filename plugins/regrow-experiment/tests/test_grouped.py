"""model.per: a model for each group that is large enough, the one of all rows for the others."""

import numpy as np
import pandas as pd
import pytest
import skops.io

from regrow import RegrowError
from regrow.artifacts import model as model_file
from regrow.artifacts.model_types import trusting
from regrow_experiment.grouped import ONE_CLASS, SMALL
from regrow_experiment.plugin import regrow_components
from regrow_experiment.scoring import score

TYPES = [one for component in regrow_components() for one in component.types]
STEPS = {"numbers": {"use": "impute_median"}, "text": {"use": "one_hot", "min_frequency": 2}}


@pytest.fixture
def table():
    """Groups of 1 to 400 rows, in which the number means the opposite; one has one class alone."""
    draw = np.random.default_rng(0)
    sizes = {"a": 400, "b": 400, "c": 60, "alone": 1, "same": 200}
    group = np.repeat([*sizes], [*sizes.values()])
    number = draw.normal(size=len(group))
    sign = np.where(group == "b", -1, 1)
    y = (number * sign + draw.normal(size=len(group)) / 3 > 0).astype("int64")
    y[group == "same"] = 1
    made = pd.DataFrame({"number": number, "group": pd.Series(group, dtype="str"), "y": y})
    made.loc[[5, 500], "group"] = None
    return made.sample(frac=1, random_state=1).reset_index(drop=True)


@pytest.fixture
def split(table):
    return pd.DataFrame({"row": np.arange(len(table)), "fold": np.where(np.arange(len(table)) % 4 == 0, 0, -1)})


PER = {"use": "linear", "per": {"column": "group", "least": 50}}


def test_each_group_has_its_own_and_the_others_have_everyones(run, table, split):
    model, predictions = run(table, split, PER, steps=STEPS)
    assert model.names_ == ["a", "b"]
    assert (model.without_["c"], model.without_["same"]) == (SMALL, ONE_CLASS)
    assert (predictions["prediction"] == predictions["target"]).mean() > 0.85
    one, _ = run(table, split, {"use": "linear"}, steps=STEPS)
    rows = pd.DataFrame({"number": [2.0, 2.0, 2.0], "group": pd.Series(["a", "b", "nobody"], dtype="str")})
    said, probability = score(model, rows)
    assert said.tolist()[:2] == [1, 0]
    np.testing.assert_array_equal(probability[2], score(one, rows)[1][2])  # an unseen group: everyone's
    np.testing.assert_array_equal(probability[:1], score(model, rows.iloc[:1])[1])


@pytest.mark.parametrize("kind", ["words", "regression", "multiclass"])
def test_it_is_one_file_that_reads_back_as_it_was(run, table, split, tmp_path, kind):
    y = {
        "words": table["y"].map({1: "late", 0: "in time"}).astype("str"),
        "regression": table["number"] * 2.0,
        "multiclass": table["y"] + (table["number"] > 1),
    }
    table = table.assign(y=y[kind])
    task = "binary" if kind == "words" else kind
    model, _ = run(table, split, {**PER, "use": "boosting", "max_iter": 5}, task=task, steps={"t": {"use": "ordinal"}})
    again, _ = run(
        table,
        split,
        {**PER, "use": "boosting", "max_iter": 5},
        {"n_jobs": 2},
        task=task,
        steps={"t": {"use": "ordinal"}},
    )
    with trusting(TYPES):
        model_file.check(model)
        model_file.write(model, tmp_path / "one")
        model_file.write(again, tmp_path / "two")
        read = model_file.read(tmp_path / "one")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    X = table.drop(columns="y")
    np.testing.assert_array_equal(read.predict(X), model.predict(X))
    assert "regrow_experiment.grouped" in "".join(skops.io.get_untrusted_types(file=tmp_path / "one"))


def test_a_column_that_is_not_there(run, table, split):
    with pytest.raises(RegrowError, match="no column 'grup' reaches the model"):
        run(table, split, {"use": "linear", "per": "grup"}, steps=STEPS)
    with pytest.raises(ValueError, match="per.least"):
        run(table, split, {"use": "linear", "per": {"column": "group", "least": 0}}, steps=STEPS)


def test_a_search_tries_the_settings_with_all_groups(run, table, split):
    search = {"use": "grid", "space": {"model": {"C": [0.01]}}, "noise": 1}
    model, _ = run(table, split, PER, steps=STEPS, search=search)
    assert model.names_ == ["a", "b"]


def test_k_fold(run, table, split):
    folds = split.assign(fold=np.arange(len(table)) % 3)
    _, predictions = run(table, folds, PER, steps=STEPS)
    assert len(predictions) == len(table)
