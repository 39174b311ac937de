"""Differences: the place, size and likely cause that a user is told; whatever a file holds, there is no traceback."""

import gzip
import json
import os
import platform
import random
import time
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression

from regrow.artifacts import model, table
from regrow_history.replay.differences import Difference, equivalent, first, first_of_folders, likely_cause

NOW = 1_795_000_000.0


@pytest.fixture
def pair(tmp_path):
    """Two files of one name, in two folders."""

    def make(name: str, recorded, replayed) -> tuple[Path, Path]:
        paths = []
        for side, content in (("recorded", recorded), ("replayed", replayed)):
            path = tmp_path / side / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, pd.DataFrame):
                table.write(content, path)
            elif isinstance(content, bytes):
                path.write_bytes(content)
            elif isinstance(content, str):
                path.write_text(content, encoding="utf-8")
            elif callable(content):
                content(path)
            else:
                path.write_text(json.dumps(content), encoding="utf-8")
            paths.append(path)
        return paths[0], paths[1]

    return make


def told(difference: Difference) -> tuple[str, str, str]:
    return difference.place, difference.recorded, difference.replayed


def frame(rows: int = 100) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "x": np.arange(rows) / 7,
            "n": np.arange(rows),
            "s": [f"row {n}" for n in range(rows)],
            "gap": pd.array([None if n % 3 == 0 else n + 2**60 for n in range(rows)], dtype="Int64"),
        }
    )


def changed(column: str, row: int, value) -> pd.DataFrame:
    made = frame()
    made.loc[row, column] = value
    return made


def test_the_same_bytes_differ_in_nothing(pair):
    assert first(*pair("a.json", {"a": 1}, {"a": 1})).kind == "same"
    assert equivalent(*pair("a.bin", b"\0\1", b"\0\1"))


def test_a_metric_is_told_by_key_and_size(pair):
    found = first(
        *pair("metrics.json", {"test": {"roc_auc": 0.75, "n": 3}}, {"test": {"roc_auc": 0.7500000001, "n": 3}})
    )
    assert told(found) == ("test.roc_auc", "0.75", "0.7500000001")
    assert found.magnitude == "max |Δ| 1e-10, relative 1.3e-10, in 1 of 2 values"
    assert likely_cause(found) == "threads or CPU: floating-point sums in another order"


@pytest.mark.parametrize(
    ("recorded", "replayed", "place", "kind"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, "b", "missing"),
        ({"a": 1}, {"a": 1, "b": 2}, "b", "missing"),
        ({"a": [1, 2]}, {"a": [1, 2, 3]}, "a[2]", "missing"),
        ({"a": "1"}, {"a": 1}, "a", "type"),
        ({"a": True}, {"a": 1}, "a", "type"),
        ({"a": [{"b": None}]}, {"a": [{"b": 0}]}, "a[0].b", "type"),
        ({"a": ["x", "y", "z"]}, {"a": ["x", "z", "y"]}, "a[1]", "order"),
        ([1], {"a": 1}, "the value", "type"),
        ({"a": 0.0}, {"a": -0.0}, "a", "value"),
    ],
)
def test_keys_of_json(pair, recorded, replayed, place, kind):
    found = first(*pair("record.json", recorded, replayed))
    assert (found.place, found.kind) == (place, kind)


def test_json_that_is_written_otherwise_is_not_called_another_value(pair):
    paths = pair("record.json", '{"a": 1,\n "b": 2}\n', '{"b": 2,\n "a": 1}\n')
    found = first(*paths)
    assert (found.kind, found.magnitude) == ("form", "the same values, written otherwise")
    assert equivalent(*paths)


