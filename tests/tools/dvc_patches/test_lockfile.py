"""dvc.lock written stage by stage: the bytes that DVC itself writes, whatever is in it."""

import copy
import random
import subprocess
import sys
from pathlib import Path

import pytest

from regrow.tools.dvc_patches.lockfile import block, rehashed, replaced

LONG = "echo " + " ".join(f"word{number}" for number in range(40))
PIPELINE = f"""\
stages:
  one:
    cmd: {LONG} > one.txt
    params: [{{p.yaml: }}]
    outs: [one.txt]
  t.wo-2_:
    cmd:
      - echo 'a  b' > two.txt
      - "echo ü: 'x' # no comment >> two.txt"
    deps: [one.txt]
    outs:
      - two.txt
  three:
    cmd: |
      echo a > three.txt

      echo b >> three.txt
    deps: [one.txt, two.txt]
    outs: [three.txt]
  each:
    foreach: [a, b]
    do:
      cmd: mkdir -p ${{item}} && echo ${{item}} > ${{item}}/x
      deps: [three.txt]
      outs: ["${{item}}"]
"""
PARAMS = """\
small: 1e-05
big: 1e+20
none: null
empty: ''
yes_text: 'yes'
number_text: '12'
lines: "a\\nb\\n\\nc"
nested: {list: [1, 2.50, {deep: true}], empty: {}, none: []}
long: "%s"
""" % ("x y " * 60)
HINTS = (
    "Updating lock file",
    "Generating lock file",
    "To track the changes",
    "\tgit add",
    "To enable auto staging",
    "\tdvc config",
)
OURS = "from regrow.tools import dvc\nimport sys; from pathlib import Path; sys.exit(dvc.run(sys.argv[1:], Path.cwd()))"


@pytest.fixture
def pipeline(environment, tmp_path):
    subprocess.run([sys.executable, "-m", "dvc", "init", "--no-scm", "-q"], cwd=tmp_path, env=environment, check=True)
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    (tmp_path / "p.yaml").write_text(PARAMS)
    return tmp_path


def repro(folder: Path, environment: dict[str, str], *command: str) -> tuple[str, str]:
    """What it said but for hints, and dvc.lock afterwards."""
    done = subprocess.run(
        [*command, "repro", "--force"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said = [line for line in done.stdout.splitlines() if line and not line.startswith(HINTS)]
    return "\n".join(said), (folder / "dvc.lock").read_text()


def test_new_changed_and_as_before(pipeline, environment):
    ours, theirs = [sys.executable, "-c", OURS], [sys.executable, "-m", "dvc"]
    lock = pipeline / "dvc.lock"
    for changed in (False, True):
        before = lock.read_text() if changed else None
        if changed:
            (pipeline / "p.yaml").write_text(PARAMS.replace("1e-05", "2e-07"))
            (pipeline / "dvc.yaml").write_text(PIPELINE.replace("echo b >>", "echo 'c: d' >>"))
        made = repro(pipeline, environment, *ours)
        lock.unlink() if before is None else lock.write_text(before)
        assert repro(pipeline, environment, *theirs) == made


LOCK = "schema: '2.0'\nstages:\n  a:\n    cmd: x\n  b:\n    cmd: |\n      y\n\n      z\n  c:\n    cmd: x\n"


def test_a_stages_lines_are_replaced_where_they_are_or_added_at_the_end():
    assert (
        replaced(LOCK, "b", "  b:\n    cmd: n\n")
        == "schema: '2.0'\nstages:\n  a:\n    cmd: x\n  b:\n    cmd: n\n  c:\n    cmd: x\n"
    )
    assert replaced(LOCK, "d@1.x", "  d@1.x:\n    cmd: n\n") == LOCK + "  d@1.x:\n    cmd: n\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [("'2.0'", '"2.0"'), ("stages:\n", "# x\nstages:\n"), ("  b:", "  'b':"), ("  b:", "  b: # x"),
     ("  a:", "# x\n  a:"), ("  c:", "datasets:\n  c:"), ("  a:", "   a:"), (LOCK, "")],
)  # fmt: skip
def test_another_form_is_none(old, new):
    assert old in LOCK
    assert replaced(LOCK.replace(old, new), "b", "  b:\n    cmd: n\n") is None


def test_a_form_that_is_not_dvcs_own_is_left_to_dvc(pipeline, environment):
    ours, theirs = [sys.executable, "-c", OURS], [sys.executable, "-m", "dvc"]
    lock = pipeline / "dvc.lock"
    _, made = repro(pipeline, environment, *theirs)
    odd = made.replace("schema: '2.0'\nstages:", 'schema: "2.0"\n# merged by hand\nstages:').replace("md5: ", "md5:  ")
    for command in (theirs, ours):
        lock.write_text(odd)
        assert repro(pipeline, environment, *command)[1] == made.replace("stages:", "# merged by hand\nstages:")


ENTRY = {
    "cmd": "echo one\n      md5: 0a\n      size: 1",
    "deps": [{"path": "in.csv", "hash": "md5", "md5": "0a" * 16, "size": 10}],
    "params": {"params.yaml": {"rate": 0.5, "text": "yes"}},
    "outs": [
        {"path": "data", "hash": "md5", "md5": f"{'0b' * 16}.dir", "size": 20, "nfiles": 2},
        {"path": "run.sh", "hash": "md5", "md5": "0c" * 16, "size": 30, "isexec": True},
    ],
}


def _other(**changes):
    """ENTRY with something else in an input, outputs, or at the top."""
    entry = copy.deepcopy(ENTRY)
    for key, value in changes.items():
        place, _, inner = key.partition("_")
        {"dep": entry["deps"][0], "folder": entry["outs"][0], "file": entry["outs"][1], "top": entry}[place][inner] = (
            value
        )
    return entry


@pytest.mark.parametrize("command", ["regrow stage one", ENTRY["cmd"], ["a", "b" * 200]])
@pytest.mark.parametrize(
    ("changes", "can_be"),
    [
        ({}, True),
        ({"dep_md5": "1a" * 16, "dep_size": 0, "file_size": 2**40}, True),
        ({"folder_md5": f"{'1b' * 16}.dir", "file_md5": "1" * 31 + "a"}, True),
        ({"dep_md5": "1" * 32}, False),  # a number, were it not quoted
        ({"dep_md5": "1" * 15 + "e" + "2" * 16}, False),
        ({"file_md5": "0e" + "1" * 30}, False),
        ({"dep_md5": None}, False),
        ({"dep_path": "other.csv"}, False),
        ({"dep_size": None}, False),
        ({"folder_nfiles": 3}, False),
        ({"file_isexec": False}, False),
        ({"top_params": {"params.yaml": {"rate": 0.5, "text": True}}}, False),
        ({"top_params": {"params.yaml": {"rate": 1, "text": "yes"}}}, False),
        ({"top_outs": []}, False),
    ],
)
def test_other_hashes_give_the_lines_that_dvc_writes(command, changes, can_be):
    before, after = {**ENTRY, "cmd": command}, {**_other(**changes), "cmd": command}
    made = rehashed(block("one", before), before, after)
    assert made in {None, block("one", after)}
    assert (made is not None) == can_be


def test_random_hashes_give_the_lines_that_dvc_writes():
    numbers = random.Random(1)
    for _ in range(200):
        after = _other(dep_md5="".join(numbers.choices("0123456789ef", weights=[*[1] * 10, 1, 0.1], k=32)))
        made = rehashed(block("one", {**ENTRY, "cmd": "x"}), {**ENTRY, "cmd": "x"}, {**after, "cmd": "x"})
        assert made in {None, block("one", {**after, "cmd": "x"})}
