"""A file as offices export it scores to the bits that training recorded: as CSV, as Parquet of text, and as JSON."""

import csv
import random

import compare
import flights
import pandas as pd
import pytest

from regrow_serve import batch
from regrow_serve.bundle import Bundle, exact, records

COLUMNS = ("distance", "share", "fee", "day", "booked", "start", "evening", "turn", "late_already", "delay")
DERIVE = {
    "dates": {"use": "date_parts", "columns": ["day", "booked"], "parts": ["weekday"]},
    "hour": {"use": "cyclic", "column": "start", "period": 1440.0},
}


def cells(draw: random.Random) -> list[str]:
    """A row as it is exported."""
    hour, minute, amount = draw.randint(0, 23), draw.randint(0, 59), draw.randint(10_000, 999_999)
    return [
        f"{amount // 100_000 or 1}.{amount % 1000:03d},{draw.randint(10, 99)}",
        f"{draw.randint(1, 99)}%" if draw.random() < 0.9 else "?",
        f"${draw.randint(1, 9)},{draw.randint(100, 999)}",
        f"{draw.randint(13, 28)}.0{draw.randint(1, 9)}.2013",
        f"0{draw.randint(1, 9)}/{draw.randint(13, 28)}/2013 11:05 PM" if draw.random() < 0.9 else "-",
        f"{hour}:{minute:02d}" if draw.random() < 0.9 else "n/a",
        f"{hour % 12 + 1}:{minute:02d}:{draw.randint(10, 59)} {'ap'[hour > 11]}m",
        f"{draw.randint(1, 3)}h {minute}m" if draw.random() < 0.5 else f"{minute}m",
        str(draw.random()),
        f"{draw.gauss(20, 10) + hour:.1f}".replace(".", ","),
    ]


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    draw = random.Random(5)
    with (folder / "flights.csv").open("w", newline="") as file:
        file.write("Flights of 2013\n")
        csv.writer(file).writerows([COLUMNS, *(cells(draw) for _ in range(200))])
        file.write("\nSource: us\n")
    reader = {"use": "csv", "file": "flights.csv", "skip_rows": 1, "skip_footer": 1}
    data = {"reader": reader, "lookups": {}, "target": {"column": "delay", "above": 30.0, "name": "late"}}
    settings = flights.settings_of("linear", derive=DERIVE, exclude=[], steps={"gaps": {"use": "impute_median"}})
    made = flights.stages(folder, settings | {"data": settings["data"] | data})
    return made | {"loaded": Bundle.load(flights.written(folder, made)), "folder": folder}


def text_of(export) -> pd.DataFrame:
    return pd.read_csv(export["folder"] / "flights.csv", skiprows=1, nrows=200, dtype=str, keep_default_na=False)


def answers(export, source) -> dict:
    out = export["folder"] / "out.parquet"
    counts = batch.predict(export["loaded"], source, out)
    assert (counts.refused, counts.answered) == (0, 200), batch.refused_file(out).read_text()
    told = pd.read_parquet(out).set_index("row").to_dict("index")
    return {row: exact(one["prediction"], [one["probability_0"], one["probability_1"]]) for row, one in told.items()}


def test_the_file_itself_and_its_text_as_parquet(export):
    wanted = compare.recorded(export)
    found = answers(export, export["folder"] / "flights.csv")
    assert {row: found[row] for row in wanted} == wanted
    text_of(export).to_parquet(export["folder"] / "text.parquet")
    assert answers(export, export["folder"] / "text.parquet") == found


def test_rows_as_json_with_times_and_dates_as_text_or_as_the_table_has_them(export):
    wanted = compare.recorded(export)
    rows = records(export["table"].drop(columns=["late", "delay", "late_already"]))
    raw = text_of(export)
    marks = ["?", "-", "n/a"]
    asked = [{name: None if raw[name][row] in marks else raw[name][row]
              for name in ("start", "evening", "turn", "day", "booked")} for row in range(len(raw))]  # fmt: skip
    written = [row | text for row, text in zip(rows, asked, strict=True)]
    for given in (rows, written):
        got = export["loaded"].predict(given)
        shares = got[["probability_0", "probability_1"]].to_numpy().tolist()
        found = [exact(*pair) for pair in zip(got["prediction"].tolist(), shares, strict=True)]
        assert {row: found[row] for row in wanted} == wanted


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [("start", "25:99", "17:30"), ("start", "soon", "17:30"), ("turn", True, "17:30"), ("share", "12%", "a finite")],
)
def test_what_is_no_such_value_is_refused_with_what_is(export, column, value, said):
    row = records(export["table"].drop(columns=["late", "delay", "late_already"]))[0] | {column: value}
    judged = export["loaded"].guard.judge(export["loaded"].schema.of_rows([row]))
    assert judged.of(0) == "refused"
    assert said in judged.remarks[0][0].allowed
