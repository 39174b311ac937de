"""The steps that learn: missing values, unknown categories, and models that are stored."""

from typing import Annotated

import numpy as np
import pandas as pd
import pytest
import skops.io
from pydantic import BaseModel, ValidationError
from sklearn.pipeline import make_pipeline

from regrow import Context, OfKind, Use
from regrow.plugin.components import load
from regrow_features.plugin import regrow_components

REGISTRY = {(one.kind, one.name): one for one in regrow_components()}
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")  # scaling a column without any value warns
TRUSTED = ["numpy.dtype", "sklearn.compose._column_transformer.make_column_selector"]


class One(BaseModel):
    step: Annotated[Use, OfKind("transformer")]


def step(use, **parameters):
    given = {"step": {"use": use, **parameters}}
    return One.model_validate(given, context={"components": REGISTRY}).step.make(Context())


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "text": pd.Series(["a", "b", None, "a", "c", "b"], dtype="str"),
            "empty_text": pd.Series([None] * 6, dtype="str"),
            "number": [1.0, np.nan, 3.0, 5.0, 7.0, 100.0],
            "whole": [1, 2, 3, 4, 5, 6],
            "empty": np.full(6, np.nan),
            "truth": [True, False, True, False, True, False],
        }
    )


EVERY = [
    ("impute_median", {}),
    ("impute_median", {"indicator": True}),
    ("impute_constant", {}),
    ("impute_constant", {"columns": ["number", "empty"], "fill": -1.0}),
    ("impute_constant", {"columns": "numeric", "fill": 0}),
    ("one_hot", {}),
    ("one_hot", {"min_frequency": 2, "max_categories": 2}),
    ("one_hot", {"columns": "all"}),
    ("ordinal", {}),
    ("ordinal", {"columns": "boolean"}),
    ("scale", {}),
    ("scale", {"method": "robust"}),
    ("scale", {"method": "minmax", "clip": True, "columns": ["whole"]}),
]


@pytest.mark.parametrize(("use", "parameters"), EVERY)
def test_every_step_takes_missing_values_empty_columns_and_the_unknown(table, use, parameters):
    fitted = step(use, **parameters).fit(table)
    later = table.assign(text=pd.Series(["new", None, "a", "a", "a", "a"], dtype="str"), number=np.nan)
    result = fitted.transform(later)
    assert isinstance(result, pd.DataFrame)
    assert len(result) == 6
    assert list(result.columns) == list(fitted.get_feature_names_out())


@pytest.mark.parametrize(("use", "parameters"), EVERY)
def test_every_step_is_stored_and_read_without_code_of_ours(table, use, parameters):
    fitted = step(use, **parameters).fit(table)
    stored = skops.io.dumps(fitted)
    assert set(skops.io.get_untrusted_types(data=stored)) <= set(TRUSTED)
    pd.testing.assert_frame_equal(skops.io.loads(stored, trusted=TRUSTED).transform(table), fitted.transform(table))


def test_steps_follow_each_other(table):
    steps = [("impute_median", {}), ("scale", {}), ("impute_constant", {}), ("one_hot", {"min_frequency": 2})]
    result = make_pipeline(*(step(use, **given) for use, given in steps)).fit_transform(table)
    assert not result.isna().any().any()
    assert set(result.dtypes.astype(str)) == {"float64", "bool"}
    assert {"text_a", "text_b", "text_infrequent_sklearn", "empty_text_missing", "truth"} <= set(result.columns)
    assert result["whole"].mean() == pytest.approx(0)
    assert result["number"].isna().sum() == 0


def test_no_column_chosen_changes_nothing(table):
    numbers = table[["number", "whole"]]
    pd.testing.assert_frame_equal(step("one_hot").fit_transform(numbers), numbers)


def test_ordinal_counts_in_sorted_order_and_marks_unknown_and_missing(table):
    fitted = step("ordinal", columns=["text"]).fit(table)
    later = table.assign(text=pd.Series(["c", "a", "new", None, "b", "b"], dtype="str"))
    assert fitted.transform(later)["text"].tolist() == [2, 0, -1, -2, 1, 1]


def test_the_median_is_that_of_the_fitted_rows(table):
    fitted = step("impute_median").fit(table.iloc[:4])
    assert fitted.transform(table)["number"].tolist() == [1, 3, 3, 5, 7, 100]


@pytest.mark.parametrize(
    ("use", "parameters", "message"),
    [
        ("scale", {"columns": "numerical"}, "did you mean 'numeric'"),
        ("scale", {"columns": []}, "at least one column"),
        ("scale", {"columns": ["a", "a"]}, "none twice"),
        ("scale", {"method": "max"}, "'standard', 'robust' or 'minmax'"),
        ("scale", {"clip": True}, "clip belongs to"),
        ("one_hot", {"min_frequency": 0}, "greater than or equal to 1"),
        ("one_hot", {"min_frequency": "50"}, "valid integer"),
        ("one_hot", {"minfrequency": 5}, "did you mean .min_frequency"),
        ("onehot", {}, "did you mean 'one_hot'"),
    ],
)
def test_wrong_parameters_are_refused(use, parameters, message):
    with pytest.raises(ValidationError, match=message):
        step(use, **parameters)


def test_every_component_can_be_imported():
    for component in REGISTRY.values():
        assert callable(load(component.make))
        assert load(component.settings).model_json_schema()
