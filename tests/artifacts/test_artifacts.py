"""All types at once: what is written reads back, to the same bytes in any process; what is damaged is refused."""

import hashlib
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from regrow.artifacts import TYPES

PNG = bytes.fromhex(  # one grey pixel
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)
SVG = '<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>'
HTML = "<!doctype html>\n<html><body>ä</body></html>\n"


def frame() -> pd.DataFrame:
    return pd.DataFrame({"b": [1, 2, 3], "a": ["x", None, "ü"], "c": [0.1, np.nan, 3.0]})


VALUES = {
    "table": frame,
    "csv": frame,
    "tables": lambda: {"one": frame(), "other": frame().head(0)},
    "model": lambda: LogisticRegression().fit([[0.0], [1.0], [2.0], [3.0]], ["a", "a", "b", "b"]),
    "metrics": lambda: {"b": {"x": np.float64(0.1), "n": np.int64(3)}, "a": 1},
    "record": lambda: {"b": [1, None, True, "ü"], "a": 0.1},
    "curve": lambda: pd.DataFrame({"x": [0.1, 0.2], "name": ["a", "1"]}),
    "plot": lambda: SVG,
    "image": lambda: PNG,
    "report": lambda: HTML,
    "section": lambda: {
        "title": "Wind",
        "level": "analyse",
        "order": 30,
        "blocks": [
            {"kind": "text", "text": "ü"},
            {"kind": "number", "label": "rows", "from": {"artifact": "metrics", "place": "rows"}},
            {"kind": "table", "title": "t", "columns": ["a", "b"], "rows": [["x", 1.5], [None, {"value": 0.5}]]},
            {"kind": "figure", "title": "f", "svg": SVG},
            {"kind": "finding", **FINDING},
        ],
    },
    "findings": lambda: [FINDING, {**FINDING, "code": "other", "numbers": {"share": {"value": 0.5}}}],
    "ledger": lambda: pd.DataFrame(
        {"trial": [0, 2], "params": ['{"C": 1, "a": "ü"}', "{}"], "values": ['{"auc": 0.5}', "{}"], "state": ["x", "y"]}
    ),
    "models": lambda: {"9E": VALUES["model"](), "../ü": VALUES["model"]()},
    "choices": lambda: {"trials": 12, "stopped": "seconds"},
}
FINDING = {"code": "wind.calm", "title": "calm", "severity": "minor", "verdict": "passed", "seen": "3 knots", "n": 9}


def module(kind: str):
    return import_module(f"regrow.artifacts.{kind}")


def write(kind: str, value: object, folder: Path, name: str = "made") -> Path:
    path = folder / f"{name}{TYPES[kind].ending}"
    module(kind).check(value)
    module(kind).write(value, path)
    return path


def hashed(path: Path) -> str:
    files = [path] if path.is_file() else sorted(path.iterdir())
    return " ".join(f"{file.name}:{hashlib.sha256(file.read_bytes()).hexdigest()}" for file in files)


def test_every_type_is_tried_here():
    assert VALUES.keys() == TYPES.keys()


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_written_reads_back(kind, tmp_path):
    value = VALUES[kind]()
    back = module(kind).read(write(kind, value, tmp_path))
    if kind in {"table", "csv", "curve", "ledger"}:
        pd.testing.assert_frame_equal(back, value)
    elif kind == "tables":
        assert back.keys() == value.keys()
        for name in back:
            pd.testing.assert_frame_equal(back[name], value[name], check_dtype=len(value[name]) > 0)
    elif kind in {"model", "models"}:
        for name, one in back.items() if kind == "models" else [("", back)]:
            assert list(one.predict([[0.0], [3.0]])) == ["a", "b"], name
    else:
        assert back == value


@pytest.mark.parametrize("kind", TYPES)
def test_what_was_read_writes_the_same_bytes(kind, tmp_path):
    first = write(kind, VALUES[kind](), tmp_path, "first")
    again = write(kind, module(kind).read(first), tmp_path, "again")
    assert hashed(first).replace("first", "") == hashed(again).replace("again", "")


