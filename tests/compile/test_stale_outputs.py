"""What a plugin made that was taken out: named at compile, and refused where something still reads it."""

import json

import pytest

from regrow import RegrowError
from regrow.compile.write_and_check import write
from regrow.plugin.project import open_project

GONE = {"cmd": "regrow stage drift", "outs": [{"path": "records/drift.json"}, {"path": "hashes/drift.json"}]}


@pytest.fixture
def after(small):
    """A project of which a stage `drift` was taken out after a run."""
    small.write("dvc.lock", json.dumps({"schema": "2.0", "stages": {"drift": GONE}}))
    for path in ("records/drift.json", "hashes/drift.json"):
        small.write(path, "{}")
    return small


def mine(small, dep: str) -> None:
    small.write("dvc.yaml", f"stages:\n  mine:\n    cmd: cat {dep} > own.txt\n    deps: [{dep}]\n    outs: [own.txt]\n")


def test_what_is_left_is_named_until_it_is_gone(after):
    (note,) = write(after.project)[1]
    assert note == "stage drift is gone; delete what it made: rm -r records/drift.json hashes/drift.json"
    (after.root / "records/drift.json").unlink()
    assert write(after.project)[1] == ["stage drift is gone; delete what it made: rm -r hashes/drift.json"]
    (after.root / "hashes/drift.json").unlink()
    assert write(after.project)[1] == []


@pytest.mark.parametrize("dep", ["records/drift.json", "records"])
def test_a_stage_of_ones_own_that_reads_it_is_refused(after, dep):
    mine(after, dep)
    with pytest.raises(RegrowError) as caught:
        after.compile()
    assert str(caught.value) == (
        "dvc.yaml, stage mine: records/drift.json was made by stage drift, which is gone: it would never change again\n"
        "    bring the stage back, or do without it; to keep it as data of its own: dvc add records/drift.json"
    )


def test_a_source_that_lies_there_is_refused(after):
    after.edit("pyproject.toml", 'raw = "data/raw"', 'raw = "data/raw"\nold = "records/drift.json"')
    with pytest.raises(RegrowError, match=r"\[tool.regrow.sources\] old: records/drift.json was made by stage drift"):
        after.compile()


def test_what_is_data_of_its_own_by_now_or_is_made_by_another_stage_is_fine(after):
    mine(after, "records/drift.json")
    after.write("records/drift.json.dvc", "outs:\n- path: drift.json\n")
    after.compile()
    (after.root / "records/drift.json.dvc").unlink()
    text = after.read("dvc.yaml")
    after.write("dvc.yaml", f"{text}  other:\n    cmd: echo 1 > records/drift.json\n    outs: [records/drift.json]\n")
    write(open_project(after.root))
