"""Splits by time and by group: nothing is learnt from the future, no group is on both sides; a random one is told."""

import numpy as np
import pandas as pd
import pytest
from data_stage_settings import split_settings

from regrow import RegrowError
from regrow_data.split import split

ROWS = 100
draw = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "day": pd.to_datetime("2024-01-01") + pd.to_timedelta(draw.permutation(ROWS), "D"),
        "customer_id": draw.integers(0, 20, ROWS),
        "y": draw.choice(["a", "b"], ROWS, p=[0.8, 0.2]),
    }
).astype({"y": "str"})


def run(table=TABLE, **given):
    return split(table, {}, split_settings(**given))


def test_the_latest_rows_are_held_out_with_a_gap_before_them():
    fold = run(use="time", column="day", test_size=0.2, gap=5.0)["split"]["fold"]
    days = TABLE["day"]
    assert fold.value_counts().to_dict() == {-1: 76, 0: 20, -2: 4}
    assert days[fold == -1].max() + pd.Timedelta(days=5) <= days[fold == 0].min()
    same = TABLE.assign(day=pd.to_datetime("2024-01-01").as_unit("us") + pd.to_timedelta(np.arange(ROWS) // 50, "D"))
    assert (run(same, use="time", column="day", test_size=0.2)["split"]["fold"] == 0).sum() == 50


def test_rolling_folds_follow_each_other_in_time():
    made = run(use="rolling", column="day", folds=4)["split"]
    assert made["past"].all()
    spans = TABLE.groupby(made["fold"])["day"].agg(["min", "max", "size"])
    assert list(spans.index) == [-1, 0, 1, 2, 3]
    assert (spans["size"] == 20).all()
    assert (spans["max"].to_numpy()[:-1] < spans["min"].to_numpy()[1:]).all()


@pytest.mark.parametrize("given", [{}, {"folds": 4}, {"folds": 4, "stratify": True}, {"stratify": True}])
def test_no_group_is_on_both_sides(given):
    fold = run(use="group", column="customer_id", **given)["split"]["fold"]
    assert (fold.groupby(TABLE["customer_id"]).nunique() == 1).all()
    assert set(fold) == ({0, 1, 2, 3} if "folds" in given else {-1, 0})


@pytest.mark.parametrize(
    ("table", "given", "message"),
    [
        (TABLE, {"use": "time", "column": "dey"}, "no column 'dey'"),
        (TABLE, {"use": "time", "column": "y"}, "neither a date nor a number"),
        (
            TABLE.assign(day=TABLE["day"].where(TABLE.index > 2)),
            {"use": "time", "column": "day"},
            "3 rows have no value",
        ),
        (TABLE, {"use": "time", "column": "day", "gap": 500.0}, "no row lies before"),
        (TABLE, {"use": "group", "column": "y", "folds": 3}, "2 groups in 'y' can't make 3 parts"),
        (TABLE.assign(day=1), {"use": "rolling", "column": "day"}, "1 moments in 'day' can't make 5 folds"),
    ],
)
def test_what_cannot_be_split_is_told(table, given, message):
    with pytest.raises(RegrowError, match=message):
        run(table, **given)


def found(*table, **split):
    """The codes of findings; the little table's rows are alike, which is a finding of its own."""
    codes = [one["code"] for one in run(*table, **split)["split_findings"]]
    return [code for code in codes if code != "split.shared_rows"]


def test_a_random_split_of_dated_rows_or_of_a_repeated_entity_is_a_finding():
    assert found(use="holdout") == ["split.time", "split.group.customer_id"]
    assert found(use="group", column="customer_id") == ["split.time"]
    assert found(use="time", column="day") == []
    assert found(TABLE[["y"]].assign(n=1.5), use="holdout") == []