def test_another_process_writes_the_same_bytes(tmp_path):
    here = Path(__file__)
    script = (
        f"import sys; sys.path.insert(0, {str(here.parent)!r}); import test_artifacts as t; from pathlib import Path\n"
        "for kind in t.TYPES: print(kind, t.hashed(t.write(kind, t.VALUES[kind](), Path(sys.argv[1]), kind)))"
    )
    said = []
    for seed, zone in (("0", "UTC"), ("17", "Asia/Tokyo")):
        folder = tmp_path / seed
        folder.mkdir()
        command = [sys.executable, "-c", script, str(folder)]
        env = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C.UTF-8"}
        said.append(subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout)
    assert said[0] == said[1]
    assert said[0].count("\n") == len(TYPES)


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("damage", ["empty", "truncated", "other"])
def test_a_damaged_file_is_refused(kind, damage, tmp_path):
    path = write(kind, VALUES[kind](), tmp_path)
    for file in [path] if path.is_file() else sorted(path.iterdir()):
        data = file.read_bytes()
        damaged = {"empty": b"", "truncated": data[: len(data) // 2], "other": b"\xff\x00 no such thing"}
        file.write_bytes(damaged[damage])
    with pytest.raises((ValueError, OSError)):
        module(kind).read(path)


def test_a_folder_of_tables_that_lacks_one_is_refused(tmp_path):
    path = write("tables", VALUES["tables"](), tmp_path)
    (path / "one.parquet").unlink()
    with pytest.raises((ValueError, OSError)):
        module("tables").read(path)


@pytest.mark.parametrize(
    "text", ['{"tables": ["../../outside"]}', '{"tables": [1]}', '{"tables": {}}', "{}", "[]", "1"]
)
def test_a_list_of_tables_that_is_none_is_refused(text, tmp_path):
    path = write("tables", {}, tmp_path)
    (path / "tables.json").write_text(text)
    with pytest.raises(ValueError, match="does not list"):
        module("tables").read(path)


def nan() -> float:
    return float("nan")


WRONG = [
    ("table", [1], "must be a pandas DataFrame"),
    ("table", pd.DataFrame(), "no columns"),
    ("table", pd.DataFrame({"a": []}), "no rows"),
    ("table", pd.DataFrame([[1, 2]], columns=["a", "a"]), "'a' twice"),
    ("table", pd.DataFrame([[1]], columns=[0]), "not text: 0"),
    ("table", pd.DataFrame({"a": [1]}, index=["row"]), "reset_index"),
    ("table", pd.DataFrame({"a": [1]}, index=pd.Index([1], name="id")), "reset_index"),
    ("tables", [], "must be a dict"),
    ("tables", {"../x": pd.DataFrame({"a": [1]})}, "no name"),
    ("tables", {"x": 1}, "table 'x' must be a pandas"),
    ("model", {"a": 1}, "must be a fitted scikit-learn"),
    ("model", LogisticRegression, "must be a fitted scikit-learn"),
    ("model", LogisticRegression(), "not fitted"),
    ("metrics", {}, "is empty"),
    ("metrics", {"a": {}}, "a is empty"),
    ("metrics", 1.0, "must be a dict"),
    ("metrics", {"a": {"b": nan()}}, r"a\.b is nan"),
    ("metrics", {"a": np.float64("inf")}, "a is inf"),
    ("metrics", {"a": "1"}, "not a number"),
    ("metrics", {"a": True}, "not a number"),
    ("metrics", {"a": None}, "not a number"),
    ("metrics", {1: 1.0}, "not text"),
    ("record", {}, "is empty"),
    ("record", None, "is empty"),
    ("record", {"a": nan()}, "a is nan"),
    ("record", {"a": {1, 2}}, "a is a set"),
    ("record", {"a": np.array([1])}, "a is a ndarray"),
    ("curve", pd.DataFrame({"x": []}), "no rows"),
    ("curve", pd.DataFrame({"x": [1.0, nan()]}), "missing value in column 'x'"),
    ("curve", pd.DataFrame({"x": [1.0, float("inf")]}), "infinite value in column 'x'"),
    ("curve", pd.DataFrame({"x": [True]}), "neither text nor numbers"),
    ("plot", "", "is empty"),
    ("plot", 1, "must be SVG text"),
    ("plot", SVG[:-3], "not whole SVG"),
    ("plot", "<html/>", "its root is html"),
    ("csv", pd.DataFrame({"a": []}), "no rows"),
    ("csv", pd.DataFrame({"a": [1, "x"]}), "a int in column 'a', whose type is object"),
    ("csv", pd.DataFrame({"a": [1j]}), "a complex in column 'a'"),
    ("csv", pd.DataFrame({"a": pd.Categorical([1, 2])}), "a int in column 'a', whose type is category"),
    ("csv", pd.DataFrame({"a": np.array([2**63], dtype="uint64")}), "more than 64 bits in column 'a'"),
    ("csv", pd.DataFrame({"a": [None, "x"]}), "its only column"),
    ("image", b"", "is empty"),
    ("image", SVG, "must be the bytes of a PNG"),
    ("image", b"GIF89a", "does not begin with PNG's signature"),
    ("image", PNG[:-3], "cut off at byte"),
    ("image", PNG[:-12], "lacks its header, its pixels or its end"),
    ("image", PNG[:8], "lacks its header"),
    ("image", PNG + PNG[33:55], "lacks its header, its pixels or its end"),
    ("image", PNG[:45] + b"x" + PNG[46:], "checksum of b'IDAT' at byte 33"),
    ("report", "", "is empty"),
    ("report", b"<html></html>", "must be HTML text"),
    ("report", "<!doctype html><html><body>", "not a whole HTML page"),
    ("report", "hello", "does not begin"),
]


@pytest.mark.parametrize(("kind", "value", "said"), WRONG)
def test_what_is_not_of_its_type_is_refused(kind, value, said):
    with pytest.raises(ValueError, match=said):
        module(kind).check(value)


@pytest.mark.parametrize("value", [0, False, [0], "text"])
def test_a_record_may_be_any_value_but_an_empty_one(value, tmp_path):
    assert module("record").read(write("record", value, tmp_path)) == value


def test_a_record_with_nan_written_by_another_is_refused(tmp_path):
    (tmp_path / "r.json").write_text('{"a": NaN}')
    with pytest.raises(ValueError, match="NaN"):
        module("record").read(tmp_path / "r.json")


def test_numbers_of_json_read_back_exactly(tmp_path):
    value = {"a": 0.1 + 0.2, "b": 1e-320, "c": 2**70, "d": -0.0}
    assert module("record").read(write("record", value, tmp_path)) == value


def test_a_filtered_table_is_rows_by_position(tmp_path):
    back = module("table").read(write("table", frame().iloc[1:], tmp_path))
    assert list(back.index) == [0, 1]


def test_types_of_columns_survive(tmp_path):
    value = pd.DataFrame(
        {
            "when": pd.to_datetime(["2026-01-01", None]),
            "zoned": pd.to_datetime(["2026-01-01", "2026-06-01"]).tz_localize("UTC"),
            "flag": pd.array([True, None], dtype="boolean"),
            "whole": pd.array([1, None], dtype="Int64"),
            "kind": pd.Categorical(["b", "a"], categories=["b", "a"], ordered=True),
            "text": pd.Series(["a", None], dtype="str"),
        }
    )
    back = module("table").read(write("table", value, tmp_path))
    pd.testing.assert_frame_equal(back, value)


def test_a_curve_of_odd_text_reads_back(tmp_path):
    value = pd.DataFrame({"n": ['a"b', "1", "NA", "a,b", "zwei\nZeilen", ""], "x": [0.1, 1e-300, 3.0, 4.0, 5.0, 6.0]})
    pd.testing.assert_frame_equal(module("curve").read(write("curve", value, tmp_path)), value)
