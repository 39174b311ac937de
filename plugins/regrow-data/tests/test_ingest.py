"""The stage ingest: the target, the record, and the data of a user who never saw this code."""

import json
import random
import time
from pathlib import Path

import pandas as pd
import pytest
from data_stage_settings import checked, ingest_settings

from regrow import RegrowError
from regrow_data.ingest import ingest
from regrow_data.settings import IngestSettings

SAMPLE = Path(__file__).parents[3] / "template" / "sample"
NUMBERS = "y,n\n10,a\n61,b\n,c\n60,d\n100,e\n"


def test_a_users_own_csv_works(ingested):
    """5,000 rows, mixed types, dates, missing values, a target of two strings; twice the same."""
    draw = random.Random(1)
    lines = ["id;name;amount;signed;active;zip;note;y"]
    for i in range(5000):
        amount = "" if draw.random() < 0.1 else f"{draw.uniform(-5, 500):.2f}".replace(".", ",")
        active = draw.choice(["true", "false", ""])
        day = f"2024-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        note = draw.choice(['"a; ""b"""', '"two\nlines"', "", "naïve"])
        target = draw.choice(["churned", "stayed", "stayed"]) if i % 50 else ""
        lines.append(f"{i};n{i};{amount};{day};{active};{i % 100:05};{note};{target}")
    reader = {"use": "csv", "file": "d.csv", "separator": ";", "decimal": ","}
    first, again = (ingested("\n".join(lines) + "\n", reader=reader) for _ in range(2))
    table, record = first["table"], first["ingest_record"]
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {
        "id": "int64", "name": "str", "amount": "float64", "signed": "datetime64[us]", "active": "float64",
        "zip": "str", "note": "str", "y": "str",
    }  # fmt: skip
    assert isinstance(table.index, pd.RangeIndex)
    assert (record["rows_read"], record["rows_kept"], record["rows_without_target"]) == (5000, 4900, 100)
    assert [entry["class"] for entry in record["target"]["distribution"]] == ["churned", "stayed"]
    assert sum(entry["rows"] for entry in record["target"]["distribution"]) == 4900
    pd.testing.assert_frame_equal(table, again["table"])
    assert json.dumps(record, allow_nan=False) == json.dumps(again["ingest_record"], allow_nan=False)


def test_above_and_name(ingested):
    got = ingested(NUMBERS, target={"column": "y", "above": 60, "name": "late"})
    assert list(got["table"]) == ["y", "n", "late"]
    assert got["table"]["late"].tolist() == [0, 1, 0, 1]
    assert got["table"]["y"].tolist() == [10, 61, 60, 100]
    assert got["table"]["y"].dtype == "float64"  # it was read with a gap; only the target is made whole again
    assert got["ingest_record"]["target"] == {
        "name": "late", "column": "y", "above": 60.0, "task": "binary",
        "distribution": [{"class": 0, "rows": 2, "share": 0.5}, {"class": 1, "rows": 2, "share": 0.5}],
    }  # fmt: skip
    assert list(ingested(NUMBERS, target={"column": "y", "above": 60})["table"]) == ["y", "n"]


def test_a_renamed_target_takes_its_sources_place(ingested):
    got = ingested("n,y,z\n1,a,2\n2,b,3\n3,a,4\n4,b,5\n", target={"column": "y", "name": "label"})
    assert list(got["table"]) == ["n", "label", "z"]
    assert [column["name"] for column in got["ingest_record"]["columns"]] == ["n", "label", "z"]
    with pytest.raises(RegrowError, match="a column of that name"):
        ingested("n,y\n1,a\n2,b\n", target={"column": "y", "name": "n"})


def test_regression_and_its_record(ingested):
    got = ingested("y,n\n1,a\n2,b\n,c\n4,d\n", task="regression")
    assert got["table"]["y"].dtype == "int64"
    spread = got["ingest_record"]["target"]["distribution"]
    assert (spread["min"], spread["median"], spread["max"], round(spread["mean"], 4)) == (1, 2, 4, 2.3333)


RARE = "y,n\n" + "".join(
    f"{name},{row}\n" for name, rows in (("a", 12), ("b", 10), ("c", 6), ("d", 1)) for row in range(rows)
)


def test_rare_classes_are_dropped_or_merged_by_the_setting_that_the_refusal_names(ingested, caplog):
    with pytest.raises(RegrowError, match=r"too few rows: 'd' \(1\)[\s\S]*data.target.rare: drop` or `merge`"):
        ingested(RARE, task="multiclass")
    dropped = ingested(RARE, task="multiclass", target={"column": "y", "rare": "drop"})
    assert set(dropped["table"]["y"]) == {"a", "b"}
    assert dropped["ingest_record"]["rare_classes"] == {"c": 6, "d": 1}
    assert (dropped["ingest_record"]["rows_kept"], dropped["ingest_record"]["rows_without_target"]) == (22, 0)
    assert "rare classes left out: c (6), d (1)" in caplog.text
    merged = ingested(RARE, task="multiclass", target={"column": "y", "rare": "merge", "rare_below": 11})
    assert merged["table"]["y"].value_counts().to_dict() == {"other": 17, "a": 12}
    with pytest.raises(RegrowError, match="integer can't be merged"):
        ingested("y,n\n" + "1,1\n" * 12 + "2,1\n", task="multiclass", target={"column": "y", "rare": "merge"})


def test_rows_dropped_for_a_missing_target_are_counted_in_what_follows_from_it(ingested, caplog):
    with pytest.raises(RegrowError, match=r"has 1: 'a' \(2\) \(3 rows without a target were left out\)"):
        ingested("y,n\na,1\na,2\n,3\n,4\n,5\n")
    ingested("y,n\na,1\na,2\nb,1\nb,2\n,3\n")
    assert "1 rows without 'y' were left out" in caplog.text


def test_boolean_targets_with_gaps_are_booleans_again(ingested):
    got = ingested("y,n\ntrue,1\nfalse,2\n,3\ntrue,4\nfalse,5\n", target={"column": "y", "positive": False})
    assert got["table"]["y"].tolist() == [True, False, True, False]
    assert got["ingest_record"]["target"]["distribution"][0] == {"class": False, "rows": 2, "share": 0.5}


@pytest.mark.parametrize(
    ("csv", "data", "message"),
    [
        ("x,n\n1,2\n", {}, r"no column 'y' to be the target[\s\S]*there are: n, x"),
        ("yy,n\n1,2\n", {}, "did you mean 'yy'"),
        ("y,n\n,1\n,2\n", {}, "no row has a value in the target"),
        (
            "y,n\na,1\nb,2\n",
            {"target": {"column": "y", "above": 1}},
            r"needs a numeric column, but 'y' holds str \(for example 'a'",
        ),
        ("y,n\ntrue,1\nfalse,2\n", {"target": {"column": "y", "above": 0}}, "needs a numeric column"),
        ("y,n\na,1\na,2\n", {}, r"exactly 2 classes, but the target 'y' has 1: 'a' \(2\)"),
        (NUMBERS, {"target": {"column": "y", "above": 999}}, "between the smallest and the largest"),
        ("y\na\na\nb\nb\nc\n", {}, r"has 3: 'a' \(2\), 'b' \(2\), 'c' \(1\)\n    set `task: multiclass`$"),
        ("y\n1\n2\n3\n", {}, "task: regression"),
        ("y\na\na\nb\nb\nunknown\n", {}, "if 'unknown' stands for no value, list it under `missing` of `data.reader`"),
        ("y\na\na\nb\nb\nc\n", {"task": "multiclass"}, r"too few rows: 'c' \(1\)"),
        ("y\na\na\n", {"task": "multiclass"}, "at least 2 classes"),
        ("y\n2013-01-01\n2013-01-02\n", {}, "a date, which is no class"),
        ("y\na\nb\n", {"task": "regression"}, "numeric target, but 'y' is of type text"),
        ("y\na\nb\na\nb\n", {"target": {"column": "y", "positive": "c"}}, r"no class 'c'[\s\S]*'a' \(2\), 'b' \(2\)"),
        ("y\n1\n0\n1\n0\n", {"target": {"column": "y", "positive": True}}, "no class True"),
    ],
)
def test_targets_that_cannot_be_used(ingested, csv, data, message):
    with pytest.raises(RegrowError, match=message):
        ingested(csv, **data)


def test_the_flights_sample_gives_the_demo_project():
    data = {
        "task": "binary",
        "reader": {"use": "csv", "file": "flights.csv.gz"},
        "target": {"column": "arr_delay", "above": 60, "name": "late"},
        "lookups": {name: {"use": "csv", "file": f"{name}.csv.gz"} for name in ("weather", "planes")},
    }
    began = time.perf_counter()
    got = ingest(raw=SAMPLE, settings=checked(IngestSettings, {"data": data}))
    assert time.perf_counter() - began < 5
    kinds = {column["name"]: column["type"] for column in got["ingest_record"]["columns"]}
    assert kinds["time_hour"] == "date"
    assert kinds["tailnum"] == "text"
    assert kinds["late"] == "integer"
    late = got["ingest_record"]["target"]["distribution"][1]
    assert late["class"] == 1
    assert 0.07 < late["share"] < 0.1
    joined = got["table"].merge(got["lookups"]["weather"], on=["origin", "time_hour"], how="left", indicator=True)
    assert (joined["_merge"] == "both").mean() > 0.98
    assert got["lookups"]["planes"]["tailnum"].is_unique


def test_another_plugins_reader_must_return_a_table(tmp_path):
    settings = ingest_settings()
    (tmp_path / "d.csv").write_text("y\na\nb\na\nb\n")
    assert len(ingest(raw=tmp_path, settings=settings)["table"]) == 4
    with pytest.raises(RegrowError, match=r"no file 'd\.csv'"):
        ingest(raw=tmp_path / "nowhere", settings=settings)
