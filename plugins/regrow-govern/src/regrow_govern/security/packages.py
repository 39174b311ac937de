"""Packages: what is known against them today, and how those of two bundles differ."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regrow import RegrowError, layout
from regrow.base.errors import Exit
from regrow.plugin.project import Project

TOOL = "pip-audit"
NOT_AUDITED, CLEAN, VULNERABLE = "not audited", "clean", "vulnerable"
LIMIT = "what the database that pip-audit asks knows today; tomorrow it may know more. Nobody's database has all."


@dataclass(frozen=True)
class Audit:
    """What came of an audit."""

    #: clean, vulnerable or not audited
    result: str
    #: why it was not, or what was asked
    said: str
    audited: int = 0
    #: package -> what is known against it
    known: tuple[tuple[str, str], ...] = ()
    #: packages of vendor/, which no index knows
    not_audited: tuple[str, ...] = ()

    @property
    def code(self) -> Exit:
        """Not audited is not clean."""
        return {CLEAN: Exit.OK, VULNERABLE: Exit.FAILURE}.get(self.result, Exit.NOT_PROVEN)


def audit(project: Project) -> Audit:
    """`pip-audit --strict` over requirements.lock, without the project's own wheels. Anything but a whole answer is
    "not audited"."""
    tool = shutil.which(TOOL, path=str(Path(sys.executable).parent)) or shutil.which(TOOL)
    lock = project.path(layout.REQUIREMENTS)
    if not lock.is_file():
        return Audit(NOT_AUDITED, f"there is no {layout.REQUIREMENTS}")
    own, asked = _without_own(project, lock.read_text(encoding="utf-8"))
    if tool is None:
        return Audit(NOT_AUDITED, f"{TOOL} is not installed: pip install {TOOL}", not_audited=own)
    with tempfile.TemporaryDirectory(prefix="regrow-") as folder:
        file = Path(folder) / "requirements.txt"
        file.write_text(asked, encoding="utf-8")
        command = [tool, "--strict", "--disable-pip", "--require-hashes", "--progress-spinner=off", "--format=json"]
        done = subprocess.run([*command, "-r", str(file)], capture_output=True, text=True, check=False)
    return told(done.stdout, done.stderr, done.returncode, own)


def told(out: str, errors: str, code: int, own: tuple[str, ...]) -> Audit:
    """Of what pip-audit printed, by its JSON format. Skipped packages make it "not audited"."""
    try:
        found = json.loads(out)["dependencies"]
        known = tuple((f"{one['name']} {one['version']}", ", ".join(v["id"] for v in one["vulns"]))
                      for one in found if one.get("vulns"))  # fmt: skip
        skipped = [one["name"] for one in found if "skip_reason" in one]
    except (ValueError, KeyError, TypeError):
        last = (errors.strip() or out.strip() or f"it ended in {code}").splitlines()[-1]
        return Audit(NOT_AUDITED, f"{TOOL} failed: {last}", not_audited=own)
    if known:
        return Audit(VULNERABLE, f"{len(known)} of {len(found)} packages", len(found), known, own)
    if code != 0 or skipped or not found:
        why = f"skipped {', '.join(skipped)}" if skipped else f"{TOOL} ended in {code}"
        return Audit(NOT_AUDITED, why, len(found) - len(skipped), (), own)
    return Audit(CLEAN, f"nothing is known against {len(found)} packages", len(found), (), own)


def _without_own(project: Project, text: str) -> tuple[tuple[str, ...], str]:
    """Names of packages that come from vendor/, and the lock without them."""
    wheels = {
        wheel.name.partition("-")[0].replace("_", "-").lower() for wheel in project.path(layout.VENDOR).glob("*.whl")
    }
    blocks: list[list[str]] = []
    for line in text.splitlines():
        if line[:1].strip() and not line.startswith("#"):
            blocks.append([line])
        elif blocks:
            blocks[-1].append(line)
    own = [block for block in blocks if _name(block[0]) in wheels]
    kept = [line for block in blocks if block not in own for line in block]
    return tuple(sorted(_name(block[0]) for block in own)), "\n".join(kept) + "\n"


def _name(line: str) -> str:
    return re.split(r"==|[ \[;]", line, maxsplit=1)[0].replace("_", "-").lower()


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Two CycloneDX documents, as `sbom.cdx.json` of bundles: packages that came, went, or have another version or
    licence; and whether the model is another one."""
    sides = [{one["name"]: one for one in document.get("components", ())} for document in (old, new)]
    both = sorted(sides[0].keys() & sides[1].keys())
    changed = [
        {"name": name, "from": _shown(sides[0][name]), "to": _shown(sides[1][name])}
        for name in both
        if _shown(sides[0][name]) != _shown(sides[1][name])
    ]
    models = [document["metadata"]["component"]["hashes"][0]["content"] for document in (old, new)]
    return {
        "added": [{"name": name, "to": _shown(sides[1][name])} for name in sorted(sides[1].keys() - sides[0].keys())],
        "removed": [
            {"name": name, "from": _shown(sides[0][name])} for name in sorted(sides[0].keys() - sides[1].keys())
        ],
        "changed": changed,
        "same": len(both) - len(changed),
        "model": {"from": models[0], "to": models[1]},
    }


def _shown(component: Mapping[str, Any]) -> str:
    """Version and licence."""
    listed = component.get("licenses") or [{}]
    licence = listed[0].get("expression") or listed[0].get("license", {}).get("name", "unknown")
    return f"{component['version']} ({licence})"


def document(project: Project, what: str, folder: Path) -> dict[str, Any]:
    """The SBOM of a bundle: a file, or that of a commit. Raises RegrowError where there is none."""
    from regrow_serve import archive
    from regrow_serve.commands import bundle_file

    file = Path(what) if Path(what).is_file() else bundle_file(None, what, folder)
    members, _ = archive.unpack(file.read_bytes(), str(file))
    if "sbom.cdx.json" not in members:
        raise RegrowError("holds no sbom.cdx.json", where=what)
    found: dict[str, Any] = json.loads(members["sbom.cdx.json"])
    return found


def lines(made: Mapping[str, Any]) -> Iterator[str]:
    """For a terminal."""
    for what in ("added", "removed", "changed"):
        for one in made[what]:
            yield f"{what:8} {one['name']}: {' -> '.join(one[key] for key in ('from', 'to') if key in one)}"
    yield f"{made['same']} packages are the same"
    models = made["model"]
    same = models["from"] == models["to"]
    yield "the model is the same" if same else f"the model is another: {models['from'][:12]} -> {models['to'][:12]}"
