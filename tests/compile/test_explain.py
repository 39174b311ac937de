"""Why a stage would run again, from what dvc.lock recorded; the whole of it is tried in tests/pipeline."""

import hashlib
import re
import sys

import pytest
from dvc.repo import Repo

from regrow.base.errors import RegrowError
from regrow.compile import explain


@pytest.fixture
def recorded(small):
    """A project whose dvc.lock says that `make` ran with what is compiled."""
    Repo.init(str(small.root), no_scm=True).close()
    small.compile()

    def md5(path: str) -> str:
        return hashlib.md5((small.root / path).read_bytes(), usedforsecurity=False).hexdigest()

    small.write(
        "dvc.lock",
        "schema: '2.0'\nstages:\n  make:\n    cmd: regrow stage make\n    deps:\n"
        f"    - path: fingerprints/make.lock\n      hash: md5\n      md5: {md5('fingerprints/make.lock')}\n"
        "    params:\n      params.yaml:\n        rows: 3\n        seed: 1\n        steps:\n"
        "          first: {use: add, by: 1}\n          second: {use: times, by: 2}\n",
    )
    return small


def kinds(small, stage: str) -> set[tuple[str, str]]:
    return {(change.kind, change.name) for change in explain.explain(small.project)[stage]}


def test_a_stage_that_never_ran(recorded):
    assert kinds(recorded, "score") == {("new", "dvc.lock has no record of it")}


def test_settings_are_named_with_before_and_after(recorded):
    recorded.edit("conf/config.yaml", "rows: 3", "rows: 4")
    recorded.edit("conf/config.yaml", "  first: {use: add, by: 1}\n", "")
    changes = {str(change) for change in explain.explain(recorded.project, "make")["make"] if change.kind == "settings"}
    assert changes == {"settings: rows: 3 -> 4", 'settings: steps.first: {"use": "add", "by": 1} -> (absent)'}


def test_code_is_named_by_its_unit(recorded):
    before = kinds(recorded, "make")
    recorded.edit(recorded.code("parts"), "x + settings.by", "x + settings.by + 1")
    assert kinds(recorded, "make") - before == {("code", f"{recorded.package}.parts:add")}


def test_another_python_comes_first_and_code_is_not_blamed(recorded):
    name = "fingerprints/make.lock"
    text = re.sub(r"(?m)^python .*$", "python 3.8", re.sub(r"(?m)^(code \S+) \S+$", r"\1 0", recorded.read(name)))
    old, new = (hashlib.md5(one.encode()).hexdigest() for one in (recorded.read(name), text))
    recorded.write(name, text)
    recorded.edit("dvc.lock", old, new)
    recorded.edit("conf/config.yaml", "rows: 3", "rows: 4")
    changes = [str(change) for change in explain.explain(recorded.project, "make")["make"]]
    assert changes[0] == "python: 3.8 -> {}.{}".format(*sys.version_info[:2])
    assert "settings: rows: 3 -> 4" in changes
    assert not [line for line in changes if line.startswith("code")]


def test_an_unknown_stage(recorded):
    with pytest.raises(RegrowError, match="did you mean 'make'"):
        explain.explain(recorded.project, "mak")


def test_as_json():
    change = explain.Change("code", "a:f", "1", "")
    assert explain.as_json({"s": [change]}) == {"s": [{"kind": "code", "name": "a:f", "before": "1", "after": ""}]}
    assert str(change) == "code: a:f: 1 -> (absent)"
