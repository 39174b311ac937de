"""The stage: what comes out, what may never come out, and that nothing is learnt."""

import sys

import numpy as np
import pandas as pd
import pytest

from regrow import Component, RegrowError
from regrow_features.plugin import regrow_components
from regrow_features.settings import Features
from regrow_features.stage import features

REGISTRY = {(one.kind, one.name): one for one in regrow_components()}


def settings(derive=None, exclude=(), leaks=(), target=None, more=()):
    """The stage's settings, built as the runtime builds them."""
    data = {"target": target or {"column": "late"}, "leaks": list(leaks)}
    values = {"features": {"derive": derive or {}, "exclude": list(exclude)}, "data": data}
    return Features.model_validate(values, context={"components": REGISTRY | {(c.kind, c.name): c for c in more}})


DERIVE = {
    "weather": {"use": "join", "table": "weather", "by": ["origin", "time_hour"], "columns": ["temp", "wind_dir"]},
    "planes": {"use": "join", "table": "planes", "by": ["tailnum"], "prefix": "plane_"},
    "age": {"use": "interaction", "left": "year", "right": "plane_year", "operation": "subtract", "name": "age"},
    "ratio": {"use": "interaction", "left": "temp", "right": "distance", "operation": "divide"},
    "clock": {"use": "clock_minutes", "columns": ["sched_dep_time"]},
    "dates": {"use": "date_parts", "parts": ["weekday", "week", "weekend"]},
}
LATE = {"column": "arr_delay", "above": 60, "name": "late"}


def columns(result):
    return list(result["features"].columns)


def test_the_flights(flights, lookups):
    result = features(flights, lookups, settings(DERIVE, ["tailnum"], ["dep_delay"], LATE))["features"]
    assert set(columns({"features": result})) == {
        *("year", "month", "day", "hour", "origin", "distance", "temp", "wind_dir", "late"),
        *("plane_year", "plane_type", "plane_seats", "age", "temp_divide_distance", "sched_dep_time_minutes"),
        *("time_hour_weekday", "time_hour_week", "time_hour_weekend"),
    }
    assert result.columns[-1] == "late"
    assert result["late"].tolist() == flights["late"].tolist()
    assert result["age"].fillna(-1).tolist() == [9, 14, -1, -1, 14, 9]
    assert result["temp_divide_distance"].isna().tolist() == [True, False, True, False, False, False]
    assert result["sched_dep_time_minutes"].tolist() == [360, 1065, 365, 1020, 419, 1440]
    assert result["time_hour_weekday"].tolist() == [1, 1, 5, 5, 2, 2]
    assert result["time_hour_weekend"].tolist() == [0, 0, 1, 1, 0, 0]


def test_a_subset_of_the_rows_gives_the_subset_of_the_result(flights, lookups):
    given = settings(DERIVE, ["tailnum"], ["dep_delay"], LATE)
    whole = features(flights, lookups, given)["features"]
    for rows in ([0, 1], [2], [5, 3, 1]):
        part = features(flights.iloc[rows].reset_index(drop=True), lookups, given)["features"]
        pd.testing.assert_frame_equal(part, whole.iloc[rows].reset_index(drop=True), check_dtype=False)


def test_the_same_input_gives_the_same_and_is_left_as_it_was(flights, lookups):
    before = flights.copy()
    given = settings(DERIVE, ["tailnum"], ["dep_delay"], LATE)
    one, other = features(flights, lookups, given), features(flights, lookups, given)
    pd.testing.assert_frame_equal(one["features"], other["features"])
    pd.testing.assert_frame_equal(flights, before)


def test_leaks_and_the_targets_source_never_come_out_nor_can_be_derived_from(flights, lookups):
    given = settings(exclude=["time_hour"], leaks=["dep_delay"], target=LATE)
    assert {"dep_delay", "arr_delay"}.isdisjoint(columns(features(flights, lookups, given)))
    for leak in ("dep_delay", "arr_delay", "late"):
        step = {"x": {"use": "interaction", "left": leak, "right": "distance", "operation": "add"}}
        with pytest.raises(RegrowError, match=rf"features.derive.x: '{leak}' can't be used.*data.leaks"):
            features(flights, lookups, settings(step, ["time_hour"], ["dep_delay"], LATE))


