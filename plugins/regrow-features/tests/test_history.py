"""What came before a row: held against the plainest way to say it, and never the row itself, a tie or the future."""

import numpy as np
import pandas as pd
import pytest

from regrow import Context, RegrowError
from regrow_features import history
from regrow_features.plugin import regrow_components
from regrow_features.row_settings import AsOf, Lag, Planned, Window
from regrow_features.settings import Features
from regrow_features.stage import features

draw = np.random.default_rng(0)
ROWS = 600
PLANES = pd.DataFrame(
    {
        "plane": pd.Series(draw.choice(["a", "b", "c"], ROWS), dtype="str"),
        "at": pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 300, ROWS), unit="h"),
        "late": draw.normal(2000, 1, ROWS).round(2),
    }
)
PLANES.loc[::7, "late"] = np.nan
PLANES.loc[5, "at"] = pd.NaT
PLANES.loc[9, "plane"] = None
ASKED = {"table": "flights", "at": "at", "by": ["plane"], "columns": ["late"]}
DAY = pd.Timedelta(days=1)


def derived(make, settings, rows):
    return make(settings, Context())(rows[["plane", "at"]].reset_index(drop=True), {"flights": PLANES})


def before(row, delay=0.0):
    """The rows that were known at a row's moment, in order."""
    known = PLANES[(PLANES["plane"] == row["plane"]) & (PLANES["at"] + delay * DAY < row["at"])]
    return known.sort_values("at", kind="stable")


def test_windows_are_as_a_loop_over_the_rows_says():
    statistics = ["count", "sum", "mean", "std", "min", "max"]
    settings = Window(**ASKED, days=[2.0, None], statistics=statistics, delay=0.5)
    made = derived(history.window, settings, PLANES[:120])
    for place, row in PLANES[:120].iterrows():
        for days, said in ((2, "2d"), (None, "ever")):
            known = before(row, 0.5)
            late = (known if days is None else known[known["at"] >= row["at"] - days * DAY])["late"].dropna()
            expected = [len(late), late.sum(), late.mean(), late.std(), late.min(), late.max()]
            got = made.loc[place, [f"past_late_{one}_{said}" for one in statistics]].to_numpy(dtype="float64")
            np.testing.assert_allclose(got, expected, rtol=1e-9)


def test_earlier_values_and_the_latest_known_one():
    lags = derived(history.lag, Lag(**ASKED, steps=[1, 3]), PLANES[:120])
    known = derived(history.as_of, AsOf(**ASKED, days=0.1), PLANES[:120])
    for place, row in PLANES[:120].iterrows():
        past = before(row)
        late = past["late"].to_numpy()
        expected = [late[-1] if len(late) else np.nan, late[-3] if len(late) > 2 else np.nan]
        np.testing.assert_allclose(lags.loc[place, ["past_late_lag_1", "past_late_lag_3"]].to_numpy(float), expected)
        since = (row["at"] - past["at"].iloc[-1]) / DAY if len(past) else np.nan
        np.testing.assert_allclose(lags.loc[place, "past_days_since_last"], since)
        recent = past[past["at"] >= row["at"] - 0.1 * DAY]["late"]
        np.testing.assert_allclose(known.loc[place, "past_late"], recent.iloc[-1] if len(recent) else np.nan)


def test_a_row_comes_out_the_same_alone():
    settings = Window(**ASKED, days=[3.0], statistics=["sum", "mean", "std", "max"])
    together = derived(history.window, settings, PLANES)[:40]  # many rows are looked up in another way
    alone = [derived(history.window, settings, PLANES.iloc[[place]]) for place in range(40)]
    pd.testing.assert_frame_equal(pd.concat(alone, ignore_index=True), together, check_exact=True)


def test_neither_ties_nor_the_future_are_seen():
    rows = pd.DataFrame({"plane": pd.Series(["x"] * 3, dtype="str"), "at": [1.0, 1.0, 2.0], "late": [5.0, 7.0, 9.0]})
    asked = {**ASKED, "days": None}
    strict = history.as_of(AsOf(**asked), Context())(rows[["plane", "at"]], {"flights": rows})
    assert strict["past_late"].fillna(-1).tolist() == [-1, -1, 7]  # of one moment, the last that stands there
    loose = history.as_of(AsOf(**asked, same_moment=True), Context())(rows[["plane", "at"]], {"flights": rows})
    assert loose["past_late"].tolist() == [7, 7, 9]


