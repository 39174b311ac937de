# ruff: noqa: E501 - a little module in one line
"""One stage: its inputs are read, its function called, its outputs checked; all of them are written, or none."""

import importlib
import json
import os
import re
import subprocess
import sys

import pandas as pd
import pytest

from regrow.artifacts import metrics
from regrow.base.errors import Exit, RegrowError
from regrow.plugin.components import Use
from regrow.plugin.declare import Artifact, Component, Stage
from regrow.plugin.import_source import use_own_code
from regrow.stage import run_stage


def test_a_stage_runs(small):
    small.compile()
    assert run_stage.run_stage(small.project, "make") == []
    assert list(pd.read_parquet(small.root / "data/table.parquet")["x"]) == [8, 10, 12]
    run_stage.run_stage(small.project, "score")
    assert metrics.read(small.root / "metrics.json") == {"mean": 10.0}


def test_it_writes_the_same_bytes_again(small):
    small.compile()
    run_stage.run_stage(small.project, "make")
    first = (small.root / "data/table.parquet").read_bytes()
    run_stage.run_stage(small.project, "make")
    assert (small.root / "data/table.parquet").read_bytes() == first
    assert {file.name for file in (small.root / ".dvc/tmp/regrow").iterdir()} <= {"make.running", "io"}


def fails(small, stage: str, said: str) -> RegrowError:
    with pytest.raises(RegrowError, match=said) as caught:
        run_stage.run_stage(small.project, stage)
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
    error = fails(small, "make", "params.yaml, stage make: rows: .*less than or equal to 100")
    assert "pydantic" not in str(error)


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


def test_a_package_that_nothing_requires_any_more_is_not_called_absent(small):
    small.compile()
    text = small.read("fingerprints/make.lock")
    small.write("fingerprints/make.lock", f"{text}package pluggy 1.0\n")
    error = fails(small, "make", "(?s)package pluggy: recorded 1.0, here .*required by no package that the stage imp")
    assert error.code == Exit.ENVIRONMENT
    assert "absent" not in str(error)


def test_under_another_python_it_says_so_and_names_no_code(small):
    small.compile()
    text = small.read("fingerprints/make.lock")
    text = re.sub(r"(?m)^python .*$", "python 3.8", re.sub(r"(?m)^(code \S+) \S+$", r"\1 0", text))
    small.write("fingerprints/make.lock", text)
    error = fails(small, "make", r"python: recorded 3\.8, here 3\.")
    assert error.code == Exit.ENVIRONMENT
    assert "code " not in str(error)


def call(small, code: str, makes=None, compute=False, **inputs):
    """Call a function of the project as a stage."""
    module = f"extra{len(list(small.root.rglob('extra*.py')))}"
    small.write(f"src/{small.package}/{module}.py", code)
    use_own_code(small.project)
    importlib.invalidate_caches()
    stage = Stage("s", "data", f"{small.package}.{module}:f", makes=makes or [Artifact("y", "record")], compute=compute)
    return run_stage.call(stage, inputs, {"a": 1}, {"n_jobs": 2})


def test_a_function_gets_its_settings_and_compute_if_its_stage_declares_it(small):
    code = "def f(settings, compute=None):\n    return {'y': [settings['a'], compute and compute['n_jobs']]}\n"
    assert call(small, code, compute=True) == {"y": [1, 2]}
    assert call(small, code) == {"y": [1, None]}
    with pytest.raises(RegrowError, match="TypeError: f.. got an unexpected keyword argument 'compute'"):
        call(small, "def f(settings):\n    return {'y': 1}\n", compute=True)


MEASURES = Artifact("m", "metrics", options={"better": {"cost": "lower"}})


@pytest.mark.parametrize(
    ("settings", "measured", "told"),
    [
        ({"b": ("b", "higher"), "a": ("a", "lower")}, "ab", [("b", "higher"), ("a", "lower"), ("cost", "lower")]),
        ({"key": ("name", "lower")}, ["name"], [("name", "lower"), ("cost", "lower")]),
        ({"left_out": ("x", "lower"), "odd": ("odd", "")}, ["odd"], [("odd", ""), ("cost", "lower")]),
    ],
)
def test_directions_are_those_of_what_was_measured_in_the_order_of_the_settings(settings, measured, told):
    uses = {key: Use(Component(name, "metric", "m:f", better=better)) for key, (name, better) in settings.items()}
    others = {"model": Use(Component("a", "estimator", "m:f"))}
    stage = Stage("s", "evaluation", "m:f", makes=[MEASURES])
    assert run_stage._directions(stage, {**others, "metrics": uses}, {"m": dict.fromkeys(measured, 1.0)}) == told


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


def test_a_tracker_that_fails_changes_nothing(small):
    plugin = small.read(small.code("plugin"))
    small.write(small.code("plugin"), f"{plugin}\n\ndef regrow_recorded(record):\n    raise OSError(record['stage'])\n")
    small.compile()
    (note,) = run_stage.run_stage(small.project, "make")
    assert note == "plugin project: regrow_recorded failed: OSError: make"


TRACKER = """

import json, os, pathlib

def regrow_recorded(record):
    there = {name: os.environ.get(name) for name in ("MLFLOW_URI", "SECRET", "TZ")}
    pathlib.Path(record["stage"] + ".seen").write_text(json.dumps({**record, "variables": there}))
"""