def test_a_joined_column_can_be_a_leak(flights, lookups):
    step = {"planes": {"use": "join", "table": "planes", "by": ["tailnum"], "prefix": "plane_"}}
    result = features(flights, lookups, settings(step, ["time_hour"], ["plane_seats"]))
    assert "plane_seats" not in columns(result)
    assert "plane_year" in columns(result)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"leaks": ["dep_dela"]}, "data.leaks: there is no column 'dep_dela'\n.*did you mean 'dep_delay'"),
        ({"exclude": ["dep_dela"]}, "features.exclude: there is no column 'dep_dela'\n.*did you mean 'dep_delay'"),
        ({"exclude": ["late"]}, "'late' is the target"),
        ({"target": {"column": "lat"}}, "data.target: there is no column 'lat'\n.*did you mean 'late'"),
        ({}, "time_hour: is a date.*\n.*add a date_parts step.*exclude"),
        ({"derive": {"d": {"use": "date_parts", "drop": False}}}, "time_hour: is a date"),
        (
            {"derive": {"d": {"use": "date_parts", "columns": ["origin"]}}},
            "origin: not dates: 'origin' is text",
        ),
        ({"derive": {"c": {"use": "clock_minutes", "columns": ["distance", "arr_delay"]}}}, "first is 99"),
        (
            {"derive": {"i": {"use": "interaction", "left": "origin", "right": "day", "operation": "add"}}},
            "features.derive.i, origin: 'origin' is text, not a number",
        ),
    ],
)
def test_errors_name_the_column_and_the_key(flights, lookups, given, message):
    with pytest.raises(RegrowError, match=message):
        features(flights, lookups, settings(**given))


def test_nothing_left_for_the_model(lookups):
    with pytest.raises(RegrowError, match="no column is left"):
        features(pd.DataFrame({"late": [0, 1], "a": 1}), lookups, settings(leaks=["a"]))


def test_pandas_types_become_numbers_booleans_and_text():
    table = pd.DataFrame(
        {
            "category": pd.Categorical(["a", None]),
            "whole": pd.array([1, None], dtype="Int64"),
            "truth": pd.array([True, None], dtype="boolean"),
            "objects": np.array([True, False], dtype=object),
            "nothing": np.array([None, None], dtype=object),
            "late": ["no", "yes"],
        }
    )
    result = features(table, {}, settings())["features"]
    assert result.dtypes.astype(str).tolist() == ["str", "float64", "float64", "bool", "float64", "str"]


def test_values_that_are_neither_numbers_booleans_nor_text_are_named():
    table = pd.DataFrame({"lists": [[1], [2]], "late": [0, 1]})
    with pytest.raises(RegrowError, match="lists: holds object values"):
        features(table, {}, settings())


def test_a_join_that_matches_nothing_is_told(flights, lookups, caplog):
    planes = lookups["planes"].assign(tailnum=["X1", "X2", "X3"])
    step = {"planes": {"use": "join", "table": "planes", "by": ["tailnum"], "prefix": "plane_"}}
    features(flights, {"planes": planes}, settings(step, ["time_hour"]))
    assert "features.derive.planes: plane_year, plane_type, plane_seats missing in every row" in caplog.text


def mean_of_all(settings, context):
    return lambda table, lookups: table.assign(mean=table["distance"].mean())


def draws(settings, context):
    return lambda table, lookups: table.assign(noise=np.random.default_rng().normal(size=len(table)))


def draws_by_place(settings, context):
    return lambda table, lookups: table.assign(noise=np.random.default_rng(1).normal(size=len(table)))


def sorts_rows(settings, context):
    return lambda table, lookups: table.sort_values("distance", ascending=False)


def takes_a_leak(settings, context):
    return lambda table, lookups: table.assign(x=table["dep_delay"])


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("mean_of_all", "features.derive.step: the result of a row depends on other rows, or on random numbers: mean"),
        ("draws", "features.derive.step: its result changes from one call to the next: noise"),
        (
            "draws_by_place",
            "features.derive.step: the result of a row depends on other rows, or on random numbers: noise",
        ),
        ("sorts_rows", "features.derive.step: changed the rows or their order"),
        ("takes_a_leak", "features.derive.step: 'dep_delay' can't be used"),
    ],
)
def test_another_plugins_step_is_held_to_the_contract(flights, lookups, step, message, monkeypatch):
    monkeypatch.setitem(sys.modules, "another_plugin", sys.modules[__name__])
    flights = pd.concat([flights] * 20, ignore_index=True)
    more = [Component(step, "derive", f"another_plugin:{step}")]
    with pytest.raises(RegrowError, match=message):
        features(flights, lookups, settings({"step": {"use": step}}, ["time_hour"], ["dep_delay"], more=more))


def test_columns_that_are_no_features_are_left_out_with_a_word(flights, caplog):
    known = {
        "columns": {
            "tailnum": {"what": "identifier", "said": "names the row"},
            "year": {"what": "constant", "said": "x"},
        }
    }
    data = {"target": {"column": "late"}}
    given = {"features": {"derive": {}, "exclude": ["time_hour"], "leave_out": ["identifier"]}, "data": data}
    made = features(flights, {}, Features.model_validate(given), known)
    assert "tailnum" not in made["features"]
    assert "year" in made["features"]
    assert "features: tailnum is left out: it names the row" in caplog.text
    assert ["tailnum", "left out: names the row"] in made["features_section"]["blocks"][0]["rows"]
