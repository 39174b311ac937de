"""Tables as offices export them: German and US numbers, money, per cent, dates, and signs for "no value"."""

import json

import numpy as np
import pandas as pd
import pytest

from regrow import RegrowError
from regrow_data.exports import Form, read, read_alike
from regrow_data.frame_types import typed
from regrow_data.text_types import TEXT


def text(*cells: str | None) -> pd.Series:
    return pd.Series(list(cells), dtype=TEXT, name="c")


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1.113,43", "2,5", "-12.000"], "number", [1113.43, 2.5, -12000]),
        (["$1,234", "$5", "-$7"], "integer", [1234, 5, -7]),
        (["1,234.50 USD", "3 USD"], "number", [1234.5, 3]),
        (["12%", "3.5 %"], "number", [0.12, 0.035]),
        (["1 234,5", "7,25"], "number", [1234.5, 7.25]),
        (["1'234.5", "1'000'000"], "number", [1234.5, 1000000]),
        (["1,5", "2,75"], "number", [1.5, 2.75]),
        (["1", "?", "3"], "integer", [1, None, 3]),
        (["1.5", "-", "n/a", "unbekannt", "inf"], "number", [1.5, None, None, None, None]),
        (["true", "?", "false"], "boolean", [1, None, 0]),
        (["1,234.50-", "7.00", "3.25-"], "number", [-1234.5, 7, -3.25]),  # as SAP writes less than nothing
        (["(1,234.50)", "7.00", "($3)"], "number", [-1234.5, 7, -3]),
        (["+0.30", "-0.25", "1.5"], "number", [0.3, -0.25, 1.5]),
        (["1.5 kg", "12 kg", "-"], "number", [1.5, 12, None]),
        (["20°C", "-3°C"], "integer", [20, -3]),
    ],
)
def test_what_an_export_holds_are_numbers(cells, kind, values):
    got = read(text(*cells))
    assert got.kind == kind
    assert got.said
    np.testing.assert_allclose(got.values.astype("float64"), np.array(values, dtype="float64"), rtol=1e-15)


@pytest.mark.parametrize(
    ("cells", "dates"),
    [
        (["31.01.2013", "1.2.2013"], ["2013-01-31", "2013-02-01"]),
        (["01/31/2013", "02/01/2013"], ["2013-01-31", "2013-02-01"]),
        (["31/01/2013 10:30", "01/02/2013 23:59"], ["2013-01-31 10:30", "2013-02-01 23:59"]),
        (["2013/01/31", "-"], ["2013-01-31", None]),
        (["2013-01-31", "0000-00-00"], ["2013-01-31", None]),
        (["31.01.13", "1.2.99"], ["2013-01-31", "1999-02-01"]),
        (["01/31/2013 11:05 PM", "02/01/2013 12:00 am"], ["2013-01-31 23:05", "2013-02-01 00:00"]),
        (["31-JAN-13", "01-FEB-13"], ["2013-01-31", "2013-02-01"]),
        (["31 Jan 2013 10:30", "1 May 2013 00:00"], ["2013-01-31 10:30", "2013-05-01"]),
        (["January 31, 2013", "May 1, 2013"], ["2013-01-31", "2013-05-01"]),
        (["3 May 2013", "4 May 2013"], ["2013-05-03", "2013-05-04"]),
        (["Thu, 31 Jan 2013 10:30:00 GMT", "Wed, 01 May 2013 00:00:00 GMT"], ["2013-01-31 10:30", "2013-05-01"]),
        (["2013-01-31 10:30 UTC", "2013-05-01 00:00 UTC"], ["2013-01-31 10:30", "2013-05-01"]),
        (["Thursday, January 31, 2013", "Wednesday, May 1, 2013"], ["2013-01-31", "2013-05-01"]),
    ],
)
def test_days_in_the_order_that_all_of_them_have(cells, dates):
    got = read(text(*cells))
    assert got.kind == "date"
    assert got.values.tolist() == pd.to_datetime(pd.Series(dates), format="mixed").tolist()


@pytest.mark.parametrize(
    ("cells", "minutes", "said"),
    [
        (["09:15", "23:59", "-"], [555, 1439, None], "09:15 read as 555 minutes since midnight"),
        (["9:15", "23:59:30", "0:00"], [555, 1439.5, 0], "9:15 read as 555 minutes since midnight"),
        (["9:15 PM", "12:00 am", "12:30 p.m."], [1275, 0, 750], "9:15 PM read as 1275 minutes since midnight"),
        (["09:15 Uhr", "24:00 Uhr"], [555, 1440], "09:15 Uhr read as 555 minutes since midnight"),
        (["36:15", "0:30"], [2175, 30], "36:15 read as 2175 minutes"),
        (["1h 20m", "45m", "2h"], [80, 45, 120], "1h 20m read as 80 minutes"),
        (["PT5M", "PT1H30S", "P1DT2H"], [5, 60.5, 1560], "PT5M read as 5 minutes"),
    ],
)
def test_times_and_durations_are_minutes(cells, minutes, said):
    got = read(text(*cells))
    assert got.kind == "number"
    assert got.said.startswith(said)
    np.testing.assert_array_equal(got.values, np.array(minutes, dtype="float64"))


