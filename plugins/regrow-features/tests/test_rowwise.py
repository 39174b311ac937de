"""Numbers made of a row's own values: the right ones, and refusals that say what to write."""

import numpy as np
import pandas as pd
import pytest

from regrow import Context, RegrowError
from regrow_features import rowwise
from regrow_features.row_settings import DaysSince, Distance, Expression, TextLength, WeightedSum

TABLE = pd.DataFrame(
    {
        "delay": [10, -5, 0],
        "distance": [100.0, 0.0, np.nan],
        "note": pd.Series(["to be, or 2", "", None], dtype="str"),
        "day": pd.to_datetime(["2024-01-02", "2023-12-31 12:00", None], format="mixed"),
        "lat": [40.6398, 51.47, 0.0],
        "lon": [-73.7789, -0.4543, 0.0],
        "to lat": [51.47, 51.47, np.nan],
        "to lon": [-0.4543, -0.4543, 0.0],
    }
)


def added(make, settings):
    """What a step adds."""
    made = make(settings, Context())(TABLE.copy(), {})
    return made.drop(columns=list(TABLE))


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("(delay + 5) / distance", [0.15, np.nan, np.nan]),  # a division by zero is missing, too
        ("delay * 2 - 1", [19, -11, -1]),
        ("delay > 0 and distance > 50", [1, 0, 0]),  # false whatever is missing
        ("`to lat` - lat", [10.8302, 0, np.nan]),
    ],
)
def test_a_formula_is_computed(formula, expected):
    made = added(rowwise.expression, Expression(formula=formula, name="new"))["new"]
    np.testing.assert_allclose(made, expected, rtol=1e-4)
    assert made.dtype == "float64"


@pytest.mark.parametrize("formula", ["__import__('os')", "delay.max()", "delay ** 2", "[delay]", "1 + 1"])
def test_a_formula_is_no_python(formula):
    with pytest.raises(ValueError, match="allowed|names no column"):
        Expression(formula=formula, name="new")


def test_a_formula_names_what_is_wrong():
    with pytest.raises(RegrowError, match="no column 'delai'"):
        added(rowwise.expression, Expression(formula="delai * 2", name="new"))
    with pytest.raises(RegrowError, match="is text, and only numbers"):
        added(rowwise.expression, Expression(formula="note * 2", name="new"))


def test_weights_lengths_and_days():
    made = added(rowwise.weighted_sum, WeightedSum(weights={"delay": 0.5, "distance": 2.0}, name="sum", constant=1))
    np.testing.assert_allclose(made["sum"], [206, -1.5, np.nan])
    made = added(rowwise.text_length, TextLength(columns=["note"], of=["characters", "words", "digits"]))
    np.testing.assert_array_equal(made.to_numpy(), [[11, 4, 1], [0, 0, 0], [np.nan] * 3])
    with pytest.raises(RegrowError, match="'delay' is number, not text"):
        added(rowwise.text_length, TextLength(columns=["delay"]))
    made = added(rowwise.days_since, DaysSince(column="day", since="2024-01-01"))["days_since_day"]
    np.testing.assert_allclose(made, [1, -0.5, np.nan])


def test_kilometres_from_new_york_to_london():
    made = added(rowwise.distance, Distance(start=["lat", "lon"], end=["to lat", "to lon"], name="km"))["km"]
    np.testing.assert_allclose(made, [5540, 0, np.nan], rtol=1e-3)
    with pytest.raises(RegrowError, match="100 is no latitude"):
        added(rowwise.distance, Distance(start=["distance", "lon"], end=["lat", "lon"], name="km"))
