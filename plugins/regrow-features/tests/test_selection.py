"""Which columns stay, what they may cost, and missing numbers by regression."""

import numpy as np
import pandas as pd
import pytest

from regrow import Context
from regrow.artifacts import model as models
from regrow.artifacts.model_types import trusting
from regrow_features import imputing, selection
from regrow_features.learning import polynomial
from regrow_features.learning_settings import (
    ImputeIterative,
    Polynomial,
    SelectBudget,
    SelectInformation,
    SelectPermutation,
)

draw = np.random.default_rng(0)
ROWS = 400
X = pd.DataFrame(draw.normal(size=(ROWS, 4)), columns=["strong", "weak", "weak_too", "noise"])
LINEAR = 3 * X["strong"] + X["weak"] + X["weak_too"]
Y = {"regression": LINEAR.to_numpy(), "binary": (LINEAR > 0).to_numpy().astype("int64")}


def kept(make, settings, task="regression"):
    return list(make(settings, Context(task=task, random_state=1)).fit(X, Y[task]).transform(X))


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_what_brings_nothing_goes(task):
    assert kept(selection.select_permutation, SelectPermutation(), task) == ["strong", "weak", "weak_too"]
    assert kept(selection.select_permutation, SelectPermutation(most=1), task) == ["strong"]
    assert kept(selection.select_information, SelectInformation(most=1), task) == ["strong"]


def test_curved_relations_count_as_information():
    y = X["noise"].to_numpy() ** 2
    made = selection.select_information(SelectInformation(most=1), Context(task="regression", random_state=1))
    assert list(made.fit(X, y).transform(X)) == ["noise"]


def test_a_budget_is_spent_on_what_brings_most_for_its_price():
    assert kept(selection.select_budget, SelectBudget(budget=1.0)) == ["strong"]
    dear = {"strong": 100.0, "weak*": 1.0}  # two columns of one source, bought together
    assert kept(selection.select_budget, SelectBudget(costs=dear, budget=50.0)) == ["weak", "weak_too"]
    assert kept(selection.select_budget, SelectBudget(worth=0.5)) == ["strong"]
    with pytest.raises(ValueError, match="needs a budget"):
        SelectBudget()
    with pytest.raises(ValueError, match=r"costs: 'week\*' fits none of the columns; .*weak"):
        kept(selection.select_budget, SelectBudget(costs={"week*": 1.0}, budget=1.0))


def test_a_gap_is_what_the_other_columns_say():
    table = X.assign(twin=X["strong"] * 2 + 1)
    table.loc[::9, "twin"] = np.nan
    made = imputing.impute_iterative(ImputeIterative(indicator=True), Context(random_state=1)).fit(table)
    filled = made.transform(table)
    np.testing.assert_allclose(filled["twin"], X["strong"] * 2 + 1, atol=1e-3)
    assert filled["missingindicator_twin"].sum() == table["twin"].isna().sum()
    alone = pd.concat([made.transform(table.iloc[[place]]) for place in range(0, 60)])
    pd.testing.assert_frame_equal(alone, filled[:60], check_exact=True)


def test_products_have_names():
    made = polynomial(Polynomial(columns=["strong", "weak"]), Context()).fit_transform(X)
    assert list(made)[:5] == ["strong", "weak", "strong^2", "strong weak", "weak^2"]
    np.testing.assert_allclose(made["strong weak"], X["strong"] * X["weak"])


@pytest.mark.parametrize(
    ("make", "settings", "types"),
    [
        (selection.select_information, SelectInformation(most=2), ["selection:InformationSelector"]),
        (selection.select_budget, SelectBudget(budget=2.0), ["selection:PermutationSelector"]),
        (imputing.impute_iterative, ImputeIterative(), ["imputing:ChainedImputer", "imputing:ColumnwiseRidge"]),
    ],
)
def test_they_are_stored_without_pickle(make, settings, types, tmp_path):
    made = make(settings, Context(task="regression", random_state=1)).fit(X, Y["regression"])
    with trusting([f"regrow_features.{one}" for one in types]):
        models.write(made, tmp_path / "model.skops")
        pd.testing.assert_frame_equal(models.read(tmp_path / "model.skops").transform(X), made.transform(X))
