"""An environment with an edited library serves nothing, and one that equals a lock is as good as one built from it."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.repository import Repository
from tests.wheels import PYTHON, wheel

from regrow_history.environment import installer

ASK = "import json, sys; from regrow_history.environment.running import unlike_lock as ask; d = json.load(sys.stdin); "
ASK += "print(json.dumps(ask(d['lock'].encode(), {n: bytes.fromhex(b) for n, b in d['vendor'].items()}, d['python'])))"


@dataclass(frozen=True)
class Virtual:
    """An environment of its own that finds regrow, DVC and the rest in this one, by a .pth file that a package records.

    lock, vendor: what it was made of."""

    folder: Path
    lock: str
    vendor: dict[str, bytes]

    @property
    def helper(self) -> Path:
        """The code of its other package."""
        return self.folder / f"lib/python{PYTHON}/site-packages/helper/__init__.py"

    def shell(self, environment: dict[str, str]) -> dict[str, str]:
        """Variables of a shell in which it is active."""
        return {**environment, "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    def unlike(self, python: str = PYTHON, **vendor: bytes) -> list[str]:
        """What `unlike_lock` says in it."""
        wheels = {**self.vendor, **{f"{name}-1.0-py3-none-any.whl": data for name, data in vendor.items()}}
        asked = {"lock": self.lock, "vendor": {name: data.hex() for name, data in wheels.items()}, "python": python}
        command = [self.folder / "bin/python", "-c", ASK]
        done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=True)
        return json.loads(done.stdout)


def pin(name: str, data: bytes) -> str:
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(data).hexdigest()}\n"


@pytest.fixture(scope="module")
def virtual(tmp_path_factory) -> Virtual:
    base = tmp_path_factory.mktemp("virtual")
    others = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    all_else = wheel("rest", "from regrow.__main__ import main", "regrow", {"rest.pth": others})
    vendor = dict([all_else, wheel("helper", "SAYS = 1\n")])
    (base / "vendor").mkdir()
    for name, data in vendor.items():
        (base / "vendor" / name).write_bytes(data)
    lock = "".join(pin(name.partition("-")[0], data) for name, data in vendor.items())
    (base / "lock").write_text(lock)
    assert installer.make_venv(Path(os.path.realpath(sys.executable)), base / "e") == []
    commands = installer.install_commands(base / "e/bin/python", base / "lock", base / "vendor")
    assert any(installer.run(command, base, lambda _: None)[0] == 0 for command in commands)
    return Virtual(base / "e", lock, vendor)


@pytest.fixture
def edited(virtual):
    """A line more in its library, for one test."""
    before = virtual.helper.read_bytes()
    virtual.helper.write_text("SAYS = 1\nSAYS = 2\n")
    yield virtual
    virtual.helper.write_bytes(before)


def test_one_that_equals_the_lock_stands_for_it(virtual):
    assert virtual.unlike() == []


def test_one_that_does_not_equal_the_lock_says_why(virtual):
    (other,) = [wheel("helper", "SAYS = 'another build of that version'\n")[1]]
    assert virtual.unlike("3.8") == [f"it has Python {PYTHON}, not 3.8"]
    assert virtual.unlike(helper=other) == ["helper was not installed from vendor/helper-1.0-py3-none-any.whl"]
    more = Virtual(virtual.folder, f"{virtual.lock}absent==2.0 --hash=sha256:00\n", virtual.vendor)
    assert more.unlike() == ["absent: locked 2.0, here not installed"]
    less = Virtual(virtual.folder, pin("rest", b""), {})
    assert less.unlike() == ["helper is here, and not locked"]


def test_an_edited_one_stands_for_nothing(edited):
    (said,) = edited.unlike()
    assert said == f"helper: lib/python{PYTHON}/site-packages/helper/__init__.py is not as its package recorded it"


@pytest.fixture(scope="module")
def project(made, virtual, tmp_path_factory) -> Repository:
    """A project that has run in it, and stands on `helper`."""
    root = tmp_path_factory.mktemp("edited") / "p"
    shutil.copytree(made.root, root, symlinks=True)
    project = Repository(root, made.package, virtual.shell(made.environment))
    project.edit(f"src/{made.package}/parts.py", '"""The components."""\n', '"""The components."""\n\nimport helper\n')
    project.edit(f"src/{made.package}/parts.py", "x + settings.by", "x + settings.by * helper.SAYS")
    project.commit("it stands on a library")
    regrow(project, "compile")
    project.commit("compiled")
    regrow(project, "run")
    project.commit("with its results")
    return project


def regrow(project: Repository, *command: str, code: int | None = 0) -> str:
    done = project.run(str(Path(project.environment["PATH"].split(os.pathsep)[0]) / "regrow"), *command, code=code)
    return done.stdout + done.stderr


def test_an_edited_library_is_refused_by_name(project, virtual, request):
    assert "up to date" in regrow(project, "run")
    assert "package helper 1.0" in project.read("fingerprints/make.lock")
    request.getfixturevalue("edited")
    named = "helper: lib/"
    for command in (["run"], ["run", "--force"], ["replay", "HEAD", "--env", "current"], ["sweep", "rows=3,4"]):
        said = regrow(project, *command, code=4)
        assert named in said, command
        assert "make setup" in said, command
    assert named in regrow(project, "doctor", code=1)
    assert named in regrow(project, "doctor", "--environment", code=4)
    assert project.run("git", "status", "--porcelain").stdout == ""
    regrow(project, "run", "--force", "--allow-dirty")
    assert named in project.read("hashes/not-replayable.patch")
    project.run("git", "checkout", "--quiet", ".")
    project.run("git", "clean", "-qfd", "hashes")


def test_what_no_clone_would_get_is_refused_by_name(project, virtual):
    (name,) = (name for name in virtual.vendor if name.startswith("helper"))
    texts = "".join(file.read_text() for file in (project.root / "fingerprints").glob("*.lock"))
    others = set(re.findall(r"(?m)^package (\S+) (\S+)$", texts)) - {("helper", "1.0")}
    lock = "".join(f"{package}=={version}\n" for package, version in sorted(others))
    project.write("requirements.lock", lock)
    said = regrow(project, "run", code=4)
    assert "requirements.lock: has no line for packages that stages stand on:\n  helper: make\n" in said
    assert "helper: make" in regrow(project, "doctor", code=1)
    project.write("requirements.lock", lock + pin("helper", virtual.vendor[name]))
    (project.root / "vendor").mkdir()
    (project.root / "vendor/.gitignore").write_text("*\n")
    (project.root / "vendor" / name).write_bytes(virtual.vendor[name])
    project.commit("a lock and no wheel")
    assert f"vendor/{name}: is ignored by Git, so no commit can hold it" in regrow(project, "run", code=5)
    assert f"vendor/{name}: is ignored by Git" in regrow(project, "doctor", code=1)
    project.run("git", "add", "--force", f"vendor/{name}")
    project.commit("a wheel")
    assert "in no commit" not in regrow(project, "run", "--dry", code=None)
