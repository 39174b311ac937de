"""Encoding by the target, bins, imputing and selection: the right values, and stored without code of ours."""

from typing import Annotated

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel

from regrow import Context, OfKind, RegrowError, Use
from regrow.artifacts import model as models
from regrow_features.plugin import LEARNING, regrow_components

REGISTRY = {(one.kind, one.name): one for one in regrow_components()}
draw = np.random.default_rng(0)
ROWS = 200
SIGNAL = draw.normal(size=ROWS)
TABLE = pd.DataFrame(
    {
        "noise": draw.normal(size=ROWS),
        "signal": SIGNAL,
        "twin": SIGNAL * 2 + draw.normal(size=ROWS) / 100,
        "still": np.ones(ROWS),
        "city": pd.Series([f"city {row % 40}" for row in range(ROWS)], dtype="str"),
    }
)
Y = (SIGNAL > 0).astype("int64")
NUMBERS = ["noise", "signal", "twin"]


class Transformer(BaseModel):
    step: Annotated[Use, OfKind("transformer")]


class Derive(BaseModel):
    step: Annotated[Use, OfKind("derive")]


def step(use, model=Transformer, task="binary", **given):
    made = model.model_validate({"step": {"use": use, **given}}, context={"components": REGISTRY})
    return made.step.make(Context(task=task, random_state=1))


def test_the_target_of_a_category_is_cross_fitted_so_that_no_row_sees_its_own():
    unique = TABLE.assign(city=pd.Series([f"{row}" for row in range(ROWS)], dtype="str"))
    seen = step("encode_target", columns=["city"]).fit_transform(unique, Y)["city"]
    assert abs(np.corrcoef(seen, Y)[0, 1]) < 0.2  # naively encoded, it is 1
    fitted = step("encode_target", smooth=0.0).fit(TABLE, Y)
    means = pd.Series(Y).groupby(TABLE["city"]).mean()
    np.testing.assert_allclose(fitted.transform(TABLE)["city"], TABLE["city"].map(means))
    new = fitted.transform(TABLE.assign(city=pd.Series(["new"] * ROWS, dtype="str")))["city"]
    np.testing.assert_allclose(new, Y.mean())


def test_bins_hold_as_many_rows_each():
    made = step("bin", columns=["noise"], bins=4).fit_transform(TABLE, Y)["noise"]
    assert made.value_counts().to_dict() == {0.0: 50, 1.0: 50, 2.0: 50, 3.0: 50}


def test_what_is_missing_is_taken_from_elsewhere():
    mode = pd.DataFrame({"city": pd.Series(["a", "b", "a", None], dtype="str")})
    assert step("impute_mode").fit_transform(mode, Y[:4])["city"].tolist() == ["a", "b", "a", "a"]
    gap = TABLE[["signal", "twin"]].copy()
    gap.loc[7, "twin"] = np.nan
    made = step("impute_knn", neighbors=3).fit_transform(gap, Y)["twin"]
    assert made[7] == pytest.approx(TABLE["twin"][7], abs=0.3)
    assert made.drop(7).equals(TABLE["twin"].drop(7))


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_selection_keeps_what_goes_with_the_target(task):
    y = Y if task == "binary" else SIGNAL

    def kept(use, **given):
        return list(step(use, task=task, **given).fit_transform(TABLE[[*NUMBERS, "still"]], y))

    assert kept("select_variance") == NUMBERS
    assert set(kept("select_correlation", columns=NUMBERS, most=2)) == {"signal", "twin", "still"}
    assert "noise" not in kept("select_l1", columns=NUMBERS, strength=10.0 if task == "binary" else 0.1)
    assert "noise" not in kept("select_recursive", columns=NUMBERS, most=1)


@pytest.mark.filterwarnings("ignore:k=10:UserWarning", "ignore:Found n_features_to_select:UserWarning")
@pytest.mark.parametrize("use", LEARNING)
def test_they_are_stored_and_read(use, tmp_path):
    fitted = step(use, columns=["city"] if use in ("encode_target", "impute_mode") else NUMBERS).fit(TABLE, Y)
    models.write(fitted, tmp_path / "model.skops")
    pd.testing.assert_frame_equal(models.read(tmp_path / "model.skops").transform(TABLE), fitted.transform(TABLE))


def test_hours_lie_on_a_circle_and_days_are_counted():
    table = pd.DataFrame(
        {
            "hour": [0, 6, 23, None],
            "a": pd.to_datetime(["2024-01-01", "2024-01-02", None, "2024-01-01"]),
            "b": pd.to_datetime(["2024-01-02 12:00", "2024-01-01", "2024-01-01", "2024-03-01"], format="mixed"),
        }
    )
    circle = step("cyclic", Derive, column="hour", period=24.0)(table, {})
    np.testing.assert_allclose(circle["hour_sin"], [0, 1, -0.258819, np.nan], atol=1e-6)
    np.testing.assert_allclose(circle["hour_cos"], [1, 0, 0.965926, np.nan], atol=1e-6)
    days = step("elapsed", Derive, start="a", end="b", name="days")(table, {})["days"]
    np.testing.assert_allclose(days, [1.5, -1, np.nan, 60])
    with pytest.raises(RegrowError, match="not dates: 'hour' is number"):
        step("elapsed", Derive, start="a", end="hour")(table, {})
