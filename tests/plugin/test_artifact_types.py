"""`regrow_artifacts`: a plugin's own type is compiled, written, read, checked, fingerprinted and replayed like ours."""

import json

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from regrow import ArtifactType, RegrowError
from regrow.cli.plugins import command
from regrow.stage.run_stage import run_stage
from regrow_history.replay.differences.files import first

PLUGIN = """
from regrow import Artifact, ArtifactType, Stage, every

def regrow_artifacts():
    return [ArtifactType("score", "PKG.score", "scores", ".txt", cached=False)]

def regrow_stages():
    return [
        Stage("play", "data", run="PKG.play:play", needs=["raw"], makes=[Artifact("tune", "score")]),
        Stage("hear", "delivery", run="PKG.play:hear", needs=[every("score")], makes=[Artifact("notes", "record")]),
    ]
"""
TYPE = """
def read(path):
    return path.read_text().split()

def write(value, path):
    path.write_text(" ".join(value))

def check(value):
    if not isinstance(value, list):
        raise ValueError(f"must be a list of notes, not {type(value).__name__}")
"""
PLAY = """
def play(raw, settings):
    return {"tune": ["c", "e", "g"]}

def hear(scores, settings):
    return {"notes": scores}
"""


@pytest.fixture
def own(small):
    """A project whose package brings the type `score`, and two stages."""
    small.with_code(plugin=PLUGIN, score=TYPE, play=PLAY)
    return small


def test_it_is_compiled_run_and_read(own):
    own.compile()
    stages = YAML(typ="safe").load(own.read("dvc.yaml"))["stages"]
    assert stages["play"]["outs"][0] == {"scores/tune.txt": {"cache": False}}
    assert stages["hear"]["deps"] == ["scores/tune.txt", "fingerprints/hear.lock"]
    for name in ("play", "hear"):
        run_stage(own.project, name)
    assert own.read("scores/tune.txt") == "c e g"
    assert json.loads(own.read("records/notes.json")) == {"tune": ["c", "e", "g"]}
    assert "scores/tune.txt" in json.loads(own.read("hashes/play.json"))["outputs"]


def test_its_code_is_in_the_fingerprint_of_who_makes_and_who_needs_it(own):
    own.compile()
    for stage in ("play", "hear"):
        for action in ("read", "write", "check"):
            assert f"\ncode {own.package}.score:{action} " in own.read(f"fingerprints/{stage}.lock")


def test_its_check_refuses(own):
    own.edit(own.code("play"), '["c", "e", "g"]', '"ceg"')
    own.compile()
    with pytest.raises(RegrowError, match=r"output 'tune' \(score\) must be a list of notes, not str"):
        run_stage(own.project, "play")
    assert not (own.root / "scores").exists()


def test_a_damaged_one_is_named(own):
    own.edit(own.code("score"), "path.read_text().split()", "[][int(path.read_text())]")
    own.compile()
    run_stage(own.project, "play")
    with pytest.raises(RegrowError, match="scores/tune.txt: can't be read as a score"):
        run_stage(own.project, "hear")


def test_a_module_without_its_functions_is_refused(own):
    own.edit(own.code("score"), "def check(", "def chekc(")
    with pytest.raises(RegrowError, match="artifact type score: .* has no 'check'; did you mean 'chekc'"):
        own.compile()


def test_a_name_of_ours_is_refused(own):
    own.edit(own.code("plugin"), 'ArtifactType("score"', 'ArtifactType("table"')
    with pytest.raises(RegrowError, match="artifact type 'table' is one of regrow's own"):
        own.compile()


def test_an_unknown_type_is_told_with_those_of_plugins(own):
    own.edit(own.code("plugin"), 'Artifact("tune", "score")', 'Artifact("tune", "scor")')
    with pytest.raises(RegrowError, match="artifact 'tune' has unknown type 'scor'; did you mean 'score'"):
        own.compile()


def test_it_is_listed(own):
    assert "  artifacts: score\n" in CliRunner().invoke(command).output


def test_a_replay_compares_its_bytes(tmp_path):
    one, other = tmp_path / "one.score", tmp_path / "other.score"
    one.write_bytes(b"\x00c e g")
    other.write_bytes(b"\x00c d g")
    assert first(one, one).kind == "same"
    told = first(one, other)
    assert "byte" in f"{told}{told.place}{told.magnitude}"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (("a b", "m", "f", ".x"), "artifact type 'a b'"),
        (("score", "m:f", "f", ".x"), "module 'm:f'"),
        (("score", "m", "f", ".x", True, "inputs"), "section 'inputs' is not one of outs, metrics, plots"),
    ],
)
def test_a_malformed_one(fields, said):
    with pytest.raises(ValueError, match=said):
        ArtifactType(*fields)