@pytest.mark.parametrize(
    "cells",
    [
        ["00123", "4", "?"],  # a leading zero is no number's
        ["+49301234", "+4930"],
        ["12345678901234567890", "1", "?"],  # a float would change a digit
        ["a", "-", "?"],
        ["?", "?"],
        ["$5", "€5", "$7"],  # money of two kinds
        ["12%", "13", "14"],
        ["1", "2", "x"],
        ["192.168.1.1", "10.0.0.1"],
        ["007", "1,113", "x"],
        ["01/02/2013", "02/03/2013"],
        ["12A", "7B", "9C"],  # codes, or units of many kinds
        ["1 kg", "500 g", "2 kg"],
        ["2013-01-31T10:00:00Z", "2013-01-31T10:00:00"],
        ["9:75", "10:20"],  # no minutes
        ["09:15", "9:15 PM"],  # the half of the day is said of one only
        ["13:15 PM", "09:00 AM"],
        ["16:9", "4:3"],
        ["5m", "2h"],  # perhaps metres
    ],
)
def test_what_would_lose_something_stays_text(cells):
    got = read(text(*cells))
    assert got.kind == "text"
    assert got.values.tolist() == cells


@pytest.mark.parametrize(
    "cells",
    [
        ["1.113,43", "2,5", "-12.000", "n/a"],
        ["$1,234", "$5", "-$7"],
        ["12%", "3.5 %", "?"],
        ["1", "?", "3"],
        ["1.5", "1e-3", ".5", "inf"],
        ["true", "?", "false"],
        ["1,234.50-", "7.00"],
        ["31.01.2013", "1.2.2013", "-"],
        ["01/31/2013 11:05 PM", "02/01/2013 12:00 am"],
        ["9:15 PM", "12:00 am", "?"],
        ["23:59:30.25", "0:10"],
        ["1h 20m", "45m"],
    ],
)
def test_later_cells_are_read_to_the_same_bits(cells):
    """In the form that was found, which ingest_record holds as JSON."""
    whole = read(text(*cells))
    form = Form.read(json.loads(json.dumps(whole.form.as_json())))
    for place, cell in enumerate(cells):
        values, wrong = read_alike(text(cell), whole.kind, form)
        assert not wrong.any()
        pd.testing.assert_series_equal(
            values.astype("object"), whole.values.iloc[[place]].astype("object").reset_index(drop=True),
            check_names=False,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "later"),
    [
        (["12%", "3.5 %"], ["12", "$5", "x"]),  # 12 may be 12 or 0.12
        (["$1,234", "$5"], ["5 EUR", "1.5"]),  # whole numbers only
        (["1.113,43", "2,5"], ["1,113.43"]),
        (["31.01.2013", "1.2.2013"], ["01/31/2013"]),
        (["9:15 PM", "12:00 am"], ["09:15", "555"]),
    ],
)
def test_later_cells_of_another_form_do_not_fit(cells, later):
    whole = read(text(*cells))
    values, wrong = read_alike(text(*later), whole.kind, whole.form)
    assert wrong.all()
    assert values.isna().all()


def test_two_ways_to_read_are_told_with_the_line_that_says_which():
    assert "{type: number, decimal: ','}" in read(text("1,000", "2")).said
    assert "{type: number, decimal: ','}" in read(text("1.234", "2.500", "12.000")).said
    assert '"%d/%m/%Y" or "%m/%d/%Y"' in read(text("01/02/2013", "02/03/2013")).said
    assert read(text("1.234", "2.5", "12.000")).said == ""
    mixed = read(text("2013-01-31T10:00:00Z", "2013-01-31T10:00:00", "2014-01-31T10:00:00Z")).said
    assert mixed.startswith("stays text: dates not all written in one way")
    assert "row 0: '2013-01-31T10:00:00Z', row 1: '2013-01-31T10:00:00'" in mixed
    assert mixed.endswith("say {type: date}")
    times = read(text("09:15", "9:15 PM", "10:30 am")).said
    assert times.startswith("stays text: times not all written in one way")
    assert "row 0: '09:15', row 1: '9:15 PM'" in times


