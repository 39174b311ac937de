"""A replay tells what its stages touched undeclared and what their code asks; verify and inspect tell it of commits."""

import json

import pytest
from tests.repository import Repository


@pytest.fixture
def outside(recorded) -> str:
    """A file outside the project, in a folder of a name of its own."""
    file = recorded.root.parent / "beside" / "scale.txt"
    file.parent.mkdir()
    file.write_text("2.5")
    return str(file)


def code(recorded: Repository, before: str, inside: str) -> None:
    """Put lines above the imports of the stages' module, and an expression into what `score` returns."""
    recorded.edit(recorded.code("work"), "import pandas as pd\n", f"import pandas as pd\n{before}\n")
    recorded.edit(recorded.code("work"), "value = settings", f"{inside}; value = settings")


def outcomes(recorded: Repository, code: int) -> tuple[dict, dict, dict]:
    """What replay, verify and inspect say of HEAD in JSON."""
    said = [
        recorded.run("regrow", *command, "--json", code=expected).stdout
        for command, expected in (
            (("replay", "HEAD", "--env", "current"), code),
            (("verify", "HEAD"), code),
            (("inspect", "HEAD"), 0),
        )
    ]
    return tuple(map(json.loads, said))


def test_what_is_read_outside_and_the_clock_are_told_of_a_commit_and_nothing_else(recorded, outside):
    code(recorded, "import time as t", f"scale = open({outside!r}).read(); when = t.time()")
    recorded.reproduce("reads outside, asks the clock")
    work = f"src/{recorded.package}/work.py"
    replay, verify, inspect = outcomes(recorded, 8)
    assert all(row["identical"] for row in replay["outputs"])
    clock, touch = replay["unproven"]
    assert "stage score: asks the clock (time.time)" in clock
    assert f"stage score, {work}:" in touch
    assert f"reads {outside}" in touch
    assert "regrow.sources" in touch  # the line that declares it
    found = [one for one in verify["findings"] if one["level"] == "not proven"]
    assert {(one["path"], one["place"]) for one in found} == {
        ("stage score", "fingerprints/score.lock"),
        ("stage score", "hashes/score.json"),
    }
    assert [one["stage"] for one in inspect["unproven"]] == ["score", "score"]
    assert "time.time" in inspect["unproven"][0]["wrong"]
    assert outside in inspect["unproven"][1]["wrong"]
    record = json.loads(recorded.read("hashes/score.json"))["undeclared"]
    assert record == [{"what": "reads", "target": outside, "by": f"{work}, in score"}]
    assert "undeclared" not in recorded.read("hashes/make.json")
    done = recorded.run("regrow", "replay", "HEAD~1", "--env", "current")
    assert "not proven" not in done.stdout + done.stderr
    told = recorded.run("regrow", "run", "--twice", code=8)
    assert outside in told.stderr
    assert "identical here, not proven elsewhere" in told.stdout


WAYS = {
    "a socket": ("import socket", "socket.getaddrinfo('localhost', 80)", "connects to localhost:80", "localhost:80"),
    "a program": ("import subprocess", "subprocess.run(['true'])", "starts true", "true"),
    "a file on import": ("FAR = open(OUTSIDE).read()", "len(FAR)", "reads OUTSIDE", "OUTSIDE"),
    "a file that Git has": ("", "open('pyproject.toml').read()", "reads pyproject.toml", "pyproject.toml"),
    "a folder": ("import os", "os.listdir(os.path.dirname(OUTSIDE))", "lists ", "beside"),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_kind_of_touch_is_told(recorded, outside, way):
    before, inside, told, recorded_as = (text.replace("OUTSIDE", outside) for text in WAYS[way])
    code(recorded, before.replace(outside, repr(outside)), inside.replace(outside, repr(outside)))
    recorded.reproduce(way)
    replay, verify, _ = outcomes(recorded, 8)
    assert told in "".join(replay["unproven"])
    (found,) = [one for one in verify["findings"] if one["level"] == "not proven"]
    assert recorded_as in found["wrong"]
