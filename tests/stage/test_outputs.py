"""What a stage made is checked, written whole or not at all, and its hashes are said last."""

import hashlib
import json

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from regrow.base.errors import Exit, RegrowError
from regrow.plugin.declare import Artifact, Stage
from regrow.stage import outputs, run_stage

SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>'
TABLE = pd.DataFrame({"a": [1]})


def made_of(kind: str) -> Stage:
    return Stage("s", "data", "m:f", makes=[Artifact("x", kind), Artifact("y", "record")])


WRONG = {
    "missing": ("table", {"y": 1}, "output 'x' is missing"),
    "extra": ("table", {"x": TABLE, "y": 1, "z": 1}, "output 'z' is not among what it makes: x, y"),
    "no dict": ("table", [TABLE], "must return a dict"),
    "nothing": ("table", None, "must return a dict"),
    "none": ("table", {"x": None, "y": 1}, r"output 'x' \(table\) must be a pandas"),
    "empty frame": ("table", {"x": TABLE.head(0), "y": 1}, "has no rows"),
    "duplicate columns": ("table", {"x": pd.DataFrame([[1, 2]], columns=["a", "a"]), "y": 1}, "'a' twice"),
    "truncated SVG": ("plot", {"x": SVG[:-2], "y": 1}, "not whole SVG"),
    "truncated HTML": ("report", {"x": "<html><body>", "y": 1}, "not a whole HTML"),
    "NaN": ("metrics", {"x": {"auc": float("nan")}, "y": 1}, "auc is nan"),
    "unfitted": ("model", {"x": LinearRegression(), "y": 1}, "not fitted"),
    "empty record": ("record", {"x": {}, "y": 1}, "is empty"),
}


@pytest.mark.parametrize("name", WRONG)
def test_outputs_that_are_not_what_the_stage_says(name):
    kind, made, said = WRONG[name]
    with pytest.raises(RegrowError, match=f"(?s)stage s: .*{said}"):
        outputs.check_outputs(made_of(kind), made)


def test_all_wrong_outputs_are_told_at_once():
    with pytest.raises(RegrowError) as caught:
        outputs.check_outputs(made_of("table"), {"x": 1, "z": 2})
    assert len(caught.value.problems) == 3


def two(small, value) -> Stage:
    return Stage(
        "s", "data", "m:f", makes=[Artifact("a", "record", "out/a.json"), Artifact("b", "table", "out/b.parquet")]
    )


def test_nothing_is_written_when_one_output_cannot_be(small):
    mixed = pd.DataFrame({"x": [1, "a", b"c"]})
    with pytest.raises(RegrowError, match="stage s, output b: can't be written as a table"):
        outputs.write_all(small.project, two(small, mixed), {"a": 1, "b": mixed})
    assert not (small.root / "out").exists()


def test_what_was_there_stays_when_an_output_cannot_be_written(small):
    small.write("out/a.json", "old")
    with pytest.raises(RegrowError):
        outputs.write_all(small.project, two(small, None), {"a": 1, "b": pd.DataFrame({"x": [1, "a", b"c"]})})
    assert small.read("out/a.json") == "old"


def test_an_output_that_is_a_link_is_replaced_not_followed(small, tmp_path):
    (tmp_path / "precious").write_text("mine")
    (small.root / "out").mkdir()
    (small.root / "out/a.json").symlink_to(tmp_path / "precious")
    outputs.write_all(small.project, two(small, None), {"a": 1, "b": TABLE})
    assert (tmp_path / "precious").read_text() == "mine"
    assert not (small.root / "out/a.json").is_symlink()


def test_a_folder_that_is_a_link_out_of_the_project_is_refused(small, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (small.root / "out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RegrowError, match=r"out/a\.json' lies behind a link") as caught:
        outputs.write_all(small.project, two(small, None), {"a": 1, "b": TABLE})
    assert caught.value.code == Exit.UNSAFE
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_that_is_a_link_inside_the_project_is_fine(small):
    (small.root / "real").mkdir()
    (small.root / "out").symlink_to(small.root / "real")
    outputs.write_all(small.project, two(small, None), {"a": 1, "b": TABLE})
    assert (small.root / "real/a.json").exists()


@pytest.mark.parametrize("there", ["file", "folder", "link to a folder"])
def test_a_folder_of_tables_replaces_what_is_there(small, tmp_path, there):
    stage = Stage("s", "data", "m:f", makes=[Artifact("t", "tables", "out/t")])
    (small.root / "out").mkdir()
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/x").write_text("mine")
    if there == "file":
        small.write("out/t", "old")
    elif there == "folder":
        small.write("out/t/old.parquet", "old")
    else:
        (small.root / "out/t").symlink_to(tmp_path / "kept")
    outputs.write_all(small.project, stage, {"t": {"one": TABLE}})
    assert sorted(file.name for file in (small.root / "out/t").iterdir()) == ["one.parquet", "tables.json"]
    assert (tmp_path / "kept/x").read_text() == "mine"


def test_a_stage_says_last_what_it_made_and_what_it_read(small):
    small.compile()
    run_stage.run_stage(small.project, "make")
    said = json.loads(small.read("hashes/make.json"))
    made = (small.root / "data/table.parquet").read_bytes()
    assert said["outputs"] == {"data/table.parquet": {"sha256": hashlib.sha256(made).hexdigest(), "size": len(made)}}
    assert list(said["inputs"]) == ["data/raw"]
    assert said["machine"]["kernels"] == "portable"


def test_a_folder_is_hashed_by_its_files(small):
    stage = Stage("s", "data", "m:f", makes=[Artifact("t", "tables", "out/t")])
    one = outputs.write_all(small.project, stage, {"t": {"one": TABLE}})["out/t"]
    two = outputs.write_all(small.project, stage, {"t": {"two": TABLE}})["out/t"]
    assert one.size > 0
    assert one.sha256 != two.sha256
    assert one.md5.endswith(".dir")
