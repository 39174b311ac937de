"""A run that fails, is refused or is killed leaves the tree as it was; all ways fail in one project, in turn."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
from tests.faults.test_bad_places import mounts
from tests.repository import Repository

from regrow import layout

pytestmark = pytest.mark.usefixtures("warm")

# What a title asks of the stage `score`, which runs after `make` has made and recorded another table.
FAULTS = """\
import os, pathlib, resource, signal, time

def fault(title):
    if title == "raise":
        raise ValueError("as asked")
    if title == "exit":
        raise SystemExit(3)
    if title == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if title == "wait":
        pathlib.Path("page.html").write_text("half")
        pathlib.Path("waiting").touch()
        time.sleep(60)
    if title == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    if title == "full":
        pathlib.Path("waiting").touch()
        while os.path.exists("../room"):
            time.sleep(0.05)
    return {"metrics": "no mapping", "page": ""} if title == "odd" else None
"""


@pytest.fixture(scope="module")
def tree(made, environment, tmp_path_factory) -> Repository:
    root = tmp_path_factory.mktemp("ü failed") / made.root.name
    shutil.copytree(made.root, root, symlinks=True)
    tree = Repository(root, made.package, made.environment | {"REGROW_HOME": environment["REGROW_HOME"]})
    tree.write("src/smallreplay/faults.py", FAULTS)
    tree.write(".gitignore", "__pycache__/\nwaiting\n")
    tree.edit("src/smallreplay/work.py", "import pandas as pd", "import pandas as pd\n\nfrom .faults import fault")
    odd = "    if (odd := fault(settings.title)) is not None:\n        return odd\n    value ="
    tree.edit("src/smallreplay/work.py", "    value =", odd)
    tree.reproduce("a stage that fails when asked")
    return tree


def state(tree: Repository) -> dict[str, str]:
    """Every file of the work tree, Git's own left out but what is staged."""
    found = {name: told for name, told in tree.state().items() if not name.startswith((".git/", ".dvc/cache/"))}
    return found | {"index": tree.run("git", "ls-files", "--stage").stdout}


def settled(tree: Repository, seconds: float = 20.0) -> None:
    """Wait until what is there after a kill has been put back."""
    give_up = time.monotonic() + seconds
    while (tree.root / layout.REPLACED).exists() and time.monotonic() < give_up:
        time.sleep(0.05)


WAYS = {
    "a value out of range": ["-S", "rows=0"],
    "an option that is not there": ["-S", "metric=tpo"],
    "a key that is not there": ["-S", "rowz=6"],
    "what is no override": ["-S", "rows=[1"],
    "a stage that raises": ["-S", "rows=6", "-S", "title=raise"],
    "a stage that exits": ["-S", "rows=6", "-S", "title=exit"],
    "a stage that is killed": ["-S", "rows=6", "-S", "title=killed"],
    "an output that fails its check": ["-S", "rows=6", "-S", "title=odd"],
    "a stage that may write no more": ["-S", "rows=6", "-S", "title=limit"],
    "two stages at once": ["-j", "2", "-S", "rows=6", "-S", "title=raise"],
    "no such target": ["nope"],
}


@pytest.mark.parametrize("way", WAYS)
def test_a_failed_run_leaves_the_tree_as_it_was(tree, way):
    before = state(tree)
    tree.run("git", "diff", "--quiet", "HEAD")
    done = tree.run("regrow", "run", *WAYS[way], code=None)
    assert done.returncode
    assert tree.run("git", "status", "--porcelain").stdout == ""
    assert state(tree) == before