def test_trackers_get_settings_metrics_experiment_commit_and_their_variables(small):
    small.edit("pyproject.toml", "plugins = []", 'plugins = []\npass_environment = ["MLFLOW_*"]')
    small.write(small.code("plugin"), small.read(small.code("plugin")) + TRACKER)
    small.edit(
        small.code("work"),
        "    value = ",
        "    import os\n    assert not [n for n in os.environ if 'MLFLOW' in n or 'HOOKS' in n]\n    value = ",
    )
    small.compile()
    for command in (
        ["git", "init", "-q"],
        ["git", "add", "."],
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"],
    ):
        subprocess.run(command, cwd=small.root, check=True)
    head = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=small.root, text=True).strip()
    environment = {"PATH": os.environ["PATH"], "MLFLOW_URI": "http://x", "SECRET": "s", "DVC_EXP_NAME": "loud-cat"}
    for stage in ("make", "score"):
        command = [sys.executable, "-m", "regrow", "stage", stage]
        subprocess.run(command, cwd=small.root, env=environment, check=True)
    seen = json.loads(small.read("score.seen"))
    assert seen.pop("seconds") >= 0
    assert seen == {
        "stage": "score",
        "outputs": {"metrics": "metrics.json", "page": "page.html"},
        "settings": {"metric": {"use": "mean"}, "title": "a title"},
        "metrics": {"metrics": {"mean": 10.0}},
        "experiment": "loud-cat",
        "commit": head,
        "variables": {"MLFLOW_URI": "http://x", "SECRET": None, "TZ": "UTC"},
    }
    assert json.loads(small.read("make.seen"))["metrics"] == {}


def test_a_tracker_may_take_nothing_of_the_record(small):
    plugin = small.read(small.code("plugin"))
    small.write(small.code("plugin"), f"{plugin}\n\ndef regrow_recorded():\n    raise OSError('no record')\n")
    small.compile()
    assert run_stage.run_stage(small.project, "make") == ["plugin project: regrow_recorded failed: OSError: no record"]
    assert (small.root / "data/table.parquet").exists()


READS = 'start = int((raw / "x.txt").read_text()) + int(open("other.txt").read())'


def test_what_a_stage_reads_undeclared_is_told(small):
    small.write("other.txt", "0")
    small.edit(small.code("work"), 'start = int((raw / "x.txt").read_text())', READS)
    small.compile()
    (told,) = run_stage.run_stage(small.project, "make")
    assert "reads other.txt, which it did not declare" in told
    assert "[tool.regrow.sources]" in told
    assert (small.root / "data/table.parquet").exists()


def test_in_strict_mode_it_is_refused_and_nothing_is_written(small):
    small.write("other.txt", "0")
    small.edit(small.code("work"), 'start = int((raw / "x.txt").read_text())', READS)
    small.edit("conf/config.yaml", "n_jobs: 1", "n_jobs: 1\n  io: strict")
    small.compile()
    assert fails(small, "make", "reads other.txt, which it did not declare").code == Exit.UNSAFE
    assert not (small.root / "data/table.parquet").exists()


def test_what_is_touched_on_import_is_told_and_recorded(small, tmp_path):
    """Also where the plugin's module or a settings class does it, before the stage is known; in the record only what
    the stage stands on, for the rest can change without a new run."""
    for name in ("far", "near"):
        (tmp_path / f"{name}.txt").write_text("3")
    modules, near = ("plugin", "settings", "work"), str(tmp_path / "near.txt")
    for module in modules:
        text = small.read(small.code(module)).replace("\n\n\n", "\n\nassert FAR\n\n", 1)
        reads = f"def far(name):\n    return open({str(tmp_path)!r} + name).read()\n"
        small.write(small.code(module), f"{reads}FAR = far('/far.txt')\nNEAR = open({near!r}).read()\n{text}")
    small.compile()
    code = "import sys; from regrow.plugin import project; from regrow.stage import run_stage; print(*run_stage.run_stage(project.open_project(), sys.argv[1]))"
    for stage in ("make", "score"):
        command = [sys.executable, "-c", code, stage]
        done = subprocess.run(command, cwd=small.root, capture_output=True, text=True, check=False)
        record = json.loads(small.read(f"hashes/{stage}.json"))["undeclared"]
        assert [one["by"] for one in record] == [f"src/{small.package}/{module}.py, in far" for module in modules]
        assert {one["target"] for one in record} == {str(tmp_path / "far.txt")}
        assert [f"src/{small.package}/{module}.py:2, in far" in done.stdout for module in modules] == [True] * 3
        assert "near.txt" in done.stdout


def test_where_nobody_watches_a_replay_does_and_the_record_stays(small, monkeypatch):
    small.edit("conf/config.yaml", "n_jobs: 1", "n_jobs: 1\n  io: none")
    small.edit(small.code("work"), "    start = int(", "    open('pyproject.toml').read()\n    start = int(")
    small.compile()
    run_stage.run_stage(small.project, "make")
    before = small.read("hashes/make.json")
    assert json.loads(small.read(".dvc/tmp/regrow/io/make.json"))["problems"] == []
    monkeypatch.setenv("REGROW_WATCH", "1")
    run_stage.run_stage(small.project, "make")
    assert small.read("hashes/make.json") == before
    (problem,) = json.loads(small.read(".dvc/tmp/regrow/io/make.json"))["problems"]
    assert "reads pyproject.toml" in problem["wrong"]
