"""Columns that are no features as they are are found, named, and handled by a line of conf/."""

import numpy as np
import pandas as pd
import pytest

from regrow_data.suspects import line, suspects

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


@pytest.mark.parametrize(
    ("cell", "said", "step"),
    [
        (
            lambda row: f'{{"w": {row}, "os": "ios", "x": null, "on": true}}',
            "holds JSON objects (60 values in 60 rows)",
            """{use: json_fields, column: "c d", numbers: ["w", "on"], texts: ["os"]}""",
        ),
        (
            lambda row: f"52.{row}, 13.4",
            "holds two numbers in each cell, such as a place",
            'use: extract, column: "c d"',
        ),
        (lambda row: f"POINT (52.{row} 13.4)", "holds two numbers in each cell", "use: extract"),
        (lambda row: f"10.0.{row}.1", "holds IP addresses", "texts: [net]"),
    ],
)
def test_a_text_of_several_values_is_told_with_the_step_that_takes_it_apart(cell, said, step):
    table = pd.DataFrame({"c d": pd.Series([cell(row) for row in range(60)], dtype="str"), "y": [0, 1] * 30})
    found = suspects(table, "y", set())["c d"]
    assert found["said"].startswith(said)
    assert step in line("c d", found)
    assert found["what"] in ("identifier", "free_text")  # and so it is left out as it is
