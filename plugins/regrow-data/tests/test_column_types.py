"""Types: every column as a whole, by rules that lose nothing."""

import datetime as dt
import decimal
import random
import re
import string

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from regrow import RegrowError
from regrow_data.frame_types import typed
from regrow_data.readers import mark_as_text
from regrow_data.settings import ColumnType
from regrow_data.text_types import TEXT, as_text, fit, infer

FAMILY = {"int64", "float64", "bool", "str", "datetime64[us]"}


def text(*cells: str | None) -> pd.Series:
    return pd.Series(list(cells), dtype=TEXT, name="c")


@pytest.mark.parametrize(
    ("cells", "kind", "dtype"),
    [
        (["1", "-20", "0"], "integer", "int64"),
        (["1", None, "3"], "integer", "float64"),
        (["00123", "4"], "text", "str"),
        (["+49301234", "+4930"], "text", "str"),
        (["12345678901234567890", "1"], "text", "str"),
        (["123456789012345678", "1"], "integer", "int64"),
        (["123456789012345678", None], "text", "str"),
        (["1.5", "2", ".5", "-3.", "1e-3"], "number", "float64"),
        (["1.5", "007.5"], "text", "str"),
        (["1.5", "inf"], "text", "str"),
        (["1.5", "1e999"], "text", "str"),
        (["1_000", "2_000"], "text", "str"),
        (["1,000", "2"], "text", "str"),
        (["٣", "٤"], "text", "str"),
        (["true", "False", "TRUE"], "boolean", "bool"),
        (["true", None, "false"], "boolean", "float64"),
        (["yes", "no"], "text", "str"),
        (["0", "1"], "integer", "int64"),
        (["2013-01-31", "2013-02-01"], "date", "datetime64[us]"),
        (["2013-01-31", None], "date", "datetime64[us]"),
        (["2013-01-31", "2013-02-30"], "text", "str"),
        (["31.01.2013", "01.02.2013"], "text", "str"),
        (["01/02/2013", "02/03/2013"], "text", "str"),
        (["20130131", "20130201"], "integer", "int64"),
        (["2013-01-31 10:00", "2013-01-31T10:00:01.5"], "date", "datetime64[us]"),
        (["2013-01-31T10:00:00Z", "2013-01-31 10:00"], "text", "str"),
        (["0001-01-01", "9999-12-31"], "date", "datetime64[us]"),
        ([None, None], "number", "float64"),
        (["1", "2", "x"], "text", "str"),
    ],
)
def test_a_column_is_one_type_as_a_whole(cells, kind, dtype):
    values, found = infer(text(*cells))
    assert (found, str(values.dtype)) == (kind, dtype)
    assert values.isna().tolist() == [cell is None for cell in cells]


def test_a_late_value_decides_as_much_as_an_early_one():
    assert infer(text(*["1"] * 100_000, "x"))[1] == "text"
    assert infer(text(*["1"] * 100_000, "1.5"))[1] == "number"
    assert infer(text(*[None] * 100_000, "2013-01-01"))[1] == "date"


def test_zones_become_utc():
    zoned = infer(text("2013-01-01T10:00:00+02:00", "2013-07-01T10:00:00Z", "2013-07-01 10:00:00-0430"))[0]
    assert zoned.astype(str).tolist() == ["2013-01-01 08:00:00", "2013-07-01 10:00:00", "2013-07-01 14:30:00"]


def test_numbers_come_back_exactly():
    for cell in ("0.1", "1e23", "2.2250738585072014e-308", "9007199254740993.0", "1.7976931348623157e308"):
        assert infer(text(cell, "0.5"))[0][0] == float(cell)


def test_overrules_are_lenient_and_report_what_does_not_fit():
    assert fit(text("00123", "+5", "7.0"), "integer")[0].tolist() == [123, 5, 7]
    assert fit(text("yes", "0", "TRUE"), "boolean")[0].tolist() == [True, False, True]
    assert fit(text("00123", "1.50"), "text")[0].tolist() == ["00123", "1.50"]
    assert fit(text("31/01/2013"), "date", "%d/%m/%Y")[0][0] == pd.Timestamp("2013-01-31")
    values, wrong = fit(text("1", "x", None, "2.5"), "integer")
    assert wrong.tolist() == [False, True, False, True]
    assert np.isnan(values[1])
    assert fit(text("9" * 19), "integer")[1].all()


def test_a_value_that_does_not_fit_is_told_with_column_count_and_rows(ingested):
    csv = "y,n,d\na,1,31/01/2013\nb,x,2013-01-31\na,y,01/02/2013\nb,2,x\n"
    types = {"n": "integer", "d": {"type": "date", "format": "%d/%m/%Y"}}
    with pytest.raises(RegrowError) as caught:
        ingested(csv, types=types)
    said = str(caught.value)
    assert "column 'n' of the data: 2 values are not integer: row 1: 'x', row 2: 'y'" in said
    assert "column 'd' of the data: 2 values are not date of the format '%d/%m/%Y': row 1: '2013-01-31'" in said
    with pytest.raises(RegrowError, match=r"no column 'nn'[\s\S]*did you mean 'n'"):
        ingested(csv, types={"nn": "text"})


def test_overrules_reach_lookups_by_their_name(ingested):
    csv = "y,zip\na,1\nb,2\na,3\nb,4\n"
    got = ingested(csv, types={"l.zip": "text"}, lookups={"l": {"use": "csv", "file": "d.csv"}})
    assert got["table"]["zip"].tolist() == [1, 2, 3, 4]
    assert got["lookups"]["l"]["zip"].tolist() == ["1", "2", "3", "4"]
    assert got["ingest_record"]["lookups"]["l"]["columns"][1] == {"name": "zip", "type": "text", "missing": 0.0}