@pytest.mark.parametrize(
    ("column", "row", "value", "shown", "size"),
    [
        ("x", 17, 17 / 7 + 1e-12, ("2.4285714285714284", "2.4285714285724285"),
         "max |Δ| 1e-12, relative 4.1e-13, in 1 of 400 values"),
        ("n", 99, 98, ("99", "98"), "max |Δ| 1, relative 0.01, in 1 of 400 values"),
        ("s", 0, "ro\x1b[2Jw", ("row 0", "ro\\x1b[2Jw"), "in 1 of 400 values"),
        ("gap", 1, None, (str(2**60 + 1), "None"), "in 1 of 400 values"),
        ("gap", 1, 2**60 + 2, (str(2**60 + 1), str(2**60 + 2)), "max |Δ| 1, relative 8.7e-19, in 1 of 400 values"),
        ("x", 5, np.nan, (repr(5 / 7), "None"), "in 1 of 400 values"),
    ],
)  # fmt: skip
def test_a_cell_of_a_table_is_told_by_column_and_row(pair, column, row, value, shown, size):
    found = first(*pair("t.parquet", frame(), changed(column, row, value)))
    assert told(found) == (f"column {column}, row {row}", *shown)
    assert found.magnitude == size


def test_the_first_row_comes_before_the_first_column(pair):
    made = changed("x", 50, 9.0)
    made.loc[20, "s"] = "other"
    found = first(*pair("t.parquet", frame(), made))
    assert found.place == "column s, row 20"
    assert "in 2 of 400 values" in found.magnitude


@pytest.mark.parametrize(
    ("replayed", "place", "kind", "size"),
    [
        (lambda f: f.drop(columns="s"), "column s", "shape", "in 1 of 4 columns"),
        (lambda f: f.assign(new=1), "column new", "shape", "in 1 of 5 columns"),
        (lambda f: f[["n", "x", "s", "gap"]], "columns", "order", "in 2 of 4 columns"),
        (lambda f: f.assign(n=f["n"].astype("int32")), "column n, type", "type", "in 1 of 4 columns"),
        (lambda f: f.head(97), "rows", "shape", "3 of 100 rows on one side only"),
        (lambda f: f.sample(frac=1, random_state=1), "column x, row 0", "order", "the same 100 rows"),
    ],
)
def test_shape_type_and_order_of_a_table_come_before_values(pair, replayed, place, kind, size):
    paths = pair("t.parquet", frame(), replayed(frame()))
    found = first(*paths)
    assert (found.place, found.kind, found.magnitude) == (place, kind, size)
    assert (likely_cause(found) == "order (hash seed, or an unsorted listing)") == (kind == "order")
    assert not equivalent(*paths, tolerance=1e9)


def test_tables_of_lists_dates_and_categories(pair):
    made = pd.DataFrame({"l": [[1, 2], [3]], "d": pd.to_datetime(["2020-01-01", "2020-01-02"]), "c": ["a", "b"]})
    made["c"] = made["c"].astype("category")
    other = made.copy()
    other["l"] = pd.Series([[1, 2], [4]])
    found = first(*pair("t.parquet", made, other))
    assert told(found) == ("column l, row 1", "[3]", "[4]")
    found = first(*pair("t.parquet", made, made.assign(d=pd.to_datetime(["2020-01-01", "2020-01-03"]))))
    assert found.place == "column d, row 1"
    found = first(*pair("t.parquet", made, made.iloc[::-1]))
    assert found.kind == "order"


def test_a_table_that_another_version_wrote_is_told_so(pair):
    held = pa.table({"x": [1, 2]})
    paths = pair(
        "t.parquet",
        lambda path: pq.write_table(held, path),
        lambda path: pq.write_table(held.replace_schema_metadata({"by": "another"}), path),
    )
    found = first(*paths)
    assert told(found) == ("metadata by", "absent", "another")
    assert equivalent(*paths)
    assert (
        likely_cause(Difference("written by", "a 1", "a 2", kind="form"))
        == "another version of the library that wrote it"
    )


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "tsv"])
def test_a_cell_of_a_csv(pair, ending):
    def write(text: str) -> bytes:
        text = text.replace(",", "\t") if ending == "tsv" else text
        return gzip.compress(text.encode(), mtime=0) if ending.endswith("gz") else text.encode()

    recorded = "x,y\n1.5,a\n2.5,b\n3.5,c\n"
    found = first(*pair(f"p.{ending}", write(recorded), write(recorded.replace("2.5", "2.5000000000001"))))
    assert told(found) == ("row[1].x", "2.5", "2.5000000000001")
    assert found.magnitude == "max |Δ| 1e-13, relative 4e-14, in 1 of 8 values"
    found = first(*pair(f"p.{ending}", write(recorded), write("x,y\n2.5,b\n1.5,a\n3.5,c\n")))
    assert (found.kind, found.place) == ("order", "row[0]")
    found = first(*pair(f"p.{ending}", write(recorded), write("x,y\n1.5,a\n")))
    assert (found.place, found.replayed) == ("row[1]", "absent")
    found = first(*pair(f"p.{ending}", write(recorded), write(recorded.replace("y", "z"))))
    assert (found.place, found.kind) == ("columns[1]", "value")


