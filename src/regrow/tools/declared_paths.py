"""The paths that DVC's files declare, and those regrow writes itself: none may lead out of the project.

DVC deletes what a stage makes before it runs it, wherever that lies, and asks nobody.
"""

import os
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base.errors import Exit, Problem, RegrowError
from regrow.base.safe_path import FIX, leads_out, unsafe
from regrow.base.yaml_files import read_yaml
from regrow.tools import dvc_templates, git, stores

WRITES, TRACKS, READS, RUNS = "writes", "tracks", "reads", "runs in"
STAGE = ", stage "  # between the name of a dvc.yaml and a stage's
SECTIONS = {"outs": WRITES, "metrics": WRITES, "plots": WRITES, "deps": READS}  # also as outs_persist of older DVC
TEMPLATED = "${"
OWN = (layout.PARAMS, layout.SETTINGS_LOCK, layout.HASHES, layout.PLUGIN_DEFAULTS, layout.DVC_YAML, layout.DVC_LOCK,
       layout.SCRATCH)  # fmt: skip
# What a project is made of. A stage may add to it, but DVC would delete all of it first.
WHOLE = {layout.CONF, layout.SOURCE, layout.VENDOR, layout.PYPROJECT, layout.REQUIREMENTS, layout.FINGERPRINTS,
         layout.HASHES, layout.DVC_YAML, layout.DVC_LOCK, ".gitignore", ".dvcignore", ""}  # fmt: skip
READ_FIX = "copy it into the project, and keep it there: git add, or dvc add; then name that path"


@dataclass(frozen=True)
class DeclaredPath:
    """A path that a file declares. path: from the project, in its plain form. where: file and stage. use: WRITES (a
    stage; DVC deletes it first), TRACKS (a .dvc file), READS or RUNS."""

    path: str
    where: str
    use: str


def of_project(root: Path, files: Mapping[str, str] | None = None) -> list[DeclaredPath]:
    """What all dvc.yaml and .dvc files of the project declare, with values put into templates where that can be done.

    files: path -> text of what is about to be written. Raises RegrowError for one that is no YAML.
    """
    found = git.visible(root, f":(glob)**/{layout.DVC_YAML}", ":(glob)**/*.dvc") or [layout.DVC_YAML]
    texts = {path: (root / path).read_bytes().decode("utf-8", "replace") for path in found if _is_ours(root, path)}
    there = dvc_templates.on_disk(root)
    return of_texts(texts, lambda path: files[path].encode() if files and path in files else there(path))


def of_texts(texts: Mapping[str, str], read: dvc_templates.Read) -> list[DeclaredPath]:
    """The same of files that are not on disk: path -> text. read: gives those whose values are put into templates."""
    return [one for path, text in texts.items() for one in _of_document(path, parsed(text, path), read)]


def require_steps_inside(root: Path, written: Iterable[tuple[str, str]]) -> None:
    """`require_inside` of what DVC is about to run: (file and stage, path) of each output."""
    refuse(written_outside(root, _written(written)))


def _written(pairs: Iterable[tuple[str, str]]) -> list[DeclaredPath]:
    return [DeclaredPath(joined("", path), where, WRITES if STAGE in where else TRACKS) for where, path in pairs]


def require_inside(
    root: Path,
    stages: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
    declared: Sequence[DeclaredPath] | None = None,
) -> None:
    """Raise RegrowError (exit code UNSAFE) if something is declared that would write outside of the project.

    stages: those that dvc.yaml is about to have beside what is on disk. files: as in `of_project`. declared: what that
    gave, where it was asked already.
    """
    known = of_project(root, files) if declared is None else declared
    refuse([*written_outside(root, [*known, *_of_stages(layout.DVC_YAML, stages or {})]), *_own(root)])


def refuse(problems: Iterable[Problem]) -> None:
    """Raise RegrowError (exit code UNSAFE) if there are any."""
    if found := list(dict.fromkeys(problems)):
        raise RegrowError.of(found, Exit.UNSAFE)


def written_outside(root: Path, declared: Iterable[DeclaredPath]) -> Iterable[Problem]:
    """Of the declared, what writes outside of the project, or would delete what the project is made of."""
    for one in declared:
        if one.use != READS and TEMPLATED not in one.path and (wrong := _wrong(root, one)):
            yield Problem(f"{one.use} {one.path or '.'!r}, which {wrong}", one.where, FIX)


