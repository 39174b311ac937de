"""One place says the version of all packages: the Git tag, and CHANGELOG.md where no tag is known."""

import hashlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import regrow

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (".", "plugins/regrow-features")
PARTS = ("CHANGELOG.md", "README.md", "LICENSE", "pyproject.toml", "hooks", "src", "plugins/regrow-features")
BUILD = "import sys, pathlib, wheels; print(wheels.build(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))"


def git(folder: Path, *command: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.invalid", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *who, *command], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def zipped(tmp_path_factory) -> Path:
    """What a zip of the repository has of two packages, inside somebody else's repository with a tag of its own."""
    top = tmp_path_factory.mktemp("others")
    git(top, "init", "--quiet")
    git(top, "commit", "--quiet", "--allow-empty", "--message", "theirs")
    git(top, "tag", "v7.0")
    for part in PARTS:
        source, target = ROOT / part, top / "regrow" / part
        target.parent.mkdir(parents=True, exist_ok=True)
        skip = shutil.ignore_patterns("__pycache__", "tests")
        shutil.copytree(source, target, ignore=skip) if source.is_dir() else shutil.copyfile(source, target)
    return top / "regrow"


@pytest.fixture
def clone(zipped, tmp_path) -> Path:
    """A clone with one commit after the tag v9.8, and a later tag that names no release."""
    root = tmp_path / "clone"
    shutil.copytree(zipped, root)
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "a release")
    git(root, "tag", "v9.8")
    git(root, "commit", "--quiet", "--allow-empty", "--message", "work")
    return root


def versions(root: Path) -> set[str]:
    """What hatchling makes of each package's pyproject.toml."""
    ask = [sys.executable, "-m", "hatchling", "metadata", "version"]
    return {subprocess.check_output(ask, cwd=root / package, text=True).strip() for package in PACKAGES}


def vendored(root: Path, target: Path) -> dict[str, str]:
    """name -> hash of the wheels that the template's hook builds."""
    ask = [sys.executable, "-c", BUILD]
    folder = root / "hooks"
    built = [subprocess.check_output([*ask, root / package, target], cwd=folder, text=True) for package in PACKAGES]
    wheels = [Path(line.strip()) for line in built]
    return {wheel.name: hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in wheels}


def announced() -> str:
    headings = re.findall(r"(?m)^## (\d\S*)", (ROOT / "CHANGELOG.md").read_text("utf-8"))
    return headings[0]


def test_the_tag_is_every_package_s_version(clone, tmp_path):
    assert versions(clone) == {"9.8"}
    assert list(vendored(clone, tmp_path / "wheels")) == [
        "regrow-9.8-py3-none-any.whl", "regrow_features-9.8-py3-none-any.whl"
    ]  # fmt: skip
    git(clone, "tag", "v10.0rc1")
    assert versions(clone) == {"10.0rc1"}


def test_a_tag_that_names_no_release_is_none(clone):
    git(clone, "tag", "v-next")
    git(clone, "tag", "2030")
    assert versions(clone) == {"9.8"}


def test_without_tag_or_repository_the_changelog_says_it(zipped, clone):
    git(clone, "tag", "--delete", "v9.8")
    assert versions(clone) == versions(zipped) == {announced()}


def test_two_clones_of_a_commit_give_the_same_wheels(clone, tmp_path):
    git(tmp_path, "clone", "--quiet", str(clone), "again")
    (tmp_path / "again/CHANGELOG.md").touch()
    (clone / "a file of nobody's").touch()
    assert vendored(clone, tmp_path / "one") == vendored(tmp_path / "again", tmp_path / "other")


def test_the_changelog_names_the_newest_tag(monkeypatch):
    """Else clones with tags and without would give other wheels."""
    monkeypatch.syspath_prepend(str(ROOT / "hooks"))
    import release

    assert release.tagged(ROOT) in {"", announced()}


def test_no_package_says_a_version_of_its_own():
    for file in (ROOT / "pyproject.toml", *ROOT.glob("plugins/*/pyproject.toml")):
        project = tomllib.loads(file.read_text("utf-8"))["project"]
        assert "version" not in project, file
        assert project["dynamic"] == ["version"], file
        assert project["authors"], file
        assert project["classifiers"], file
    assert [file for file in ROOT.glob("**/src/*/__init__.py") if "\n__version__ =" in file.read_text("utf-8")] == []


def test_regrow_says_what_is_installed():
    assert regrow.__version__ == importlib.metadata.version("regrow")
