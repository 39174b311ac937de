"""Joins: weather and planes onto flights, and what can go wrong with keys."""

import pandas as pd
import pytest

from regrow import Context, RegrowError
from regrow_features.join import join
from regrow_features.settings import Join


def joined(flights, lookups, **parameters):
    return join(Join(**parameters), Context())(flights, lookups)


def test_planes_join_by_tail_number_with_a_prefix(flights, lookups):
    result = joined(flights, lookups, table="planes", by=["tailnum"], prefix="plane_")
    assert list(result.columns) == [*flights.columns, "plane_year", "plane_type", "plane_seats"]
    pd.testing.assert_frame_equal(result[flights.columns], flights)
    assert result["plane_year"].fillna(0).tolist() == [2004, 1999, 0, 0, 1999, 2004]
    assert result["plane_type"].fillna("?").tolist() == ["prop", "jet", "?", "?", "jet", "prop"]
    assert result["plane_seats"].dtype == "float64"


@pytest.mark.parametrize("by", [["origin", "time_hour"], ["year", "month", "day", "hour", "origin"]])
def test_weather_joins_by_hour(flights, lookups, by):
    result = joined(flights, lookups, table="weather", by=by, columns=["temp", "wind_dir"])
    assert result["temp"].fillna(0).tolist() == [0, 64, 63, 62, 61, 60]


def test_key_names_may_differ_and_dates_may_be_text(flights, lookups):
    weather = lookups["weather"].rename(columns={"time_hour": "at", "origin": "airport"})
    weather["at"] = weather["at"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    by = {"origin": "airport", "time_hour": "at"}
    result = joined(flights, {"weather": weather}, table="weather", by=by, columns=["temp"])
    assert result["temp"].notna().sum() == 5


def test_whole_and_decimal_numbers_meet(flights, lookups):
    planes = lookups["planes"].assign(number=[200.0, 400.0, 7.0])
    result = joined(flights, {"planes": planes}, table="planes", by={"distance": "number"}, columns=["seats"])
    assert result["seats"].fillna(0).tolist() == [0, 50, 0, 9, 0, 0]


def test_a_missing_key_matches_nothing(flights, lookups):
    planes = pd.concat([lookups["planes"], pd.DataFrame({"tailnum": [None], "seats": [999]})])
    result = joined(flights, {"planes": planes}, table="planes", by=["tailnum"], columns=["seats"])
    assert result["seats"].isna().tolist() == [False, False, True, True, False, False]


def test_keys_that_are_there_twice_are_named_or_the_first_is_taken(flights, lookups):
    planes = pd.concat([lookups["planes"], lookups["planes"].assign(seats=7)])
    with pytest.raises(RegrowError, match=r"3 keys stand in 'planes' more than once: tailnum=N2; tailnum=N1") as error:
        joined(flights, {"planes": planes}, table="planes", by=["tailnum"], prefix="p_")
    assert "duplicates: first" in str(error.value)
    first = joined(flights, {"planes": planes}, table="planes", by=["tailnum"], prefix="p_", duplicates="first")
    assert first["p_seats"].fillna(0).tolist() == [9, 50, 0, 0, 50, 9]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"table": "plane", "by": ["tailnum"]}, "did you mean 'planes'"),
        ({"table": "planes", "by": ["tailnumber"]}, "did you mean 'tailnum'"),
        ({"table": "planes", "by": ["tailnum"]}, "there is a column 'year' already"),
        ({"table": "planes", "by": ["tailnum"], "columns": ["seat"]}, "did you mean 'seats'"),
        ({"table": "planes", "by": {"distance": "tailnum"}}, "'distance' is number, but 'tailnum' of 'planes' is text"),
        ({"table": "planes", "by": {"time_hour": "tailnum"}}, "not all of it reads as ISO dates"),
    ],
)
def test_errors_say_what_and_how_to_mend_it(flights, lookups, parameters, message):
    with pytest.raises(RegrowError, match=message):
        joined(flights, lookups, **parameters)


def test_dates_with_and_without_zone_are_explained(flights, lookups):
    weather = lookups["weather"].assign(time_hour=lookups["weather"]["time_hour"].dt.tz_localize(None))
    with pytest.raises(RegrowError, match="time zone"):
        joined(flights, {"weather": weather}, table="weather", by=["origin", "time_hour"], columns=["temp"])