def read_outside(declared: Iterable[DeclaredPath]) -> Iterable[Problem]:
    """Of the declared, what reads outside of the project: no commit of it could hold that, and no replay has it."""
    for one in declared:
        if one.use == READS and one.path and (one.path.partition("/")[0] in {"", ".."} or "://" in one.path):
            wrong = f"reads {one.path!r}, which lies outside the project: no commit of it holds that"
            yield Problem(wrong, one.where, READ_FIX)


def _wrong(root: Path, one: DeclaredPath) -> str:
    if "://" in one.path:
        return "is an address: outputs lie in the project"
    if one.use == RUNS and not one.path:
        return ""
    if one.path in WHOLE and one.use == WRITES:
        return "is a part of the project itself, which DVC would delete before each run"
    if one.path.partition("/")[0] in {"", ".."}:
        return "lies outside the project"
    return unsafe(one.path) or _linked_out(root, one.path)


def _linked_out(root: Path, path: str) -> str:
    """Why a path leads out of the project on the disk; a link into DVC's cache does not, it is DVC's own."""
    wrong = leads_out(root, path)
    if wrong or not (root / path).is_symlink():
        return wrong
    real, top = os.path.realpath(root / path), os.path.realpath(root)
    cache = stores.cache(root).folder
    if _below(real, top) or (cache is not None and _below(real, os.path.realpath(cache))):
        return ""
    return f"is a link to {real}, outside the project"


def _own(root: Path) -> Iterable[Problem]:
    """What regrow writes itself, where a link in its way leads out."""
    top = os.path.realpath(root)
    for path in OWN:
        wrong = leads_out(root, path) if path != layout.SCRATCH else ""
        if not wrong and not _below(real := os.path.realpath(root / path), top):
            wrong = f"leads to {real}, outside the project"
        if wrong:
            yield Problem(wrong, path, "put a file or folder of the project's own in the place of the link")


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}{os.sep}")


def _is_ours(root: Path, path: str) -> bool:
    """Whether it is a file that DVC reads for this project: there, and in no project of its own."""
    above = (parent for parent in Path(path).parents if parent.parts)
    return (root / path).is_file() and not any((root / parent / ".dvc").is_dir() for parent in above)


@lru_cache(maxsize=64)
def parsed(text: str, file: str) -> Any:
    """As `read_yaml`, once for all who ask the same; nobody changes it."""
    return read_yaml(text, file)


def _of_document(file: str, document: Any, read: dvc_templates.Read) -> Iterable[DeclaredPath]:
    if not isinstance(document, dict):
        return
    folder, name = posixpath.split(file)
    if name != layout.DVC_YAML:
        yield from _of_entry(folder, {"wdir": document.get("wdir"), "outs": document.get("outs")}, file, TRACKS)
        return
    pipeline = dvc_templates.resolve(document, folder, read)
    written = {name: document["stages"][name] for name in pipeline.unresolved}
    plain = {name: (one.get("do") or one) if isinstance(one, dict) else {} for name, one in written.items()}
    yield from _of_stages(file, {**pipeline.stages, **plain})


def _of_stages(file: str, stages: Mapping[str, Any]) -> Iterable[DeclaredPath]:
    for stage, entry in stages.items():
        yield from _of_entry(posixpath.dirname(file), entry, f"{file}{STAGE}{stage}")


def _of_entry(folder: str, entry: Mapping[str, Any], where: str, writes: str = WRITES) -> Iterable[DeclaredPath]:
    if not isinstance(entry, dict):
        return
    place = joined(folder, str(entry.get("wdir") or "."))
    yield DeclaredPath(place, where, RUNS)
    for section, items in entry.items():
        use = SECTIONS.get(section.partition("_")[0]) if isinstance(section, str) else None
        for item in items if use and isinstance(items, list) else ():
            yield DeclaredPath(joined(place, _named(item)), where, use if use == READS else writes)


def _named(item: Any) -> str:
    """`path`, or `path: options` in dvc.yaml, or `path: PATH` among other keys in a .dvc file."""
    if isinstance(item, dict):
        item = item["path"] if isinstance(item.get("path"), str) else next(iter(item), "")
    return str(item)


def joined(folder: str, written: str) -> str:
    """A path from the project in its plain form: `written` from a folder of it; "" for the project itself."""
    if "://" in written:
        return written
    path = posixpath.normpath(posixpath.join(folder, written))
    return "" if path == "." else path
