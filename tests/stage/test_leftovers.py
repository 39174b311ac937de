"""What a stage that asks for it gets of earlier runs: a folder that survives a kill, and what the commit chose."""

import json
import subprocess

import pytest

from regrow import layout
from regrow.base.errors import RegrowError
from regrow.stage import run_stage

PLUGIN = """\
from regrow import Artifact, Stage


def regrow_stages():
    return [Stage("guess", "experiment", run="PKG.work:guess", needs=["raw"],
                  makes=[Artifact("decided", "choices")], params=["rounds"], before=True)]
"""
WORK = """\
def guess(raw, settings, before):
    done = before.scratch / "done.txt"
    seen = done.read_text() if done.exists() else ""
    done.write_text(seen + "x")
    (before.scratch.parent / "times.json").write_text("1")
    if settings["rounds"] > len(seen) + 1:
        raise ValueError("killed")
    return {"decided": {"chose": (before.choices or {}).get("chose", 7), "seen": len(seen)}}
"""


@pytest.fixture
def guessing(small):
    small.with_code(plugin=PLUGIN, work=WORK)
    small.write("conf/config.yaml", small.read("conf/config.yaml") + "rounds: 3\n")
    small.compile()
    return small


def run(small):
    return run_stage.run_stage(small.project, "guess")


def killed(small):
    with pytest.raises(RegrowError, match="killed"):
        run(small)


def made(small):
    return json.loads(small.read("choices/guess.json"))


def test_it_goes_on_where_a_killed_run_was_and_leaves_what_lies_beside(guessing):
    killed(guessing)
    killed(guessing)
    assert run(guessing) == []
    assert made(guessing) == {"chose": 7, "seen": 2}
    folder = guessing.root / layout.UNFINISHED / "guess"
    assert sorted(one.name for one in folder.iterdir()) == ["terms.json", "times.json"]
    killed(guessing)  # what ended well is not taken up


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("data/raw/x.txt", "3", "4", "other data"),
        ("conf/config.yaml", "rounds: 3", "rounds: 2", "other settings"),
        (None, "killed", "killed again", "other code"),
    ],
)
def test_it_begins_anew_and_says_why(guessing, caplog, path, old, new, said):
    killed(guessing)
    guessing.edit(path or guessing.code("work"), old, new)
    guessing.compile()
    with pytest.raises(RegrowError, match="killed"):
        run(guessing)
    assert (guessing.root / layout.UNFINISHED / "guess/unfinished/done.txt").read_text() == "x"
    assert f"begins anew, not where a killed run was: {said}" in caplog.text


def test_choices_are_the_commits_where_it_is_run_as_recorded(guessing, monkeypatch):
    guessing.edit("conf/config.yaml", "rounds: 3", "rounds: 1")
    guessing.compile()
    guessing.write("choices/guess.json", '{"chose": 3}')
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    for command in (["init", "-q"], ["add", "--all"], [*who, "commit", "-qm", "work"]):
        subprocess.run(["git", *command], cwd=guessing.root, check=True)
    (guessing.root / "choices/guess.json").unlink()  # as DVC does before a stage
    run(guessing)
    assert made(guessing)["chose"] == 7
    monkeypatch.setenv(layout.AS_RECORDED, "1")
    run(guessing)
    assert made(guessing)["chose"] == 3