def test_an_empty_past_and_wrong_names():
    new = pd.DataFrame({"plane": pd.Series(["unknown"], dtype="str"), "at": pd.to_datetime(["2024-02-01"])})
    made = derived(history.window, Window(**ASKED, days=[None], statistics=["count", "sum", "mean"]), new)
    assert made["past_late_count_ever"].tolist() == made["past_late_sum_ever"].tolist() == [0]
    assert made["past_late_mean_ever"].isna().all()
    with pytest.raises(RegrowError, match="no lookup is called 'flight'"):
        derived(history.lag, Lag(**{**ASKED, "table": "flight"}), new)
    with pytest.raises(RegrowError, match="'plane' is text: neither dates nor numbers"):
        derived(history.lag, Lag(**{**ASKED, "at": "plane", "by": []}), new)


def test_labels_of_earlier_rows_need_a_delay():
    registry = {(one.kind, one.name): one for one in regrow_components()}

    def run(**more):
        step = {"use": "window", **ASKED, "days": [7.0], "statistics": ["mean"], **more}
        given = {"features": {"derive": {"past": step}, "exclude": ["at"]}, "data": {"target": {"column": "late"}}}
        settings = Features.model_validate(given, context={"components": registry})
        return features(PLANES.dropna(), {"flights": PLANES}, settings)["features"]

    with pytest.raises(RegrowError, match="'late' of the lookup is the target"):
        run()
    assert list(run(delay=1.0)) == ["plane", "past_late_mean_7d", "late"]


FLOWN = pd.DataFrame(
    {
        "port": pd.Series(["x", "x", "x", "y", "x"], dtype="str"),
        "hour": pd.to_datetime(["2024-01-01T06:00"] * 3 + ["2024-01-01T07:00"] * 2),
        "minute": [0, 10, 50, 0, 30],
        "wait": [5.0, 100.0, np.nan, 0.0, 1.0],  # minutes until it was gone; one never was
    }
)
AT = {"table": "flown", "at": "hour", "plus": {"minute": "minutes"}, "by": ["port"]}
LEFT = {"minute": "minutes", "wait": "minutes"}


def test_a_moment_that_is_a_date_and_minutes():
    settings = Window(**AT, known_plus=LEFT, columns=["wait"], days=["1h", "90min", 1.0], statistics=["count", "max"])
    made = history.window(settings, Context())(FLOWN.drop(columns="wait"), {"flown": FLOWN})
    # gone at 6:05, 7:50, never, 7:00, 7:31; asked at 6:00, 6:10, 6:50, 7:00, 7:30
    assert made["past_wait_count_1h"].tolist() == [0, 1, 1, 0, 0]
    assert made["past_wait_count_90min"].tolist() == [0, 1, 1, 0, 1]
    assert made["past_wait_max_1d"].fillna(-1).tolist() == [-1, 5, 5, -1, 5]
    late = Window(**AT, known_plus=LEFT, columns=["wait"], days=[1.0], statistics=["count"], delay="10min")
    made = history.window(late, Context())(FLOWN, {"flown": FLOWN})
    assert made["past_wait_count_1d"].tolist() == [0, 0, 1, 0, 1]


def test_a_row_that_was_early_does_not_see_itself():
    early = FLOWN.assign(wait=-5.0)
    settings = Window(**AT, known_plus=LEFT, columns=["wait"], days=[1.0], statistics=["count"])
    made = history.window(settings, Context())(early, {"flown": early})
    assert made["past_wait_count_1d"].tolist() == [0, 1, 2, 0, 3]


def test_what_is_planned_is_counted_before_and_after():
    asked = Planned(**AT, before="1h", after="40min", name="around")
    made = history.planned(asked, Context())(FLOWN, {"flown": FLOWN})
    assert made["around"].tolist() == [2, 3, 4, 1, 2]
    alone = [history.planned(asked, Context())(FLOWN[place : place + 1], {"flown": FLOWN}) for place in range(5)]
    assert pd.concat(alone)["around"].tolist() == made["around"].tolist()
    other = FLOWN[:1].assign(port=pd.Series(["z"], dtype="str"))
    assert history.planned(asked, Context())(other, {"flown": FLOWN})["around"].tolist() == [0]


def test_a_plan_can_not_look_at_what_happened():
    registry = {(one.kind, one.name): one for one in regrow_components()}
    step = {"use": "planned", **AT, "known_plus": LEFT, "after": "1h", "name": "around"}
    given = {"features": {"derive": {"crowd": step}, "exclude": ["hour"]},
             "data": {"target": {"column": "minute"}, "leaks": ["wait"]}}  # fmt: skip
    settings = Features.model_validate(given, context={"components": registry})
    with pytest.raises(RegrowError, match="'minute', 'wait' of the lookup is the target"):
        features(FLOWN, {"flown": FLOWN}, settings)
