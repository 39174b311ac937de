"""Public holidays: the right days, in the date's own zone, and countries that are not known."""

import numpy as np
import pandas as pd
import pytest

from regrow import Context, RegrowError
from regrow_testing.contract import check_plugin

pytest.importorskip("holidays", reason="holidays is in no lock; to run this: uv pip install holidays")

from regrow_calendar.days import holidays
from regrow_calendar.settings import Holidays


def said(days, **settings):
    table = pd.DataFrame({"day": pd.to_datetime(days, format="mixed")})
    return holidays(Holidays(column="day", **settings), Context())(table, {}).drop(columns="day")


def test_the_plugin_keeps_its_contract():
    check_plugin("regrow_calendar.plugin", {})


def test_days_to_and_since_a_holiday():
    made = said(["2013-07-04 12:00", "2013-07-05", "2013-07-02", None], country="US", farthest=10)
    np.testing.assert_array_equal(made["day_holiday"], [1, 0, 0, np.nan])
    np.testing.assert_array_equal(made["day_days_to_holiday"], [0, 10, 2, np.nan])
    np.testing.assert_array_equal(made["day_days_since_holiday"], [0, 1, 10, np.nan])


def test_a_part_of_a_country_and_bridges():
    assert said(["2024-08-15"], country="DE")["day_holiday"].tolist() == [0]
    assert said(["2024-08-15"], country="DE", part="SL")["day_holiday"].tolist() == [1]
    bridge = said(["2013-07-05", "2013-07-03"], country="US", add=["bridge"])
    assert bridge["day_bridge"].tolist() == [1, 0]  # the Friday after a Thursday
    with pytest.raises(RegrowError, match="no holidays are known of XX"):
        said(["2024-01-01"], country="XX")


def test_a_day_is_that_of_the_dates_own_zone():
    late = pd.Series(pd.to_datetime(["2013-07-05T02:00Z"])).dt.tz_convert("America/New_York")
    step = holidays(Holidays(column="day", country="US", add=["holiday"]), Context())
    assert step(late.to_frame("day"), {})["day_holiday"].tolist() == [1]