def test_numbers_that_name_things_are_not_near_each_other(pair):
    assert not equivalent(*pair("p.csv", "id\n10000000000\n", "id\n10000000001\n"), tolerance=1e-9)
    assert not equivalent(*pair("r.json", {"id": 10**12}, {"id": 10**12 + 1}), tolerance=1e-9)
    assert not equivalent(*pair("t.parquet", pd.DataFrame({"i": [10**12]}), pd.DataFrame({"i": [10**12 + 1]})))


@pytest.mark.parametrize(("by", "near"), [(1e-12, True), (1e-6, False)])
def test_equivalent_means_floats_within_the_tolerance(pair, by, near):
    assert equivalent(*pair("m.json", {"a": 0.5, "b": 1}, {"a": 0.5 * (1 + by), "b": 1})) == near
    assert equivalent(*pair("p.csv", "x\n0.5\n", f"x\n{0.5 * (1 + by)}\n")) == near
    assert equivalent(*pair("t.parquet", frame(), frame().assign(x=lambda f: f["x"] * (1 + by)))) == near
    assert not equivalent(*pair("m.txt", "0.5", str(0.5 * (1 + by))))


def test_equivalent_tables_differ_in_nothing_else(pair):
    nearly = frame().assign(x=lambda f: f["x"] * (1 + 1e-13))
    assert equivalent(*pair("t.parquet", frame(), nearly))
    nearly.loc[3, "s"] = "other"
    assert not equivalent(*pair("t.parquet", frame(), nearly))
    assert not equivalent(*pair("m.json", {"a": 0.5}, {"a": float("nan")}))


def test_a_line_of_text(pair):
    recorded = "<svg>\n" + "".join(f"<g id='{n}'/>\n" for n in range(50)) + "</svg>\n"
    found = first(*pair("plot.svg", recorded, recorded.replace("id='7'", "id='p7'")))
    assert told(found) == ("line 9", "<g id='7'/>", "<g id='p7'/>")
    assert found.magnitude == "in 1 of 52 lines"
    found = first(*pair("page.html", "a\nb\nc\n", "a\nc\nb\n"))
    assert (found.place, found.kind) == ("line 2", "order")
    found = first(*pair("page.html", "a\nb\n", "a\nb\nc\n"))
    assert told(found) == ("line 3", "absent", "c")
    long = "x" * 10_000
    found = first(*pair("page.html", f"{long}1{long}", f"{long}2{long}"))
    assert "x1x" in found.recorded
    assert "x2x" in found.replayed
    assert len(found.recorded) < 100


X = np.arange(40.0).reshape(20, 2) % 7
Y = np.array(["no", "yes"] * 10)


def test_the_coefficients_of_a_model(pair):
    one, other = (LogisticRegression().fit(X, Y) for _ in range(2))
    other.coef_[0, 1] *= 1 + 1e-12
    paths = pair("m.skops", lambda path: model.write(one, path), lambda path: model.write(other, path))
    found = first(*paths)
    assert "coef_" in found.place
    assert found.place.endswith("[0, 1]")
    assert found.recorded == repr(float(one.coef_[0, 1]))
    assert "relative 1e-12, in 1 of" in found.magnitude
    assert equivalent(*paths)


def test_a_parameter_and_a_tree_of_a_model(pair):
    def write(made):
        return lambda path: model.write(made, path)

    found = first(
        *pair("m.skops", write(LogisticRegression(C=1.0).fit(X, Y)), write(LogisticRegression(C=2.0).fit(X, Y)))
    )
    assert told(found) == ("C", "1.0", "2.0")
    forests = [RandomForestRegressor(3, random_state=seed).fit(X, X[:, 0]) for seed in (1, 2)]
    found = first(*pair("m.skops", write(forests[0]), write(forests[1])))
    assert found.place
    assert found.kind != "bytes"


