"""Wheels of regrow and its plugins, built from this checkout by the standard library: the same bytes everywhere."""

import base64
import hashlib
import re
import tomllib
import zipfile
from pathlib import Path

import release

DATE = (2020, 2, 2, 0, 0, 0)  # the date that hatchling gives, too
LEFT_OUT = {"__pycache__", ".DS_Store"}
KNOWN = {
    "name", "version", "dynamic", "description", "readme", "requires-python", "license", "dependencies", "scripts",
    "entry-points", "authors", "keywords", "classifiers", "urls", "optional-dependencies",
}  # fmt: skip


def build(package: Path, folder: Path) -> Path:
    """Build the wheel of a pure Python package (a folder with pyproject.toml and src/) into `folder`; returns its path.

    Files are stored, since compressed bytes differ from one zlib to the next. Raises OSError, ValueError.
    """
    project = tomllib.loads((package / "pyproject.toml").read_text("utf-8"))["project"]
    if unknown := set(project) - KNOWN:
        raise ValueError(
            f"{package / 'pyproject.toml'}: this wheel writer does not know [project] {', '.join(sorted(unknown))}"
        )
    if project.get("dynamic") == ["version"]:
        project["version"] = release.version()
    stem = f"{re.sub(r'[-_.]+', '_', project['name']).lower()}-{project['version']}"
    files = {path.relative_to(package / "src").as_posix(): path.read_bytes() for path in sources(package / "src")}
    if not files:
        raise ValueError(f"{package / 'src'}: there is nothing to pack")
    info = f"{stem}.dist-info"
    licences = sorted(path for path in package.glob("LICEN[CS]E*") if path.is_file())
    files |= {f"{info}/licenses/{path.name}": path.read_bytes() for path in licences}
    files[f"{info}/METADATA"] = metadata(project, package, [path.name for path in licences]).encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: regrow\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if text := entry_points(project):
        files[f"{info}/entry_points.txt"] = text.encode()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{stem}-py3-none-any.whl"
    write(target, files, f"{info}/RECORD")
    return target


def sources(folder: Path) -> list[Path]:
    """The files of src/, sorted, without what Python and editors leave there."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and not LEFT_OUT.intersection(path.relative_to(folder).parts)
    )


def metadata(project: dict, package: Path, licences: list[str]) -> str:
    """The METADATA file (core metadata 2.4)."""
    lines = ["Metadata-Version: 2.4", f"Name: {project['name']}", f"Version: {project['version']}"]
    lines += [f"Summary: {project['description']}"] if "description" in project else []
    lines += [f"Project-URL: {label}, {url}" for label, url in sorted(project.get("urls", {}).items())]
    lines += [f"Author: {', '.join(author['name'] for author in project['authors'])}"] if "authors" in project else []
    lines += [f"License-Expression: {project['license']}"] if "license" in project else []
    lines += [f"License-File: {name}" for name in licences]
    lines += [f"Keywords: {','.join(project['keywords'])}"] if "keywords" in project else []
    lines += [f"Classifier: {classifier}" for classifier in sorted(project.get("classifiers", []))]
    lines += [f"Requires-Python: {project['requires-python']}"] if "requires-python" in project else []
    lines += [f"Requires-Dist: {need}" for need in sorted(project.get("dependencies", []))]
    for extra, needs in sorted(project.get("optional-dependencies", {}).items()):
        lines += [f"Provides-Extra: {extra}", *(f"Requires-Dist: {_under(need, extra)}" for need in sorted(needs))]
    text = (package / project["readme"]).read_text("utf-8") if "readme" in project else ""
    lines += ["Description-Content-Type: text/markdown", "", text] if text else [""]
    return "\n".join(lines)


def _under(need: str, extra: str) -> str:
    requirement, _, marker = (part.strip() for part in need.partition(";"))
    return f"{requirement}; ({marker}) and extra == '{extra}'" if marker else f"{requirement}; extra == '{extra}'"


def entry_points(project: dict) -> str:
    """The entry_points.txt file, or "" if there are none."""
    groups = {"console_scripts": project.get("scripts", {}), **project.get("entry-points", {})}
    return "\n".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in sorted(points.items()))
        for group, points in sorted(groups.items())
        if points
    )


def write(target: Path, files: dict[str, bytes], record: str) -> None:
    """A zip of `files` in sorted order with fixed dates and modes, its RECORD last."""
    rows = "".join(f"{name},sha256={_digest(files[name])},{len(files[name])}\n" for name in sorted(files))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, content in [
            *((name, files[name]) for name in sorted(files)),
            (record, f"{rows}{record},,\n".encode()),
        ]:
            entry = zipfile.ZipInfo(name, DATE)
            entry.external_attr, entry.create_system = 0o100644 << 16, 3
            archive.writestr(entry, content)


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
