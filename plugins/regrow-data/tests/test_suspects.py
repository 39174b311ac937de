"""Columns that are no features as they are are found, named, and handled by a line of conf/."""

import numpy as np
import pandas as pd
import pytest

from regrow_data.suspects import suspects

ROWS = 300
draw = np.random.default_rng(0)
TARGET = pd.Series(draw.choice(["stayed", "left"], ROWS), dtype="str")
NUMBERS = pd.Series(draw.normal(size=ROWS))
WORDS = [" ".join(draw.choice(["good", "bad", "slow", "dear", "late", "fine"], 5)) + f" {row}" for row in range(ROWS)]
COLUMNS = {
    "customer": ([f"C{row:05}" for row in range(ROWS)], "identifier"),
    "order_id": (draw.permutation(ROWS * 7)[:ROWS], "identifier"),
    "count": (draw.permutation(ROWS), "identifier"),
    "note": (WORDS, "free_text"),
    "unit": (["kg"] * ROWS, "constant"),
    "zero": ([0.0] * ROWS, "constant"),
    "nothing": ([np.nan] * ROWS, "empty"),
    "same": (NUMBERS, "copy"),
    "outcome": (TARGET.map({"stayed": 0, "left": 1}), "target_copy"),
    "town": ([f"town {row % 150}" for row in range(ROWS)], "many_levels"),
    "amount": (NUMBERS * 2, None),
    "year": (range(1700, 1700 + ROWS), None),
    "some": ([1.0 if row % 2 else np.nan for row in range(ROWS)], None),
    "plan": (draw.choice(["basic", "plus"], ROWS), None),
    "day": (pd.date_range("2020-01-01", periods=ROWS), None),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_what_a_column_is(name):
    values, what = COLUMNS[name]
    text = isinstance(next(iter(values)), str)
    column = pd.Series(list(values), dtype="str" if text else None)
    table = pd.DataFrame({"first": NUMBERS, name: column, "y": TARGET})
    assert suspects(table, "y", set()).get(name, {}).get("what") == what
    assert suspects(table, "y", {name}) == {}


def test_a_number_that_is_the_target_in_another_unit():
    table = pd.DataFrame({"inch": NUMBERS / 2.54 + 1, "near": NUMBERS + draw.normal(size=ROWS), "y": NUMBERS})
    assert list(suspects(table, "y", set())) == ["inch"]


def test_they_are_told_with_the_line_that_handles_them(ingested, caplog):
    lines = "".join(f"C{row:04},{row % 7},{'ab'[row % 2]}\n" for row in range(60))
    got = ingested("customer,n,y\n" + lines)
    assert got["suspects"]["columns"]["customer"]["what"] == "identifier"
    assert "features.exclude: [customer], or identifier in features.leave_out" in caplog.text
    (finding,) = got["column_findings"]
    assert (finding["code"], finding["verdict"]) == ("column.identifier.customer", "failed")
    assert "Columns that are no features as they are" in [block.get("title") for block in got["data_section"]["blocks"]]


def test_dates_and_a_number_that_never_repeat_are_no_copies_of_each_other(ingested):
    rows = "".join(
        f"{pd.Timestamp('2020-01-01') + pd.Timedelta(days=i):%Y-%m-%d},{i * i % 97 + i / 1000}\n" for i in range(60)
    )
    found = ingested("d,y\n" + rows, target={"column": "y"}, task="regression")["suspects"]["columns"]
    assert "target_copy" not in {one["what"] for one in found.values()}
