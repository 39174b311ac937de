"""Environments: built once for a lock, whole or not at all, and refused where they would not be the commit's."""

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tests.wheels import PYTHON, locked_wheels, wheel

from regrow.base.errors import Exit, RegrowError
from regrow.base.user_cache import cache_home
from regrow_history.environment import build as environments
from regrow_history.environment import installer

HERE = Path(__file__).resolve()


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """Where environments go: an odd path. The installers' own settings stay in force; these keep them from an index."""
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "nowhere"))
    return tmp_path / "hö me"


def build(home: Path, says: str = "one", told: list[str] | None = None) -> environments.Environment:
    lock, vendor = locked_wheels(says)
    return environments.locked(lock, vendor, PYTHON, home=home, progress=None if told is None else told.append)


def run(made: environments.Environment) -> str:
    return subprocess.run([made.bin / "regrow"], capture_output=True, text=True, check=True).stdout


def refused(code: Exit, lock: bytes, vendor: dict[str, bytes], home: Path, python: str = PYTHON) -> str:
    with pytest.raises(RegrowError) as caught:
        environments.locked(lock, vendor, python, home=home)
    assert caught.value.code == code
    return str(caught.value)


@pytest.fixture
def without_uv(monkeypatch):
    monkeypatch.setattr(installer, "find_uv", lambda: None)


def test_it_is_built_once_and_holds_what_the_lock_says(home):
    told: list[str] = []
    made = build(home, told=told)
    assert made.built
    assert run(made) == "regrow with one\n"
    assert told[0] == f"building the environment of requirements.lock for Python {PYTHON}, once"
    assert any("Installed 2 packages" in line for line in told)
    assert list(made.folder.rglob("*.pyc"))
    again = build(home, told=(told := []))
    assert (again.built, again.folder, told) == (False, made.folder, [])
    assert not list(made.folder.parent.glob("from-*"))


def test_finding_one_takes_milliseconds(home):
    build(home)
    assert min(build(home).seconds for _ in range(5)) < 0.05


def test_another_lock_has_another_environment(home):
    one, other = build(home), build(home, "two")
    assert one.folder != other.folder
    assert (run(one), run(other)) == ("regrow with one\n", "regrow with two\n")


@pytest.mark.usefixtures("without_uv")
def test_pip_serves_where_there_is_no_uv(home):
    made = build(home)
    assert run(made) == "regrow with one\n"
    assert list(made.folder.rglob("*.pyc"))


def test_nothing_of_the_environment_around_leaks_in(home, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    for name in ("PIP_TARGET", "PIP_PREFIX", "UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV", "PYTHONHOME", "PYTHONUSERBASE"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    monkeypatch.setenv("UV_SYSTEM_PYTHON", "1")
    monkeypatch.setenv("PIP_USER", "1")
    assert build(home).built
    monkeypatch.setattr(installer, "find_uv", lambda: None)
    assert build(home, "two").built
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("harm", ["marker", "package", "added", "python", "command", "code"])
def test_one_that_is_no_longer_whole_is_built_again(home, harm):
    made = build(home)
    (site,) = made.folder.glob("lib/python*/site-packages")
    if harm == "marker":
        (made.folder.parent / "complete").unlink()
    elif harm == "package":
        (site / "helper-1.0.dist-info" / "RECORD").unlink()
    elif harm == "added":
        (site / "extra.py").write_text("")
    elif harm == "python":
        made.python.unlink()
        made.python.symlink_to("/nowhere/python")
    elif harm == "command":
        (made.bin / "regrow").unlink()
    else:
        (site / "helper" / "__init__.py").write_text("SAYS = 'edited'\n")
    again = build(home, told=(told := []))
    assert any("is not used: " in line for line in told) == (harm != "marker")
    assert again.built
    assert run(again) == "regrow with one\n"
    assert not made.folder.exists()


@pytest.mark.parametrize("marker", ["", "[]", "{}", "null", '{"folder": "../../..", "content": ""}', "\0"])
def test_a_damaged_marker_is_never_believed(home, marker):
    made = build(home)
    (made.folder.parent / "complete").write_text(marker)
    assert build(home).built


@dataclass
class Index:
    """A package index on this machine, with `helper`; `regrow` is a wheel beside the lock."""

    server: ThreadingHTTPServer
    lock: bytes
    vendor: dict[str, bytes]

    def build(self, home: Path, told: list[str]) -> environments.Environment:
        return environments.locked(self.lock, self.vendor, PYTHON, home=home, progress=told.append)

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def index(home, tmp_path, monkeypatch) -> Iterator[Index]:
    lock, vendor = locked_wheels()
    (name,) = (name for name in vendor if name.startswith("helper"))
    (tmp_path / "index" / "helper").mkdir(parents=True)
    (tmp_path / "index" / "helper" / name).write_bytes(vendor.pop(name))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "index")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.delenv("UV_NO_INDEX")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{server.server_port}/")
    made = Index(server, lock, vendor)
    yield made
    made.close()


def test_an_edit_in_the_installer_s_cache_is_not_built(home, index, tmp_path, monkeypatch):
    """As people make it who debug a library in an environment that the installer has linked to its cache."""
    monkeypatch.setenv("UV_LINK_MODE", "hardlink")
    first = index.build(home, [])
    assert {file.stat().st_nlink for file in first.folder.rglob("*") if file.is_file()} == {1}
    (cached,) = (tmp_path / "uv").rglob("helper/__init__.py")
    cached.write_text("SAYS = 'edited'\n")
    assert run(first) == "regrow with one\n"
    second = index.build(tmp_path / "another", told := [])
    assert run(second) == "regrow with one\n"
    (said,) = (line for line in told if "edited" in line)
    assert re.search(r"helper: lib/\S+/helper/__init__.py is not as its package recorded it", said)
    index.close()
    with pytest.raises(RegrowError) as caught:
        index.build(tmp_path / "a third", [])
    assert caught.value.code == Exit.ENVIRONMENT
    assert "/helper/__init__.py is not as its package recorded it" in str(caught.value)
    assert "uv cache clean helper" in str(caught.value)


SCRIPT = """
import sys, time
from pathlib import Path
sys.path[:0] = {paths!r}
import test_build as t
from regrow_history.environment import build as environments
if {slow}:
    environments._held = lambda folder: (print("installed", flush=True), time.sleep(60))[0]
made = t.build(Path({home!r}))
print(made.built, made.folder)
"""


def start(home: Path, slow: bool = False) -> subprocess.Popen:
    script = SCRIPT.format(paths=[str(HERE.parent), str(HERE.parents[4])], home=str(home), slow=slow)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment)


