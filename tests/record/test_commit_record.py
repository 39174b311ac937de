"""A commit's record is read from Git alone, in an order it can run in."""

import json
import shutil
import subprocess
import sys

import pytest

from regrow.base.errors import Exit, RegrowError
from regrow.record.commit_record import read_commit, read_workspace, resolve


def test_stages_inputs_and_outputs(tiny_made):
    recorded = read_commit(tiny_made.root, "HEAD")
    assert [stage.name for stage in recorded.stages] == ["make", "score"]
    make = recorded.stages[0]
    assert make.commands == ("python src/make.py",)
    assert {dep.path: dep.in_git for dep in make.deps} == {"raw": False, "src": True}
    assert {out.path: (out.in_git, out.md5.endswith(".dir")) for out in make.outs} == {
        "hashes/make.json": (True, False), "out": (False, True), "table.txt": (False, False),
    }  # fmt: skip
    assert make.params == {"params.yaml": {"rows": 2, "seed": 1}}
    assert [(entry.path, entry.files) for entry in recorded.inputs if entry.path == "raw"] == [("raw", 2)]
    assert recorded.makers["table.txt"] == "make"
    assert not make.is_ours
    assert recorded.text("src/score.py").startswith("import pathlib")
    assert recorded.bytes("no") is None


def test_files_on_disk_do_not_matter(tiny):
    before = read_commit(tiny.root, "HEAD")
    for path in ("dvc.lock", "dvc.yaml", "raw.dvc", "params.yaml"):
        (tiny.root / path).unlink()
    shutil.rmtree(tiny.root / ".dvc")
    assert read_commit(tiny.root, "HEAD") == before


def test_the_workspaces_own_record(tiny):
    commit = read_commit(tiny.root, "HEAD")
    assert read_workspace(commit) == commit
    tiny.edit("dvc.lock", "python src/score.py", "python other.py")
    tiny.write("x.txt.dvc", "outs:\n- md5: 9dd4e461268c8034f5c8564e155c67a6\n  hash: md5\n  size: 1\n  path: x.txt\n")
    here = read_workspace(commit)
    assert [stage.commands for stage in here.stages] == [("python src/make.py",), ("python other.py",)]
    assert {entry.path for entry in here.data} == {"raw", "x.txt"}


def test_stages_come_in_an_order_they_can_run_in_whatever_the_lock_says(tiny):
    from ruamel.yaml import YAML

    document = YAML(typ="safe").load((tiny.root / "dvc.lock").read_text())
    document["stages"] = dict(reversed(document["stages"].items()))
    tiny.write("dvc.lock", json.dumps(document))
    tiny.commit()
    script = (
        "from pathlib import Path; from regrow.record.commit_record import read_commit\n"
        "print([stage.name for stage in read_commit(Path.cwd(), 'HEAD').stages])"
    )
    for seed in ("1", "2", "3"):
        done = tiny.run(sys.executable, "-c", script, PYTHONHASHSEED=seed)
        assert done.stdout.strip() == "['make', 'score']"


def test_a_circle_is_told(tiny):
    tiny.edit("dvc.lock", "    - path: src\n", "    - path: metrics.json\n")
    tiny.commit()
    with pytest.raises(RegrowError, match="in a circle"):
        read_commit(tiny.root, "HEAD")


def test_what_dvc_would_not_run_is_left_out(tiny):
    tiny.edit("dvc.yaml", "  score:", "  other:")
    tiny.commit()
    assert [stage.name for stage in read_commit(tiny.root, "HEAD").stages] == ["make"]
    tiny.write("ignored/dvc.yaml", "stages: {}\n")
    tiny.write("ignored/dvc.lock", "stages: [\n")
    tiny.write(".dvcignore", "ignored\n")
    tiny.commit()
    assert [stage.name for stage in read_commit(tiny.root, "HEAD").stages] == ["make"]


@pytest.mark.parametrize(
    "text", ["stages: [", "stages: 3", "stages: {make: 3}", "stages: {make: {deps: [3]}}",
             "stages: {make: {outs: [{}]}}", "stages: {make: {outs: [{path: x, size: big}]}}",
             "stages: {make: {params: [1]}}"]
)  # fmt: skip
def test_a_lock_that_is_none(tiny, text):
    tiny.write("dvc.lock", text)
    tiny.commit()
    with pytest.raises(RegrowError, match=r"dvc\.lock") as error:
        read_commit(tiny.root, "HEAD")
    assert error.value.code is Exit.MISMATCH


@pytest.mark.parametrize("md5", ["../../x", "ABC", "a" * 31, "a" * 33, f"{'a' * 32}.dirs", "3"])
def test_a_hash_never_becomes_another_path(tiny, md5):
    tiny.edit("dvc.lock", tiny.md5("metrics.json"), f'"{md5}"')
    tiny.commit()
    (out,) = read_commit(tiny.root, "HEAD").stages[1].outs
    assert out.md5 == ""


@pytest.mark.parametrize("revision", ["", "no-such", "--help", "-x", "HEAD; touch x", "HEAD:src", "HEAD..HEAD"])
def test_what_names_no_commit(tiny_made, revision):
    with pytest.raises(RegrowError, match="names no commit"):
        resolve(tiny_made.root, revision)


def test_a_commit_without_a_run(tmp_path, environment):
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "none"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True, env=environment)
    with pytest.raises(RegrowError, match=r"holds no dvc\.lock"):
        read_commit(tmp_path, "HEAD")