@mounts
def test_a_disk_that_is_full_when_the_stage_writes(tree, tmp_path):
    """Some kB are left, and renames, to put the tree back with."""
    script = f"""
mount -t tmpfs -o size=300m none '{tmp_path}' && cp -a . '{tmp_path}/project' && cd '{tmp_path}/project' || exit 9
git update-index -q --refresh; touch ../room
(until [ -e waiting ]; do sleep 0.05; done; cat /dev/zero > ../filler; rm ../room) 2>/dev/null &
'{sys.executable}' -m regrow run -S rows=6 -S title=full
echo code $?
df --output=avail . | tail -1
rm waiting ../filler
git status --porcelain
echo clean
'{sys.executable}' -m regrow run -S rows=6
echo code $?
"""
    done = subprocess.run(["unshare", "--mount", "bash", "-c", script], cwd=tree.root, check=False, text=True,
                          env=tree.environment | {"REGROW_COLD": "1"}, capture_output=True)  # fmt: skip
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    assert "No space left on device" in said, said
    assert re.search(r"code [1-9]\d*\n +\d{1,3}\nclean\n", done.stdout), said
    assert done.stdout.endswith("code 0\n"), said


def test_what_a_person_edited_and_staged_stays(tree):
    try:
        tree.edit("conf/config.yaml", 'title: "a title"', "title: raise")
        tree.edit("conf/config.yaml", "rows: 5", "rows: 6")
        tree.run("git", "add", "conf/config.yaml")
        tree.write("conf/metric/mean.yaml", "use: mean  # as it was\n")
        before = state(tree)
        assert "Running stage 'score'" in tree.run("regrow", "run", code=255).stdout
        assert state(tree) == before
        tree.run("regrow", "run", "-S", "seed=2", code=255)
        assert state(tree) == before
    finally:
        tree.run("git", "reset", "--quiet", "--hard")
    assert "up to date" in tree.run("dvc", "status").stdout


def test_on_request_what_ended_well_is_kept(tree):
    try:
        tree.edit("conf/config.yaml", 'title: "a title"', "title: raise")
        tree.edit("conf/config.yaml", "rows: 5", "rows: 6")
        page, hashes = tree.read("page.html"), tree.read("hashes/make.json")
        tree.run("regrow", "run", "--keep-going", code=255)
        assert tree.read("hashes/make.json") != hashes
        assert tree.read("page.html") == page
    finally:
        tree.run("git", "reset", "--quiet", "--hard")
        tree.run("regrow", "run")


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_killed_in_a_stage(tree, end):
    before = state(tree)
    command = [sys.executable, "-m", "regrow", "run", "-S", "rows=6", "-S", "title=wait"]
    with subprocess.Popen(command, cwd=tree.root, env=tree.environment, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, start_new_session=True) as process:  # fmt: skip
        give_up = time.monotonic() + 120
        while not (tree.root / "waiting").exists() and time.monotonic() < give_up and process.poll() is None:
            time.sleep(0.05)
        os.killpg(process.pid, end)
        process.communicate()
    (tree.root / "waiting").unlink()
    settled(tree)
    assert state(tree) == before
    assert tree.run("git", "status", "--porcelain").stdout == ""


def test_what_a_kill_left_is_put_back_by_the_next_run(tree):
    """As where nobody was there to do it: the power was cut."""
    aside = tree.root / layout.REPLACED
    aside.mkdir(parents=True)
    before = state(tree)
    (tree.root / "page.html").rename(aside / "1")
    tree.write("params.yaml", "rows: 9\n")
    shutil.copyfile(tree.root / "dvc.lock", aside / "2")
    tree.write("dvc.lock", "schema: '2.0'\n")
    tree.run("git", "show", "HEAD:params.yaml")
    (aside / "3").write_text(tree.run("git", "show", "HEAD:params.yaml").stdout)
    lines = ['{"stage": "score"}', '{"path": "page.html", "kept": "1"}', '{"path": "dvc.lock", "kept": "2"}']
    lines += ['{"path": "params.yaml", "kept": "3"}', '{"path": "../else", "ke']
    (aside / "list").write_text("\n".join(lines))
    tree.run("regrow", "run")
    digests = {name: told.split()[1] for name, told in before.items() if " " in told}
    for path in ("page.html", "dvc.lock", "params.yaml"):
        assert hashlib.sha256((tree.root / path).read_bytes()).hexdigest() == digests[path]