def test_two_at_once_build_one(home):
    builders = [start(home) for _ in range(3)]
    told = [builder.communicate(timeout=120)[0].split() for builder in builders]
    assert sorted(built for built, *_ in told) == ["False", "False", "True"]
    assert len({" ".join(folder) for _, *folder in told}) == 1


def test_one_that_was_killed_before_its_end_is_not_taken_for_whole(home):
    builder = start(home, slow=True)
    assert builder.stdout is not None
    assert builder.stdout.readline() == "installed\n"  # all but the marker
    builder.send_signal(signal.SIGKILL)
    builder.wait()
    builder.stdout.close()
    (left,) = (home / "environments").glob("*/build-*")
    made = build(home)
    assert made.built
    assert made.folder != left
    assert not left.exists()
    assert run(made) == "regrow with one\n"


def test_killed_at_any_moment(home):
    for delay in (0.02, 0.1, 0.2, 0.3, 0.5):
        builder = start(home)
        time.sleep(delay)
        builder.kill()
        builder.communicate()
    assert run(build(home)) == "regrow with one\n"
    assert not build(home).built


def test_a_wheel_that_the_lock_does_not_pin_is_refused(home):
    lock, vendor = locked_wheels()
    _, vendor["helper-1.0-py3-none-any.whl"] = wheel("helper", "SAYS = 'evil'\n")
    said = refused(Exit.UNSAFE, lock, vendor, home)
    assert said.startswith("vendor/helper-1.0-py3-none-any.whl: is not one that requirements.lock pins")


@pytest.mark.parametrize("name", ["../x.whl", "a/b.whl", "/x.whl", "-x.whl", "x.tar.gz", "x\n.whl", ""])
def test_a_wheel_of_an_odd_name_is_refused(home, name):
    lock, vendor = locked_wheels()
    vendor[name] = vendor["helper-1.0-py3-none-any.whl"]
    assert "is not the name of a wheel" in refused(Exit.UNSAFE, lock, vendor, home)
    assert not home.exists()


@pytest.mark.parametrize(
    "line", ["--index-url https://example.invalid/", "-r /etc/passwd", "  -e .", "--no-binary :all:"]
)
def test_a_lock_that_gives_the_installer_orders_is_refused(home, line):
    lock, vendor = locked_wheels()
    said = refused(Exit.UNSAFE, lock + line.encode() + b"\n", vendor, home)
    assert "holds an option" in said
    assert "make lock" in said


def test_a_lock_without_hashes_or_without_regrow_is_refused(home):
    lock, vendor = locked_wheels()
    assert "pins no regrow" in refused(Exit.ENVIRONMENT, b"", {}, home)
    bare = lock + b"other==1.0\n"
    refused(Exit.ENVIRONMENT, bare, vendor, home)
    assert not list((home / "environments").glob("*/build-*"))


@pytest.mark.parametrize("uv", [True, False])
def test_a_package_that_can_not_be_had_is_named(home, monkeypatch, uv):
    if not uv:
        monkeypatch.setattr(installer, "find_uv", lambda: None)
    lock, vendor = locked_wheels()
    lock += b"absent-one==3.0 --hash=sha256:" + b"0" * 64 + b"\n"
    said = refused(Exit.ENVIRONMENT, lock, vendor, home)
    assert "absent-one" in said
    assert "--env current" in said
    assert "://" not in said
    assert not list((home / "environments").glob("*/*"))


