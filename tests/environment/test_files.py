"""An edited library is named, by package and file, however it was edited, and whether anybody looked before."""

import base64
import hashlib
import importlib.util
import marshal
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.wheels import PYTHON, locked_wheels

from regrow.base import bytecode
from regrow.environment import files, records
from regrow.environment.records import PackageFolders
from regrow_history.environment import build

SITE = f"lib/python{PYTHON}/site-packages"
HELPER = f"{SITE}/helper/__init__.py"
COMPILED = f"{SITE}/helper/__pycache__/__init__{bytecode.ENDING}"


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """An environment of two tiny packages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UV_NO_INDEX", "1")
        patch.setenv("PIP_NO_INDEX", "1")
        base = tmp_path_factory.mktemp("environment files")
        patch.setenv("UV_CACHE_DIR", str(base / "uv"))
        return build.locked(*locked_wheels(), PYTHON, home=base / "home").folder


@pytest.fixture
def place(built, tmp_path) -> PackageFolders:
    """A copy of it that nobody has looked at."""
    shutil.copytree(built, tmp_path / "e ü", symlinks=True)
    (tmp_path / "e ü" / records.STAMP).unlink()
    return records.below(tmp_path / "e ü")


def told(place: PackageFolders) -> list[str]:
    return [str(one) for one in files.differences(place)]


def unseen(file: Path, data: bytes) -> None:
    """Other bytes, in place, with the old times."""
    about = file.stat()
    with file.open("r+b") as stream:
        stream.write(data)
        stream.truncate()
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))


def forge(folder: Path) -> None:
    """Bytecode of other code, for the date and size of the source."""
    pyc = folder / COMPILED
    code = compile("SAYS = 'forged'\n", str(folder / HELPER), "exec")
    unseen(pyc, pyc.read_bytes()[: bytecode.HEAD] + marshal.dumps(code))


def never_checked(folder: Path) -> None:
    """Bytecode that says that its source need not be looked at."""
    code = compile("SAYS = 'forged'\n", str(folder / HELPER), "exec")
    head = importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8)
    (folder / COMPILED).write_bytes(head + marshal.dumps(code))


def add(path: str, text: str = "x = 1\n") -> Callable[[Path], object]:
    def write(folder: Path) -> None:
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)

    return write


def link(folder: Path) -> None:
    (folder / "elsewhere.py").write_bytes((folder / HELPER).read_bytes())
    (folder / HELPER).unlink()
    (folder / HELPER).symlink_to(folder / "elsewhere.py")


# How it is edited -> (by what, what is named)
WAYS: dict[str, tuple[Callable[[Path], object], str]] = {
    "a line more": (lambda e: (e / HELPER).write_text("SAYS = 'one'\nSAYS = 2\n"), f"helper: {HELPER} is not as"),
    "the same size and date": (lambda e: unseen(e / HELPER, b"SAYS = 'two'\n"), f"helper: {HELPER} is not as"),
    "deleted": (lambda e: (e / HELPER).unlink(), f"helper: {HELPER} is gone"),
    "a link": (link, f"helper: {HELPER} is a link"),
    "a module more in a package": (add(f"{SITE}/helper/more.py"), f"helper: {SITE}/helper/more.py is there, and no"),
    "a compiled module that comes first": (add(f"{SITE}/helper/__init__.abi3.so"), "helper: "),
    "a package more": (add(f"{SITE}/numpyy/__init__.py"), f"{SITE}/numpyy/__init__.py is there, and no"),
    "bytecode without a source": (add(f"{SITE}/odd.pyc"), f"{SITE}/odd.pyc is there"),
    "forged bytecode": (forge, f"helper: {COMPILED} is not what its source compiles to"),
    "unchecked bytecode": (never_checked, f"helper: {COMPILED} is not what its source compiles to"),
    "a .pth file": (add(f"{SITE}/a.pth", "import os\n"), f"{SITE}/a.pth is there"),
    "sitecustomize": (add(f"{SITE}/sitecustomize.py"), f"{SITE}/sitecustomize.py is there"),
    "metadata of nobody": (
        add(f"{SITE}/x-1.dist-info/entry_points.txt", "[regrow]\n"),
        "x-1.dist-info/RECORD can't be",
    ),
    "RECORD deleted": (lambda e: (e / SITE / "helper-1.0.dist-info/RECORD").unlink(), "helper: "),
    "version": (lambda e: (e / SITE / "helper-1.0.dist-info/METADATA").write_text("Name: helper\n"), "helper: "),
    "a program": (lambda e: (e / "bin/regrow").write_text("#!/bin/sh\n"), "regrow: bin/regrow is not as"),
    "a program more": (add("bin/git"), "bin/git is there"),
    "pyvenv.cfg": (
        lambda e: (e / "pyvenv.cfg").write_text((e / "pyvenv.cfg").read_text().replace("= false", "= true")),
        "pyvenv.cfg lets in",
    ),
}


@pytest.mark.parametrize("seen", [False, True], ids=["before anybody looked", "afterwards"])
@pytest.mark.parametrize("way", WAYS)
def test_it_is_named(place, way, seen):
    if seen:
        assert told(place) == []
        assert files.is_as_seen(place)
    change, named = WAYS[way]
    change(place.root)
    first = told(place)
    assert any(named in line for line in first), first
    assert len(first) <= 2, "and nothing else"
    assert told(place) == first, "nor is it forgotten"
    assert not files.code_of(place, {"helper"})


def record_along(folder: Path) -> None:
    (folder / HELPER).write_text("SAYS = 2\n")
    digest = base64.urlsafe_b64encode(hashlib.sha256((folder / HELPER).read_bytes()).digest()).rstrip(b"=").decode()
    file = folder / SITE / "helper-1.0.dist-info/RECORD"
    rows = [f"helper/__init__.py,sha256={digest},9" if "__init__" in row else row for row in file.read_text().split()]
    file.write_text("\n".join(rows) + "\n")


LATER: dict[str, tuple[Callable[[Path], object], str]] = {
    "RECORD along with it": (record_along, f"helper: {SITE}/helper-1.0.dist-info/RECORD is not as it was when"),
    "pyvenv.cfg": (lambda e: (e / "pyvenv.cfg").write_text("home = /nowhere\n"), "pyvenv.cfg is not as it was when"),
    "Python": (
        lambda e: [(e / "bin/python").unlink(), (e / "bin/python").symlink_to("/bin/sh")],
        "bin/python is not as it was when",
    ),
}


@pytest.mark.parametrize("way", LATER)
def test_what_no_package_records_is_as_it_was_when_first_seen(place, way):
    assert told(place) == []
    change, named = LATER[way]
    change(place.root)
    assert [named in line for line in told(place)] == [True]
    assert [named in line for line in told(place)] == [True]


def test_what_changes_nothing_is_no_difference(place):
    assert told(place) == []
    (place.root / HELPER).touch()
    shutil.rmtree((place.root / COMPILED).parent)
    (place.root / "bin/activate").write_text("export MINE=1\n")
    (place.root / SITE / "helper/notes.txt").write_text("mine\n")
    assert not files.is_as_seen(place)
    assert told(place) == []
    assert files.is_as_seen(place)


def test_put_right_it_is_right(place):
    assert told(place) == []
    good = (place.root / HELPER).read_bytes()
    (place.root / HELPER).write_text("x\n")
    assert told(place)
    (place.root / HELPER).write_bytes(good)
    assert told(place) == []


def test_a_damaged_note_is_not_believed(place):
    for text in ("", "[]", "{}", "null", '{"whole": true, "paths": "", "seen": "", "held": {}}', "\0"):
        (place.root / records.STAMP).write_text(text)
        (place.root / HELPER).write_text("x\n")
        assert told(place), text


def test_it_is_looked_at_beside_other_work(place):
    assert files.begin(place, print)() == []
    begun = files.begin(place, print)
    assert begun() == []
    (place.root / HELPER).write_text("x\n")
    assert files.begin(place, print)()


def test_the_environment_that_runs_this_is_as_its_packages_recorded(capsys):
    here = records.here()
    assert here.root == Path(os.path.realpath(sys.prefix))
    assert files.differences(here) == []
    seen = files.code_of(here, {"scikit-learn"})
    assert any(path.endswith("sklearn/linear_model/_logistic.py") for path in seen)
    assert not any("/tests/" in path for path in seen)