def test_a_few_odd_cells_become_missing_and_are_counted():
    cells = [str(number) for number in range(100)]
    got = read(text(*cells, "see note"))
    assert got.kind == "integer"
    assert np.isnan(got.values[100])
    assert "1 cell fits nothing and became missing: row 100: 'see note'" in got.said
    many = read(text(*cells, *["see note"] * 10))
    assert many.kind == "text"
    assert "though 91% of its cells read as numbers; not so 10: row 100: 'see note'" in many.said


def test_days_that_a_spreadsheet_counted_among_dates_are_told():
    said = read(text("31.01.2013", "41305", "01.02.2013", "2013-02-02")).said
    assert said.endswith("though 75% of its cells read as dates; not so 1: row 1: '41305' "
                         "(a spreadsheet counts days from 1899-12-30)")  # fmt: skip


def test_columns_of_an_export_reach_the_table_and_are_told(ingested, caplog):
    csv = "id;Betrag;Anteil;Tag;y\n" + "".join(
        f"{row};{row}.113,43;{row}%;{row % 28 + 1:02}.01.2024;{'ab'[row % 2]}\n" for row in range(1, 41)
    )
    got = ingested(csv + "41;-;unbekannt;?;a\n", reader={"use": "csv", "file": "d.csv", "separator": ";"})
    assert [str(dtype) for dtype in got["table"].dtypes] == ["int64", "float64", "float64", "datetime64[us]", "str"]
    assert got["table"]["Betrag"][0] == 1113.43
    assert "Betrag: 1.113,43 read as 1113.43; '-' (1) read as missing" in caplog.text
    assert [one["column"] for one in got["ingest_record"]["read"]] == ["Betrag", "Anteil", "Tag"]
    titles = [block.get("title") for block in got["data_section"]["blocks"]]
    assert "How the text was read" in titles


def test_types_overrule(ingested):
    csv = "a,b,y\n1.234,$5,x\n2.500,?,y\n7.000,$1.50,x\n1.000,$3,y\n"
    types = {"a": {"type": "number", "decimal": ","}, "b": "text"}
    table = ingested(csv, types=types)["table"]
    assert table["a"].tolist() == [1234, 2500, 7000, 1000]
    assert table["b"].tolist() == ["$5", "?", "$1.50", "$3"]
    asked = ingested(csv, types={"b": "number"})["table"]["b"]
    assert asked.fillna(-1).tolist() == [5, -1, 1.5, 3]
    with pytest.raises(RegrowError, match=r"1 values are not number: row 0: 'x'"):
        ingested("b,y\nx,p\n1,q\n$2,p\n3,q\n", types={"b": "number"})


def test_times_by_setting_and_how_each_column_was_read_in_the_record(ingested):
    csv = "a,b,c,y\n09:15,08:30,1h 5m,x\n?,12:00,20m,y\n10:00,09:10,3h,x\n11:30,7:00,1h,y\n"
    got = ingested(csv, types={"b": "text", "c": "time"})
    assert got["table"]["a"].fillna(-1).tolist() == [555, -1, 600, 690]
    assert got["table"]["b"].tolist() == ["08:30", "12:00", "09:10", "7:00"]
    assert got["table"]["c"].tolist() == [65, 20, 180, 60]
    a, b, c, _y = got["ingest_record"]["columns"]
    assert (a["type"], a["form"]) == ("number", {"clock": "24 h"})
    assert (c["type"], c["form"]) == ("number", {"clock": "duration"})
    assert "form" not in b
    with pytest.raises(RegrowError, match=r"1 values are not time: row 1: 'noon'"):
        ingested("a,y\n09:15,x\nnoon,y\n10:00,x\n11:30,y\n", types={"a": "time"})


def test_an_index_that_pandas_wrote_is_left_out(ingested):
    frame = pd.DataFrame({"n": [5, 6, 7, 8], "y": list("abab")})
    assert list(ingested(frame.to_csv())["table"]) == ["n", "y"]
    again = pd.DataFrame(frame).reset_index(names="Unnamed: 0").to_csv(index=False)
    assert list(ingested(again)["table"]) == ["n", "y"]
    with pytest.raises(RegrowError, match="column 1 has no name"):
        ingested(frame.sample(frac=1, random_state=1).to_csv())


def test_infinite_numbers_become_missing_and_are_told():
    said = []
    frame = pd.DataFrame({"n": [1.0, np.inf, -np.inf]})
    table, _kinds, _forms = typed(frame, {}, "the data", lambda *words: said.append(words))
    assert table["n"].isna().tolist() == [False, True, True]
    assert said == [("n", "2 infinite read as missing, the first in row 1")]
