# ruff: noqa: E501 - a little module in one line
"""One stage: its inputs are read, its function called, its outputs checked; all of them are written, or none."""

import importlib

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from regrow import run
from regrow.artifacts import metrics
from regrow.declare import Artifact, Stage
from regrow.errors import Exit, RegrowError
from regrow.own_code import use_own_code

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
        run.check_outputs(made_of(kind), made)


def test_all_wrong_outputs_are_told_at_once():
    with pytest.raises(RegrowError) as caught:
        run.check_outputs(made_of("table"), {"x": 1, "z": 2})
    assert len(caught.value.problems) == 3


def test_a_stage_runs(small):
    small.compile()
    assert run.run_stage(small.project, "make") == []
    assert list(pd.read_parquet(small.root / "data/table.parquet")["x"]) == [8, 10, 12]
    run.run_stage(small.project, "score")
    assert metrics.read(small.root / "metrics.json") == {"mean": 10.0}


def test_it_writes_the_same_bytes_again(small):
    small.compile()
    run.run_stage(small.project, "make")
    first = (small.root / "data/table.parquet").read_bytes()
    run.run_stage(small.project, "make")
    assert (small.root / "data/table.parquet").read_bytes() == first
    assert list((small.root / ".dvc/tmp/regrow").iterdir()) == []


def fails(small, stage: str, said: str) -> RegrowError:
    with pytest.raises(RegrowError, match=said) as caught:
        run.run_stage(small.project, stage)
    return caught.value


def test_an_unknown_stage(small):
    fails(small, "mak", "did you mean 'make'")


def test_a_project_that_was_not_compiled(small):
    fails(small, "make", "regrow compile")


def test_an_input_that_is_missing_or_damaged(small):
    small.compile()
    fails(small, "score", "data/table.parquet: is missing")
    small.write("data/table.parquet", "no such thing")
    fails(small, "score", "data/table.parquet: can't be read as a table")


def test_settings_that_do_not_fit(small):
    small.compile()
    small.edit("params.yaml", "rows: 3", "rows: 300")
    fails(small, "make", "(?s)params.yaml, stage make.*less than or equal to 100")


def test_code_that_is_not_what_was_recorded_stops_it_before_any_work(small):
    small.compile()
    small.edit(small.code("parts"), "x + settings.by", "x + settings.by + 0")
    error = fails(small, "make", f"(?s)does not stand on what was recorded.*code {small.package}.parts:add")
    assert error.code == Exit.FAILURE
    assert not (small.root / "data/table.parquet").exists()


def test_a_package_that_is_not_what_was_recorded_is_another_environment(small):
    small.compile()
    text = small.read("fingerprints/make.lock")
    small.write("fingerprints/make.lock", text.replace(f"package pandas {pd.__version__}", "package pandas 1.0"))
    error = fails(small, "make", f"package pandas: recorded 1.0, here {pd.__version__}")
    assert error.code == Exit.ENVIRONMENT


def call(small, code: str, makes=None, **inputs):
    """Call a function of the project as a stage."""
    module = f"extra{len(list(small.root.rglob('extra*.py')))}"
    small.write(f"src/{small.package}/{module}.py", code)
    use_own_code(small.project)
    importlib.invalidate_caches()
    stage = Stage("s", "data", f"{small.package}.{module}:f", makes=makes or [Artifact("y", "record")])
    return run.call(stage, inputs, {"a": 1}, {"n_jobs": 2})


def test_a_function_gets_its_settings_and_compute_if_it_asks(small):
    assert call(small, "def f(settings, compute):\n    return {'y': [settings['a'], compute['n_jobs']]}\n") == {
        "y": [1, 2]
    }
    assert call(small, "def f(settings):\n    return {'y': 1}\n") == {"y": 1}


def test_what_a_function_raises_is_told_with_its_line(small):
    with pytest.raises(RegrowError, match=r"(?s)stage s .*KeyError: 'gone'.*raised at extra0\.py:3, in f"):
        call(small, "def f(settings):\n    d = {}\n    return d['gone']\n")


def test_what_a_function_says_to_the_user_is_passed_on(small):
    code = "from regrow import RegrowError\ndef f(settings):\n    raise RegrowError('is odd', where='column x', fix='drop it')\n"
    with pytest.raises(RegrowError, match=r"stage s, column x: is odd\n    drop it"):
        call(small, code)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("x = 1\n", "can't be loaded"),
        ("import no_such_thing\n", "No module named"),
        ("def f():\n    return {}\n", "unexpected keyword"),
        ("import sys\ndef f(settings):\n    sys.exit(0)\n", r"called sys.exit\(0\)(?s:.*)in f"),
    ],
)
def test_a_function_that_cannot_be_called(small, code, said):
    with pytest.raises(RegrowError, match=said):
        call(small, code)


def two(small, value) -> Stage:
    return Stage(
        "s", "data", "m:f", makes=[Artifact("a", "record", "out/a.json"), Artifact("b", "table", "out/b.parquet")]
    )


def test_nothing_is_written_when_one_output_cannot_be(small):
    mixed = pd.DataFrame({"x": [1, "a", b"c"]})
    with pytest.raises(RegrowError, match="stage s, output b: can't be written as a table"):
        run._write_all(small.project, two(small, mixed), {"a": 1, "b": mixed})
    assert not (small.root / "out").exists()


def test_what_was_there_stays_when_an_output_cannot_be_written(small):
    small.write("out/a.json", "old")
    with pytest.raises(RegrowError):
        run._write_all(small.project, two(small, None), {"a": 1, "b": pd.DataFrame({"x": [1, "a", b"c"]})})
    assert small.read("out/a.json") == "old"


def test_an_output_that_is_a_link_is_replaced_not_followed(small, tmp_path):
    (tmp_path / "precious").write_text("mine")
    (small.root / "out").mkdir()
    (small.root / "out/a.json").symlink_to(tmp_path / "precious")
    run._write_all(small.project, two(small, None), {"a": 1, "b": TABLE})
    assert (tmp_path / "precious").read_text() == "mine"
    assert not (small.root / "out/a.json").is_symlink()


def test_a_folder_that_is_a_link_out_of_the_project_is_refused(small, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (small.root / "out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RegrowError, match=r"out/a\.json lies behind a link") as caught:
        run._write_all(small.project, two(small, None), {"a": 1, "b": TABLE})
    assert caught.value.code == Exit.UNSAFE
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_that_is_a_link_inside_the_project_is_fine(small):
    (small.root / "real").mkdir()
    (small.root / "out").symlink_to(small.root / "real")
    run._write_all(small.project, two(small, None), {"a": 1, "b": TABLE})
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
    run._write_all(small.project, stage, {"t": {"one": TABLE}})
    assert sorted(file.name for file in (small.root / "out/t").iterdir()) == ["one.parquet", "tables.json"]
    assert (tmp_path / "kept/x").read_text() == "mine"


def test_a_tracker_that_fails_changes_nothing(small):
    plugin = small.read(small.code("plugin"))
    small.write(small.code("plugin"), f"{plugin}\n\ndef regrow_recorded(record):\n    raise OSError(record['stage'])\n")
    small.compile()
    (note,) = run.run_stage(small.project, "make")
    assert note == "plugin project: regrow_recorded failed: OSError: make"
    assert (small.root / "data/table.parquet").exists()
