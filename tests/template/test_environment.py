"""The locks and the wheels: complete, by hash, in agreement with each other and with what the real build tool makes."""

import email
import hashlib
import re
import sys
import zipfile
from importlib.metadata import EntryPoints
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from template_projects import ROOT

TEMPLATE = ROOT / "template/project"
LOCKS = [ROOT / "requirements.lock", TEMPLATE / "{{cookiecutter.__folder}}" / "requirements.lock"]
PACKAGES = [ROOT, *sorted(path.parent for path in (ROOT / "plugins").glob("*/pyproject.toml"))]
sys.path.insert(0, str(ROOT / "tools"))


def pins(lock: Path) -> dict[str, set[tuple[str, str]]]:
    """Name -> {(version, marker)} of a lock."""
    found: dict[str, set[tuple[str, str]]] = {}
    for line in re.findall(r"^[a-z0-9].*", lock.read_text("utf-8"), re.MULTILINE):
        need = Requirement(line.removesuffix("\\").strip())
        found.setdefault(canonicalize_name(need.name), set()).add((str(need.specifier), str(need.marker or "")))
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=["repository", "template"])
def test_a_lock_holds_every_dependency_by_hash_and_no_address(lock):
    import lock as task

    text, pinned = lock.read_text("utf-8"), pins(lock)
    for need in map(Requirement, task.third_party()):
        versions = {specifier.removeprefix("==") for specifier, _ in pinned[canonicalize_name(need.name)]}
        assert versions, need
        assert all(need.specifier.contains(version) for version in versions), need
    assert not re.search(r"://|find-links|index-url|^-|/work|/root|/home", text, re.MULTILINE)
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "uv" in pinned
    assert "ruamel-yaml-clib" in pinned


def test_both_locks_agree():
    repository, template = ({name: {v for v, _ in pin} for name, pin in pins(lock).items()} for lock in LOCKS)
    assert set(template) <= set(repository)
    assert {name: repository[name] for name in template} == template


def test_wheels_are_pinned_by_their_hash(flights):
    pinned = pins(flights / "requirements.lock")
    text = (flights / "requirements.lock").read_text("utf-8")
    wheels = sorted((flights / "vendor").iterdir())
    assert len(wheels) == 7
    assert list(pinned) == sorted(pinned), "make lock would write another order"
    for wheel in wheels:
        name, version = wheel.name.split("-")[:2]
        assert pinned[canonicalize_name(name)] == {(f"=={version}", "")}
        assert hashlib.sha256(wheel.read_bytes()).hexdigest() in text
        assert f"{canonicalize_name(name)}=={version}\n" in (flights / "requirements.in").read_text("utf-8")


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_a_wheel_is_what_the_build_tool_makes(package, wheels, tmp_path):
    builder = pytest.importorskip("hatchling.builders.wheel").WheelBuilder(str(package))
    theirs = read(Path(next(builder.build(directory=str(tmp_path / "theirs"), versions=["standard"]))))
    ours = read(wheels.build(package, tmp_path / "ours"))
    skipped = ("METADATA", "WHEEL", "RECORD", "entry_points.txt")
    assert sorted(ours) == sorted(theirs)
    assert [name for name in ours if not name.endswith(skipped) and ours[name] != theirs[name]] == []
    assert summary(ours) == summary(theirs)
    assert points(ours) == points(theirs)
    for line in next(content for name, content in ours.items() if name.endswith("RECORD")).decode().splitlines():
        name, digest, size = line.rsplit(",", 2)
        assert name in ours
        assert not digest or int(size) == len(ours[name])


def test_a_wheel_has_the_same_bytes_each_time(wheels, tmp_path):
    first, second = (wheels.build(ROOT, tmp_path / name).read_bytes() for name in "ab")
    assert first == second


def read(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def summary(wheel: dict[str, bytes]) -> dict[str, object]:
    message = email.message_from_bytes(next(content for name, content in wheel.items() if name.endswith("METADATA")))
    needs = {canonical(need) for need in message.get_all("Requires-Dist", [])}
    keys = ("Name", "Version", "Summary", "Author", "Keywords", "Requires-Python", "License-Expression")
    every = {key: message.get_all(key) for key in ("License-File", "Classifier", "Description-Content-Type")}
    return {"needs": needs, "text": message.get_payload(), **every} | {key: message[key] for key in keys}


def canonical(requirement: str) -> str:
    need = Requirement(requirement)
    need.name = canonicalize_name(need.name)
    return str(need)


def points(wheel: dict[str, bytes]) -> set[tuple[str, str, str]]:
    text = next((content.decode() for name, content in wheel.items() if name.endswith("entry_points.txt")), "")
    return {(point.group, point.name, point.value) for point in EntryPoints._from_text_for(text, None)}
