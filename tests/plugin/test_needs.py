"""`every(type)` and `maybe(name)`: what the function gets, what stands in dvc.yaml, and that a change is noticed."""

import hashlib
import json

import pytest
from ruamel.yaml import YAML

from regrow import Artifact, RegrowError, Stage, every, maybe
from regrow.compile.explain import explain
from regrow.stage.run_stage import run_stage

PLUGIN = """
from regrow import Artifact, Stage, every, maybe

def regrow_stages():
    collect = Stage(
        "collect", "delivery", run="PKG.notes:collect",
        needs=[every("record"), maybe("champion"), maybe("raw")], makes=[Artifact("all", "record")],
    )
    return [collect, *(Stage(n, "evaluation", "PKG.notes:" + n, makes=[Artifact(n, "record")]) for n in NAMES)]
"""
COLLECT = """
def collect(records, champion, raw, settings):
    return {"all": {"records": records, "champion": champion, "raw": raw.name}}
"""


def project(small, *names: str) -> None:
    """A project in which a stage of each name makes a record of that name, and one collects all."""
    notes = "".join(f"def {name}(settings):\n    return {{{name!r}: [1]}}\n\n" for name in names)
    small.with_code(plugin=PLUGIN.replace("NAMES", repr(names)), notes=notes + COLLECT)


def deps(small, stage: str) -> list[str]:
    return list(YAML(typ="safe").load(small.read("dvc.yaml"))["stages"][stage]["deps"])


def test_a_stage_gets_all_of_a_type_and_what_may_be_absent(small):
    project(small, "b", "a")
    small.compile()
    assert deps(small, "collect") == ["records/a.json", "records/b.json", "data/raw", "fingerprints/collect.lock"]
    for name in ("a", "b", "collect"):
        run_stage(small.project, name)
    assert json.loads(small.read("records/all.json")) == {
        "records": {"a": [1], "b": [1]},
        "champion": None,
        "raw": "raw",
    }
    recorded = json.loads(small.read("hashes/collect.json"))
    assert list(recorded["inputs"]) == ["data/raw"]


def test_one_more_or_less_changes_the_stage(small):
    project(small, "a", "champion")
    small.compile()
    before = small.read("fingerprints/collect.lock")
    assert "\nevery record a,champion\nmaybe champion champion\nmaybe raw raw\n" in before
    project(small, "a")
    with pytest.raises(RegrowError, match="every record: recorded a,champion, here a"):
        run_stage(small.project, "collect")
    small.compile()
    assert deps(small, "collect") == ["records/a.json", "data/raw", "fingerprints/collect.lock"]
    assert "\nevery record a\nmaybe champion none\nmaybe raw raw\n" in small.read("fingerprints/collect.lock")


def test_explain_names_the_one_that_came(small, monkeypatch):
    project(small, "a")
    small.compile()
    md5 = hashlib.md5((small.root / "fingerprints/collect.lock").read_bytes()).hexdigest()
    dep = {"path": "fingerprints/collect.lock", "md5": md5}
    small.write("dvc.lock", json.dumps({"schema": "2.0", "stages": {"collect": {"cmd": "x", "deps": [dep]}}}))
    project(small, "a", "new")
    monkeypatch.setattr("regrow.compile.explain.dvc.changes", lambda *_: {})
    told = [str(change) for change in explain(small.project, "collect")["collect"]]
    assert "every: record: a -> a,new" in told


def test_none_of_a_type_is_an_empty_dict(small):
    project(small)
    small.compile()
    run_stage(small.project, "collect")
    assert json.loads(small.read("records/all.json"))["records"] == {}


@pytest.mark.parametrize(("kind", "argument"), [("section", "sections"), ("findings", "findings"), ("csv", "csvs")])
def test_the_arguments_name(kind, argument):
    stage = Stage("s", "delivery", "m:f", needs=[every(kind), maybe("x")], makes=[Artifact("y", "record")])
    assert stage.arguments == [argument, "x"]


def test_two_needs_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two of its needs are called 'metrics'"):
        Stage("s", "delivery", "m:f", needs=["metrics", every("metrics")], makes=[Artifact("y", "record")])


def test_a_type_that_is_none_is_refused_with_the_nearest(small):
    project(small, "a")
    small.edit(small.code("plugin"), 'every("record")', 'every("recrod")')
    with pytest.raises(
        RegrowError, match="stage collect: needs every 'recrod', which is no type; did you mean 'record'"
    ):
        small.compile()