def test_models_that_hold_the_same_in_other_archives(pair):
    members = {"schema.json": "{}", "a.npy": "x"}

    def write(date):
        def to(path):
            with zipfile.ZipFile(path, "w") as archive:
                for name, text in members.items():
                    archive.writestr(zipfile.ZipInfo(name, date), text)

        return to

    found = first(*pair("m.skops", write((1980, 1, 1, 0, 0, 0)), write(time.gmtime()[:6])))
    assert found.place == "date of schema.json"
    assert likely_cause(found) == "clock"


def test_bytes_of_anything_else(pair):
    data = bytes(range(256)) * 9000
    found = first(*pair("x.bin", data, data[:2_000_000] + b"\xff" + data[2_000_001:]))
    assert told(found) == (
        "byte 2,000,000",
        data[2_000_000:2_000_008].hex(" "),
        "ff " + data[2_000_001:2_000_008].hex(" "),
    )
    assert found.magnitude == "in 1 of 2,304,000 bytes"
    found = first(*pair("x.bin", data, data[:1000]))
    assert (found.place, found.replayed) == ("byte 1,000", "the end")
    assert found.magnitude == "2,304,000 bytes recorded, 1,000 replayed"


def test_the_name_tells_the_type_where_the_path_does_not(pair):
    paths = pair("0a1b2c", {"a": 1}, {"a": 2})
    assert first(*paths).place == "line 1"
    assert first(*paths, "records/r.json").place == "a"


def test_folders(tmp_path):
    for side, text in (("recorded", "1"), ("replayed", "2")):
        (tmp_path / side / "in").mkdir(parents=True)
        (tmp_path / side / "in" / "b.json").write_text(f'{{"k": {text}}}')
        (tmp_path / side / "same").write_text("same")
    sides = tmp_path / "recorded", tmp_path / "replayed"
    found = first(*sides)
    assert told(found) == ("in/b.json: k", "1", "2")
    assert found.magnitude.endswith("; in 1 of 2 files")
    (sides[1] / "a").write_text("extra")
    assert told(first(*sides)) == ("a", "absent", "there")
    assert told(first(sides[1], sides[0])) == ("a", "there", "absent")
    assert not equivalent(*sides)
    assert told(first(sides[0], sides[1] / "a")) == ("", "a folder", "a file")
    assert told(first(sides[0], tmp_path / "none")) == ("", "a folder", "absent")
    objects = {"t.json": sides[0] / "in" / "b.json"}, {"t.json": sides[1] / "in" / "b.json"}
    assert first_of_folders(*objects).place == "t.json: k"


def whole(name: str, path: Path) -> None:
    if name == "t.parquet":
        table.write(frame(), path)
    elif name == "m.skops":
        model.write(LogisticRegression().fit(X, Y), path)
    elif name == "i.png":
        Image.fromarray(np.arange(300, dtype=np.uint8).reshape(10, 10, 3)).save(path)
    elif name == "c.csv.gz":
        path.write_bytes(gzip.compress(frame().to_csv().encode(), mtime=0))
    else:
        path.write_text(json.dumps({"a": [1.5, {"b": "ü"}], "c": 2}))


