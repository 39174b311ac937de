"""CSV: what it can say comes back, and others read it as well."""

import gzip

import numpy as np
import pandas as pd
import pytest

from regrow.artifacts import csv

ODD = ['a"b\r\n,', "", "NA", "True", "007", "1e5", " x ", "ü", None]


def written(value: pd.DataFrame, folder) -> pd.DataFrame:
    csv.check(value)
    csv.write(value, folder / "a.csv.gz")
    return csv.read(folder / "a.csv.gz")


SAME = {
    "integers": [1, -(2**63), 2**63 - 1],
    "integers with gaps": pd.array([1, None, 2**60 + 1], dtype="Int64"),
    "decimals": [0.1 + 0.2, np.nan, -0.0, 5e-324, 1.7976931348623157e308, 3.0],
    "infinite": [np.inf, -np.inf, 1.0],
    "truth": [True, False],
    "truth with gaps": pd.array([True, None, False], dtype="boolean"),
    "text": pd.Series(ODD, dtype="str"),
    "text of numbers": pd.Series(["1", "2"], dtype="str"),
}


@pytest.mark.parametrize("kind", SAME)
def test_a_column_comes_back(kind, tmp_path):
    value = pd.DataFrame({kind: SAME[kind], 'n"a,me\n': range(len(SAME[kind]))})
    pd.testing.assert_frame_equal(written(value, tmp_path), value, check_exact=True)


SIMPLER = {
    "a small integer": (np.array([1, 255], dtype="uint8"), [1, 255]),
    "a small decimal": (np.array([0.1, 1e-40], dtype="float32"), np.array([0.1, 1e-40], dtype="float32").astype(float)),
    "a nullable decimal": (pd.array([0.5, None], dtype="Float64"), [0.5, np.nan]),
    "a category": (pd.Categorical(["b", "a"]), pd.Series(["b", "a"], dtype="str")),
    "a date": (pd.to_datetime(["2026-01-01", None]), pd.Series(["2026-01-01T00:00:00", None], dtype="str")),
    "a time in a zone": (
        pd.to_datetime(["2026-01-01"]).tz_localize("Asia/Tokyo"),
        pd.Series(["2026-01-01T00:00:00+09:00"], dtype="str"),
    ),
    "nothing": ([np.nan, np.nan], pd.Series([None, None], dtype="str")),
}


@pytest.mark.parametrize("kind", SIMPLER)
def test_what_csv_can_not_say_comes_back_as_the_simplest_of_its_kind(kind, tmp_path):
    given, back = SIMPLER[kind]
    value = pd.DataFrame({"a": given, "b": "x"})
    pd.testing.assert_frame_equal(
        written(value, tmp_path), pd.DataFrame({"a": back, "b": pd.Series(["x"] * len(value), dtype="str")})
    )


def test_others_read_it(tmp_path):
    value = pd.DataFrame({"n": [1, 2], "t": ["a,b", 'say "x"'], "f": [0.1, np.nan]})
    written(value, tmp_path)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "a.csv.gz"), value)


def test_the_text_and_the_header_of_gzip_are_these(tmp_path):
    written(pd.DataFrame({"n": [1, 2], "t": ["a", None]}), tmp_path)
    data = (tmp_path / "a.csv.gz").read_bytes()
    assert gzip.decompress(data) == b'"n","t"\n1,"a"\n2,\n'
    assert data[3:8] == bytes(5), "a file name or a date"
    assert data[9] == 255, "an operating system"


def test_more_rows_than_are_written_at_a_time(tmp_path, monkeypatch):
    value = pd.DataFrame({"n": range(10), "t": [None, *"abcdefghi"]})
    whole = written(value, tmp_path)
    first = (tmp_path / "a.csv.gz").read_bytes()
    monkeypatch.setattr(csv, "ROWS", 3)
    pd.testing.assert_frame_equal(written(value, tmp_path), whole)
    assert (tmp_path / "a.csv.gz").read_bytes() == first


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "its last line has no end"),
        (b'"a","b"\n1,2', "its last line has no end"),
        (b'"a","b"\n1,2\n3\n', "columns"),
        (b'"a","b"\n1,2\nx,3\n', "x"),
        (b'"a","a"\n1,2\n', "names in quotes, each once"),
        (b"a,b\n1,2\n", "names in quotes"),
        (b'"a","b"\n', "."),
        (b'"a"\n"\xff"\n', "utf-8"),
    ],
)
def test_what_is_no_such_csv_is_refused(text, said, tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text))
    with pytest.raises(ValueError, match=said):
        csv.read(tmp_path / "a.csv.gz")


def test_a_flipped_byte_is_refused(tmp_path):
    written(pd.DataFrame({"n": range(1000)}), tmp_path)
    data = bytearray((tmp_path / "a.csv.gz").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "a.csv.gz").write_bytes(data)
    with pytest.raises((ValueError, OSError)):
        csv.read(tmp_path / "a.csv.gz")
