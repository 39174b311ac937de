"""One fault at a time: never "identical" nor "as recorded", the right file is named, nothing of the user's is lost."""

import json
import random
import shutil

import pytest
from tests.faults.conftest import LONG
from tests.faults.harm import Fault, all_faults, do
from tests.faults.world import ASIDE, content, copy, everything
from tests.repository import Repository

SEED = 20


def chosen() -> list[Fault]:
    """Thirty of all, or four; each place is among them."""
    dice, faults = random.Random(SEED), all_faults()
    places = sorted({fault.place for fault in faults})
    by_place = {
        place: dice.sample(some, len(some)) for place in places if (some := [f for f in faults if f.place == place])
    }
    if not LONG:
        return [by_place[place][0] for place in ("workspace", "cache", "clone", "commit")]
    first = [fault for place in places for fault in by_place[place][:4]]
    return first + dice.sample([fault for fault in faults if fault not in first], 30 - len(first))


@pytest.fixture(scope="module")
def pushed(made, tmp_path_factory) -> Repository:
    """The project with two files of data, and all in a remote."""
    project = copy(made, tmp_path_factory.mktemp("pushed"))
    project.write("data/raw/y.txt", "7\n")
    project.run("dvc", "add", "--quiet", "data/raw")
    project.run("dvc", "remote", "add", "--quiet", "--default", "store", str(project.root.parent / "remote"))
    project.reproduce("two files")
    project.run("dvc", "push", "--quiet")
    return project


@pytest.mark.parametrize("fault", chosen(), ids=lambda one: f"{one.kind} {one.path} in {one.place}")
def test_a_single_fault(pushed, tmp_path, fault):
    project = copy(pushed, tmp_path)
    project.run("dvc", "remote", "modify", "--local", "store", "url", str(tmp_path / "remote"))
    assert project.run("git", "status", "--porcelain").stdout == ""
    do(project, fault, random.Random(SEED))
    if fault.place == "clone":
        shutil.rmtree(project.root / ".dvc/cache")
    before = everything(project.root, tmp_path / "remote")

    replayed = project.run("regrow", "replay", "HEAD", "--env", "current", code=None)
    assert everything(project.root, tmp_path / "remote") == before
    said = replayed.stdout + replayed.stderr
    assert "Traceback" not in said
    if fault.seen_by_replay:
        assert replayed.returncode in {2, 3}, said
        assert any(name in said for name in fault.names), said
    else:
        assert replayed.returncode == 0, said

    verified = project.run("regrow", "verify", "--remote", "--json", code=None)
    assert verified.returncode in {2, 3}, verified.stdout + verified.stderr
    findings = [one for one in json.loads(verified.stdout)["findings"] if one["level"] != "note"]
    assert any(one["path"].startswith(fault.names) for one in findings), findings
    after = everything(project.root, tmp_path / "remote")
    changed = {name for name in before if after.get(name) != before[name]}
    kept = {file.read_bytes() for file in (project.root / ASIDE).glob("*")}
    assert len(kept) >= len(changed) == sum(bool(one["set_aside"]) for one in findings)
    assert all("/.dvc/cache/" in name for name in changed)
    assert set(content(after).values()) <= set(content(before).values())
