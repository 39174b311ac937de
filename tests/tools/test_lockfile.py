"""dvc.lock written stage by stage: the bytes that DVC itself writes, whatever is in it."""

import subprocess
import sys
from pathlib import Path

import pytest

from regrow.tools.lockfile import replaced

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
OURS = "from regrow.tools import dvc\nimport sys; from pathlib import Path; sys.exit(dvc.run(sys.argv[1:], Path.cwd()))"


@pytest.fixture
def pipeline(environment, tmp_path):
    subprocess.run([sys.executable, "-m", "dvc", "init", "--no-scm", "-q"], cwd=tmp_path, env=environment, check=True)
    (tmp_path / "dvc.yaml").write_text(PIPELINE)
    (tmp_path / "p.yaml").write_text(PARAMS)
    return tmp_path


def repro(folder: Path, environment: dict[str, str], *command: str) -> tuple[str, str]:
    """What it said, and dvc.lock afterwards."""
    done = subprocess.run(
        [*command, "repro", "--force"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, (folder / "dvc.lock").read_text()


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
