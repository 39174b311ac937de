"""The record of a commit says the seven things, the same each time, and runs nothing to say them."""

import hashlib
import json
import shutil
import sys

import pytest
from tests.shared import C_LOCALE

from regrow.base.safe_text import dumps
from regrow_history.experiments.summary import record

SEVEN = {"assumptions", "randomness", "data", "settings", "results", "implementation", "environment"}


@pytest.fixture(scope="module")
def flights(pristine):
    return record(pristine.root, "HEAD")


def test_the_seven_things_of_the_template(flights, pristine):
    assert flights.keys() == SEVEN | {"commit", "unproven"}
    assert flights["unproven"] == []
    assert flights["commit"]["author"] == "Ada"
    assert flights["commit"]["subject"] == "first results"
    assert {one["outcome"] for one in flights["assumptions"]} == {"passed"}
    (enough,) = (one for one in flights["assumptions"] if one["name"] == "enough_flights")
    assert (enough["owner"], enough["severity"], enough["check"]) == ("data science", "error", "rows")
    assert flights["randomness"]["seeds"] == {"seed": 1}
    assert {"split", "train"} <= flights["randomness"]["stages"].keys()
    (raw,) = flights["data"]
    assert (raw["path"], raw["files"]) == ("data/raw", 3)
    assert len(raw["sha256"]) == 64
    assert flights["settings"]["overrides"] == []
    assert flights["settings"]["values"]["model"]["use"] == "linear"
    assert flights["results"]["metrics"]["metrics.json"] == pristine.metrics()
    stages = {stage["name"]: stage for stage in flights["implementation"]["stages"]}
    assert stages["train"]["commands"] == ["regrow stage train"]
    assert any(unit.startswith("regrow_experiment") for unit in stages["train"]["stands_on"]["code"])
    environment = flights["environment"]
    assert environment["python"] == ".".join(map(str, sys.version_info[:2]))
    assert environment["packages"].keys() >= {"pandas", "scikit-learn"}
    assert environment["requirements"]["packages"] > 50
    assert {one["path"].split("/")[1].split("-")[0] for one in environment["vendor"]} >= {"regrow", "regrow_data"}
    assert environment["machine"]["train"]["kernels"]


def test_hashes_are_those_of_the_bytes(flights, pristine):
    outputs = {one["path"]: one for one in flights["results"]["outputs"]}
    for path in ("models/model.skops", "metrics.json", "params.yaml", "data/table.parquet", "hashes/train.json"):
        data = (pristine.root / path).read_bytes()
        said = (outputs[path]["md5"], outputs[path]["sha256"], outputs[path]["size"])
        assert said == (hashlib.md5(data).hexdigest(), hashlib.sha256(data).hexdigest(), len(data))
    lock = (pristine.root / "requirements.lock").read_bytes()
    assert flights["environment"]["requirements"]["sha256"] == hashlib.sha256(lock).hexdigest()


def test_overrides_against_conf_are_told(project):
    project.edit("params.yaml", "C: 1.0", "C: 0.5")
    project.edit("params.yaml", "seed: 1", "seed: 3")
    project.commit("as an experiment's commit is")
    found = record(project.root, "HEAD")
    told = {one["key"]: (one["conf"], one["here"]) for one in found["settings"]["overrides"]}
    assert told == {"model.C": (1.0, 0.5), "seed": (1, 3)}
    assert found["randomness"]["seeds"] == {"seed": 3}


def test_it_is_the_same_from_process_to_process_and_from_clone_to_clone(tiny, tmp_path):
    script = (
        "from pathlib import Path; from regrow_history.experiments.summary import record\n"
        "from regrow.base.safe_text import dumps; print(dumps(record(Path.cwd(), 'HEAD')))"
    )
    texts = {tiny.run(sys.executable, "-c", script, PYTHONHASHSEED=seed).stdout for seed in ("1", "2", "77")}
    shutil.rmtree(tiny.root / ".dvc/cache")
    tiny.run("git", "clone", "--quiet", str(tiny.root), str(tmp_path / "clone"))
    tiny.root = tmp_path / "clone"
    texts.add(tiny.run(sys.executable, "-c", script, TZ="Asia/Tokyo", LC_ALL=C_LOCALE).stdout)
    assert len(texts) == 1
    assert str(tmp_path) not in next(iter(texts))


def test_files_on_disk_do_not_matter(tiny):
    before = dumps(record(tiny.root, "HEAD"))
    for path in ("dvc.lock", "dvc.yaml", "params.yaml", "metrics.json", "hashes/make.json"):
        tiny.write(path, "else")
    assert dumps(record(tiny.root, "HEAD")) == before


def test_an_outcome_that_is_not_at_hand_is_null(project):
    shutil.rmtree(project.root / ".dvc/cache")
    assert {one["outcome"] for one in record(project.root, "HEAD")["assumptions"]} == {None}


def test_an_outcome_from_a_corrupt_object_is_none(project):
    file = project.root / "records/validation.json"
    md5 = hashlib.md5(file.read_bytes()).hexdigest()
    cached = project.root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]
    cached.chmod(0o644)
    cached.write_text(file.read_text().replace("passed", "failed"))
    assert {one["outcome"] for one in record(project.root, "HEAD")["assumptions"]} == {None}


def test_results_that_were_edited_after_the_run_have_no_sha256(tiny):
    tiny.edit("metrics.json", "200", "201")
    tiny.commit()
    outputs = {one["path"]: one for one in record(tiny.root, "HEAD")["results"]["outputs"]}
    assert outputs["metrics.json"]["sha256"] is None
    assert outputs["table.txt"]["sha256"] == hashlib.sha256((tiny.root / "table.txt").read_bytes()).hexdigest()


@pytest.mark.parametrize("path", ["params.yaml", "metrics.json", "hashes/make.json", "fingerprints/settings.json"])
@pytest.mark.parametrize("text", ["[", "[1]", "", "\x00"])
def test_odd_files_are_no_reason_to_fail(tiny, path, text):
    tiny.write(path, text)
    tiny.commit()
    assert record(tiny.root, "HEAD").keys() == SEVEN | {"commit", "unproven"}


def test_values_in_json_keep_their_types(tiny_made):
    found = json.loads(dumps(record(tiny_made.root, "HEAD")))
    assert found["results"]["metrics"] == {"metrics.json": {"lines": 200, "sub": {"x": 0.5}}}
    assert found["assumptions"] == [
        {"name": "short", "says": "it is short", "owner": "Ada", "severity": "warn", "check": None, "outcome": None}
    ]
    assert found["environment"]["machine"] == {"make": {"kernels": "portable"}}
    assert found["environment"]["requirements"] is None