@pytest.mark.parametrize("name", ["t.parquet", "m.skops", "i.png", "c.csv.gz", "r.json"])
def test_damage_anywhere_is_told_without_a_traceback(name, tmp_path):
    good, bad = tmp_path / "good" / name, tmp_path / "bad" / name
    for path in (good, bad):
        path.parent.mkdir()
    whole(name, good)
    data, draw = good.read_bytes(), random.Random(1)
    for turn in range(60):
        at = draw.randrange(len(data))
        broken = (
            data[:at] if turn % 3 == 0 else data[:at] + bytes([data[at] ^ (1 << draw.randrange(8))]) + data[at + 1 :]
        )
        bad.write_bytes(broken)
        for one, other in ((good, bad), (bad, good)):
            found = first(one, other)
            assert found.kind != "same"
            assert found.recorded != found.replayed
            assert found.magnitude
    bad.write_bytes(data[: len(data) // 2])
    if name not in {"c.csv.gz", "i.png"}:  # half a text is text, and pictures are bytes
        assert "can't be read as what its name says: recorded" in first(bad, good).magnitude
    assert not equivalent(bad, good)


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", "{}")
        with archive.open("a.npy", "w", force_zip64=True) as member:
            for _ in range(600):
                member.write(bytes(1 << 20))


def objects(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", "{}")
        with archive.open("a.npy", "w") as member:
            np.save(member, np.array([print], dtype=object), allow_pickle=True)


@pytest.mark.parametrize(
    ("name", "hostile"),
    [
        ("r.json", b"[" * 100_000),
        ("r.json", b'{"a": ' + b"[" * 500 + b"]" * 500 + b"}"),
        ("r.json", b'{"a": ' + b"9" * 10_000 + b"}"),
        ("r.json", b'{"a": 1e999, "a": NaN}'),
        ("r.json", b"\xff\xfe\0"),
        ("c.csv", b"x,y\n" + b"1" * 300_000),
        ("c.csv", b'x,y\n"never closed\n1,2\n'),
        ("c.csv", b"x,y\n1\n1,2,3\n"),
        ("c.csv", b"\0\0\xff"),
        ("c.csv", b""),
        ("m.skops", bomb),
        ("m.skops", objects),
        ("m.skops", b"PK\x05\x06" + bytes(18)),
        ("i.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\0\0\0\1\0\0\x08\2\0\0\0" + bytes(8)),
        ("t.parquet", b"PAR1" + bytes(100) + b"\xff\xff\xff\x7fPAR1"),
        ("plain.txt", b"\x1b[2J\x1b]0;evil\x07\n"),
    ],
)
def test_hostile_files_are_told_without_a_traceback(pair, name, hostile):
    started = time.monotonic()
    recorded, replayed = pair(name, hostile, lambda path: whole(name, path))
    for one, other in ((recorded, replayed), (replayed, recorded)):
        found = first(one, other)
        assert found.kind != "same"
        assert all(text.isprintable() for text in told(found))
        assert not equivalent(one, other)
    assert time.monotonic() - started < 10


def test_a_pipe_is_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("x")
    assert first(tmp_path / "pipe", tmp_path / "file").recorded == "neither a file nor a folder"
    assert first(tmp_path / "pipe", tmp_path / "pipe").kind != "same"
    assert not equivalent(tmp_path / "pipe", tmp_path / "pipe")


def test_a_large_table_is_not_loaded(pair, monkeypatch):
    monkeypatch.setattr("regrow_history.replay.differences.tables.MOST", 100)
    found = first(*pair("t.parquet", frame(), changed("x", 3, 9.0)))
    assert found.kind == "bytes"
    assert "too large" in found.magnitude


TODAY = datetime.fromtimestamp(NOW, UTC).date().isoformat()


@pytest.mark.parametrize(
    ("recorded", "replayed", "cause"),
    [
        ("2024-01-02T10:00:00", f"{TODAY}T10:20:30", "clock"),
        ("made 10:00:00", "made 10:20:31", "clock"),
        ("1700000000.25", f"{NOW + 60}", "clock"),
        ("1700000000123", f"{int(NOW)}456", "clock"),
        ("2024-01-02", "2024-01-03", ""),
        ("1700000000", "1700000009", ""),
        ("/home/ada/x/a.csv", "/tmp/replay/x/a.csv", "path or host"),
        ("on host-a", f"on {platform.node()}", "path or host"),
        ("</g></svg>", "</g> </svg>", ""),
        ("<f at 0x7f00aa11bb22>", "<f at 0x7f00aa11cc22>", "memory address (the repr of an object)"),
        ("0.5", "0.6", ""),
        ("yes", "no", ""),
    ],
)
def test_likely_causes(recorded, replayed, cause):
    assert likely_cause(Difference("line 3", recorded, replayed, kind="text"), now=NOW) == cause
