"""Rows that go are counted, and those that stay know where they come from; values change where scoring sees them."""

import numpy as np
import pandas as pd
import pytest

from regrow import Context, RegrowError
from regrow_data import values
from regrow_data.clean_settings import Clip, Fill, Sample
from regrow_data.winsorise import Winsoriser

ROWS = "y,n,m\na,1,x\nb,-2,y\na,3,\nb,4,z\n,5,x\na,1,x\nb,7,y\na,8,x\n"


def test_rows_that_go_are_counted_and_the_others_know_their_place(ingested_clean):
    steps = {
        "positive": {"use": "filter", "keep": "n > 0"},
        "whole": {"use": "drop_missing", "columns": ["m"]},
        "copies": {"use": "deduplicate"},
    }
    made = ingested_clean(ROWS, steps)
    record = made["ingest_record"]
    assert [(one["name"], one["rows_dropped"]) for one in record["cleaning"]] == [
        ("positive", 1),
        ("whole", 1),
        ("copies", 1),
    ]
    assert (record["rows_read"], record["rows_without_target"], record["rows_kept"]) == (8, 1, 4)
    assert made["source_rows"]["source_row"].tolist() == [0, 3, 6, 7]
    assert made["table"]["n"].tolist() == [1, 4, 7, 8]


def test_a_sample_is_the_same_each_time_and_keeps_the_order(ingested_clean):
    rows = "y,n\n" + "".join(f"{'ab'[row % 2]},{row}\n" for row in range(60))
    drawn = [ingested_clean(rows, {"some": {"use": "sample", "share": 0.5, "seed": seed}}) for seed in (3, 3, 4)]
    first, again, other = (one["source_rows"]["source_row"].tolist() for one in drawn)
    assert first == again == sorted(first)
    assert len(first) == 30
    assert first != other


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ({"use": "filter", "keep": "price > 0"}, "no column 'price'"),
        ({"use": "deduplicate", "columns": ["k"]}, "no column 'k'"),
        ({"use": "filter", "keep": "n > 100"}, "no row of 8 is left"),
    ],
)
def test_what_can_not_be_cleaned_is_named(ingested_clean, step, message):
    with pytest.raises(RegrowError, match=message) as caught:
        ingested_clean(ROWS, {"odd": step})
    assert caught.value.problems[0].where == "clean.steps.odd"


def test_values_that_do_not_fit_a_type_become_missing_if_they_may(ingested):
    text = "y,n\na,1\nb,two\na,3\nb,4\n"
    with pytest.raises(RegrowError, match="coerce: true"):
        ingested(text, types={"n": "number"})
    made = ingested(text, types={"n": {"type": "number", "coerce": True}})
    assert made["table"]["n"].isna().tolist() == [False, True, False, False]
    assert made["ingest_record"]["read"] == [
        {"column": "n", "said": "1 values are no number and became missing: row 1: 'two'"}
    ]


def test_bounds_and_fillings_that_are_declared():
    table = pd.DataFrame({"n": [1.0, np.nan, 9.0], "t": pd.Series(["a", None, "b"], dtype="str")})
    clipped = values.clip(Clip(columns=["n"], min=2, max=5), Context())(table, {})
    assert clipped["n"].tolist()[::2] == [2, 5]
    assert values.fill(Fill(columns=["t"], value="?"), Context())(table, {})["t"].tolist() == ["a", "?", "b"]
    with pytest.raises(RegrowError, match="does not go with 't'"):
        values.fill(Fill(columns=["t"], value=3), Context())(table, {})
    with pytest.raises(RegrowError, match="'t' is no column of numbers"):
        values.clip(Clip(columns=["t"], min=2), Context())(table, {})
    with pytest.raises(ValueError, match="rows, or a share"):
        Sample()


def test_winsorising_takes_its_bounds_from_the_training_rows_alone():
    train = pd.DataFrame({"n": np.arange(101.0), "t": "a"})
    fitted = Winsoriser(share=0.1).fit(train)
    out = fitted.transform(pd.DataFrame({"n": [-5.0, 50, 1000, np.nan], "t": "b"}))
    assert out["n"].tolist()[:3] == [10, 50, 90]
    assert np.isnan(out["n"][3])
    assert out["t"].tolist() == ["b"] * 4