EXOTIC = {
    "category": (pd.Series(["a", None], dtype="category"), "text"),
    "category of int": (pd.Series([5, 6], dtype="category"), "integer"),
    "Int64": (pd.Series([1, None], dtype="Int64"), "integer"),
    "int8": (pd.Series([1, 2], dtype="int8"), "integer"),
    "uint64": (pd.Series([2**64 - 1, 1], dtype="uint64"), "text"),
    "float32": (pd.Series([0.5, None], dtype="float32"), "number"),
    "boolean": (pd.Series([True, None], dtype="boolean"), "boolean"),
    "object bool": (pd.Series([True, None], dtype=object), "boolean"),
    "decimal": (pd.Series([decimal.Decimal("1.50"), None], dtype=object), "number"),
    "date": (pd.Series([dt.date(2013, 1, 31), None], dtype=object), "date"),
    "zoned": (pd.Series(pd.to_datetime(["2013-01-31T10:00+02:00", None])), "date"),
    "ns": (pd.Series(pd.to_datetime(["2013-01-31", None])).astype("datetime64[ns]"), "date"),
    "time": (pd.Series([dt.time(10, 5), None], dtype=object), "number"),
    "timedelta": (pd.Series(pd.to_timedelta(["1h", None])), "number"),
    "period": (pd.Series(pd.period_range("2013-01", periods=2, freq="M")), "text"),
    "arrow string": (pd.Series(["a", None], dtype=pd.ArrowDtype(pa.large_string())), "text"),
    "arrow int": (pd.Series([1, 2], dtype=pd.ArrowDtype(pa.uint16())), "integer"),
    "arrow date": (pd.Series([dt.date(2013, 1, 31), None], dtype=pd.ArrowDtype(pa.date32())), "date"),
    "sparse": (pd.Series([0.0, 1.5], dtype="Sparse[float64]"), "number"),
    "nothing": (pd.Series([None, None], dtype=object), "number"),
    "empty strings": (pd.Series(["", "x"]), "text"),
}


@pytest.mark.parametrize("name", EXOTIC)
def test_other_readers_columns_join_the_small_family(name, tmp_path):
    column, kind = EXOTIC[name]
    table, kinds, _forms = typed(column.rename("c").to_frame(), {}, "the data")
    assert kinds == {"c": kind}
    assert str(table["c"].dtype) in FAMILY
    assert table["c"].isna().tolist() == column.isna().tolist()
    table.to_parquet(tmp_path / "t.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), table)
    again, _kinds, _forms = typed(table, {}, "the data")
    pd.testing.assert_frame_equal(again, table)
    asked, _, _forms = typed(column.rename("c").to_frame(), {"c": ColumnType(type="text")}, "the data")
    assert str(asked["c"].dtype) == "str"


def test_values_survive_the_family():
    assert typed(EXOTIC["zoned"][0].to_frame("c"), {}, "x")[0]["c"][0] == pd.Timestamp("2013-01-31 08:00")
    assert typed(EXOTIC["decimal"][0].to_frame("c"), {}, "x")[0]["c"][0] == 1.5
    assert typed(EXOTIC["timedelta"][0].to_frame("c"), {}, "x")[0]["c"][0] == 3600
    assert typed(EXOTIC["time"][0].to_frame("c"), {}, "x")[0]["c"][0] == 605
    assert as_text(pd.Series([5.0, 0.25, None])).fillna("-").tolist() == ["5", "0.25", "-"]


@pytest.mark.parametrize("values", [[1, "a"], [{"a": 1}, None], [b"x", b"y"], [1j, 2j], [[1], [2]]])
def test_columns_that_no_table_can_hold_are_left_out_with_a_word(values):
    said = []
    table = pd.DataFrame({"odd": pd.Series(values, dtype=object), "n": [1.0, 2.0]})
    kept, kinds, _forms = typed(table, {}, "the data", say=lambda name, words: said.append((name, words)))
    assert [*kept] == [*kinds] == ["n"]
    ((name, words),) = said
    assert name == "odd"
    assert words.startswith("holds values of type")


def test_odd_text_never_breaks_and_never_loses_a_cell():
    """Whatever the cells are, the result is of the family, and holds each cell's value."""
    draw = random.Random(0)
    alphabet = string.digits * 3 + "-+.eE:TZ tru\x00é٣😀," + "\u2028"
    for _ in range(400):
        short = draw.choice(["0123456789", "01.-", alphabet, "0123456789-:T"])
        cells = [
            None if draw.random() < 0.1 else "".join(draw.choices(short, k=draw.randint(1, 21)))
            for _ in range(draw.randint(1, 6))
        ]
        table, kinds, _forms = typed(mark_as_text(pd.DataFrame({"c": text(*cells)})), {}, "x")
        assert str(table["c"].dtype) in FAMILY
        for cell, value in zip(cells, table["c"], strict=True):
            assert (cell is None) == pd.isna(value)
            if cell is not None and kinds["c"] == "integer":
                number = re.sub(r"\s?[A-Za-z]+$", "", cell)  # a unit that all cells share is let go
                assert int(value) == int(f"-{number[:-1]}" if number.endswith("-") else number)
            if cell is not None and kinds["c"] == "text":
                assert value == cell