@pytest.mark.parametrize("uv", [True, False])
def test_a_package_of_other_bytes_is_refused(home, tmp_path, monkeypatch, uv):
    lock, vendor = locked_wheels()
    name, data = wheel("other", "")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / name).write_bytes(data)
    monkeypatch.setenv("UV_FIND_LINKS" if uv else "PIP_FIND_LINKS", str(tmp_path / "links"))
    if not uv:
        monkeypatch.setattr(installer, "find_uv", lambda: None)
    said = refused(Exit.UNSAFE, lock + b"other==1.0 --hash=sha256:" + b"0" * 64 + b"\n", vendor, home)
    assert "other==1.0" in said
    assert "was offered with other bytes than are pinned, and was not installed" in said


@pytest.mark.usefixtures("without_uv")
def test_without_an_installer_it_says_what_to_install(home, monkeypatch):
    monkeypatch.setattr(installer, "_ask", lambda command: "")
    lock, vendor = locked_wheels()
    assert "pip install uv" in refused(Exit.ENVIRONMENT, lock, vendor, home)


def test_a_python_that_is_not_there_is_named(home, monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    shim = tmp_path / "bin" / "python3.97"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    lock, vendor = locked_wheels()
    said = refused(Exit.ENVIRONMENT, lock, vendor, home, python="3.97")
    assert "the commit ran on Python 3.97, and none was found here" in said
    assert "is not a version" in refused(Exit.ENVIRONMENT, lock, vendor, home, python="3; rm")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="mounts a small file system")
def test_a_full_disk_leaves_nothing_behind(home, tmp_path):
    home.mkdir()
    size = "size=1500k,mode=700"
    mount = ["mount", "-t", "tmpfs", "-o", size, "none", home]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("may not mount")
    try:
        lock, vendor = locked_wheels()
        name, data = wheel("big", "X = 1\n" + "# filler\n" * 300_000)
        vendor[name] = data
        lock += b"big==1.0 --hash=sha256:" + hashlib.sha256(data).hexdigest().encode() + b"\n"
        said = refused(Exit.FAILURE, lock, vendor, home)
        assert "there is no space left" in said
        assert "REGROW_HOME" in said
        assert not list((home / "environments").glob("*/*"))
        subprocess.run(["mount", "-o", "remount,size=50m", home], check=True)
        assert environments.locked(lock, vendor, PYTHON, home=home).built
    finally:
        subprocess.run(["umount", home], check=True)


def test_clean_removes_what_was_not_used(home):
    old, new = build(home), build(home, "two")
    used = old.folder.parent / "used"
    os.utime(used, (time.time() - 40 * 86400,) * 2)
    assert environments.clean(30, home=home) == [old.folder.parent.name]
    assert not old.folder.exists()
    assert not build(home, "two").built
    assert new.folder.exists()
    assert environments.clean(0, home=home / "none") == []


def test_the_marker_tells_lock_and_python(home):
    made = build(home)
    told = json.loads((made.folder.parent / "complete").read_text())
    assert told["lock"] == hashlib.sha256(locked_wheels()[0]).hexdigest()
    assert told["python"] == PYTHON


@pytest.fixture
def places(tmp_path, monkeypatch) -> Path:
    """A user with a home, and a temporary folder."""
    for name in ("REGROW_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "ada"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_where_the_cache_is(places, monkeypatch):
    assert cache_home() == places / "ada" / ".cache" / "regrow"
    assert cache_home().stat().st_mode & 0o777 == 0o700
    monkeypatch.setenv("XDG_CACHE_HOME", str(places / "xdg"))
    assert cache_home() == places / "xdg" / "regrow"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_home() == places / "ada" / ".cache" / "regrow"
    monkeypatch.setenv("REGROW_HOME", str(places / "mine"))
    assert cache_home() == places / "mine"


def test_without_a_home_that_serves_it_is_a_private_folder_for_temporary_files(places, monkeypatch):
    (places / "ada").write_text("a file")
    found = cache_home()
    assert found == places / f"regrow-{os.getuid()}"
    assert found.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_others_could_write_to_is_refused(places, monkeypatch):
    (places / "ada").write_text("a file")
    planted = places / f"regrow-{os.getuid()}"
    planted.mkdir()
    planted.chmod(0o777)
    with pytest.raises(RegrowError, match="every user") as caught:
        cache_home()
    assert caught.value.code == Exit.UNSAFE
    planted.rmdir()
    planted.symlink_to(places)
    with pytest.raises(RegrowError):
        cache_home()


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a folder away")
def test_a_folder_of_another_user_is_refused(places, monkeypatch):
    monkeypatch.setenv("REGROW_HOME", str(places / "theirs"))
    (places / "theirs").mkdir()
    os.chown(places / "theirs", 12345, 12345)
    with pytest.raises(RegrowError, match="another user") as caught:
        cache_home()
    assert caught.value.code == Exit.UNSAFE


def test_a_regrow_home_that_can_not_be_made_is_told(places, monkeypatch):
    (places / "file").write_text("")
    monkeypatch.setenv("REGROW_HOME", str(places / "file" / "x"))
    with pytest.raises(RegrowError, match="can't be made") as caught:
        cache_home()
    assert caught.value.code == Exit.FAILURE
