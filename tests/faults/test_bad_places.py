"""A full disk, a cache that can only be read, no network, no home: told before work is done, and then it just works."""

import re
import shutil
import subprocess
import sys

import pytest
from tests.conftest import generate
from tests.faults.conftest import LONG, long_form
from tests.faults.test_killed_runs import before as before
from tests.faults.world import copy, leaks
from tests.repository import Repository

REGROW = f'"{sys.executable}" -m regrow'
ALLOWED = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0
mounts = pytest.mark.skipif(not ALLOWED, reason="needs the right to mount (unshare --mount)")


def shell(project: Repository, script: str, *spaces: str) -> str:
    """What a script says that runs in the project, with mounts (or a network) that nobody else sees."""
    done = subprocess.run(
        ["unshare", *spaces, "bash", "-c", script],
        cwd=project.root,
        env=project.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout


def codes(said: str) -> list[int]:
    return [int(one) for one in re.findall(r"^code (\d+)$", said, re.MULTILINE)]


def refused_then_runs(project: Repository, spoil: str, mend: str) -> str:
    """What was said at first, when no stage may run; the second time it has to go well. Returns the first part."""
    lock = project.read("dvc.lock")
    script = f"{spoil}\n{REGROW} run\necho code $?\ncat dvc.lock > ../lock\n{mend}\n{REGROW} run\necho code $?\n"
    said = shell(project, f"{script}cp -r .dvc/cache ../cache", "--mount")
    first, _, second = said.partition("code ")
    assert codes(said) == [1, 0], said
    assert "Running stage" not in first
    assert "Running stage 'score'" in second
    assert (project.root.parent / "lock").read_text() == lock
    assert not leaks(project.root.parent / "cache")
    return first


@mounts
def test_a_cache_without_room(before, tmp_path):
    project = copy(before, tmp_path)
    small, large = "mount -t tmpfs -o size=6m none .dvc/cache", "mount -o remount,size=200m .dvc/cache"
    said = refused_then_runs(project, small, large)
    assert "MB left" in said
    assert ".dvc/cache" in said


@mounts
@long_form
def test_a_disk_that_fills_up_in_the_middle(before, tmp_path):
    project = copy(before, tmp_path)
    (tmp_path / "after").mkdir()
    script = f"""
mount -t tmpfs -o size=60m none .dvc/cache
(until ls .dvc/tmp/regrow/make.running; do sleep 0.02; done; cat /dev/zero > .dvc/cache/filler) 2>/dev/null &
rm -f .dvc/tmp/regrow/make.running
{REGROW} run
echo code $?
wait
cp -r .dvc/cache/files ../after/
rm .dvc/cache/filler
{REGROW} run
echo code $?
cp -r .dvc/cache ../cache
"""
    said = shell(project, script, "--mount")
    assert codes(said)[1] == 0, said
    assert codes(said)[0] != 0, said
    assert "No space left on device" in said
    assert not leaks(tmp_path / "after") + leaks(tmp_path / "cache")


@mounts
def test_a_cache_that_can_only_be_read(before, tmp_path):
    project = copy(before, tmp_path)
    read_only = "mount --bind .dvc/cache .dvc/cache && mount -o remount,ro,bind .dvc/cache"
    said = refused_then_runs(project, read_only, "mount -o remount,rw,bind .dvc/cache")
    assert "can't be written to" in said
    assert ".dvc/cache" in said


@mounts
@long_form
def test_a_project_that_can_only_be_read(before, tmp_path):
    project = copy(before, tmp_path)
    place = '"$PWD"'
    read_only = f"mount --bind {place} {place} && mount -o remount,ro,bind {place}; cd {place}"
    said = refused_then_runs(project, read_only, f"mount -o remount,rw,bind {place}")
    assert "read-only" in said.lower() or "can't be written to" in said.lower()


@mounts
@long_form
def test_without_a_network(before, tmp_path):
    project = copy(before, tmp_path)
    said = shell(
        project,
        f"{REGROW} run; echo code $?; git add -A; git commit -qm run; {REGROW} replay HEAD --env current; echo code $?",
        "--net",
    )
    assert codes(said) == [0, 0], said


@pytest.mark.parametrize("home", ["", "/proc/nowhere"] if LONG else [""])
def test_without_a_home(before, tmp_path, home):
    project = copy(before, tmp_path)
    del project.environment["REGROW_HOME"]
    project.environment["TMPDIR"] = str(tmp_path)
    project.environment.pop("HOME", None)
    project.environment.pop("XDG_CACHE_HOME", None)
    more = {"HOME": home} if home else {}
    project.run("regrow", "run", **more)
    project.commit("run")
    project.run("regrow", "replay", "HEAD", "--env", "current", **more)


@mounts
@long_form
def test_an_environment_without_a_network(environment, tmp_path):
    tree = generate(tmp_path / "made", environment)
    project = Repository(tree.root, "late_flights", environment | {"REGROW_HOME": str(tmp_path / "home")})
    project.reproduce("first")
    cold = f'UV_CACHE_DIR="{tmp_path}/uv" {REGROW} replay HEAD; echo code $?'
    said = shell(project, cold, "--net")
    assert codes(said) == [4], said
    assert "stage 1/" not in said
    assert shutil.which("unshare")
    project.run("regrow", "replay", "HEAD")
    warm = shell(project, cold, "--net")
    assert codes(warm) == [0], warm
