"""Single faults, as disks, networks and people make them: mode, size and time stay where they can."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.repository import Repository
from tests.tiny import flip, replace_bytes, swap, truncate

from regrow.yaml_files import read_yaml

# Paths of the project by what they are to it; what Git keeps is not in DVC's cache.
INPUTS, OUTPUTS, IN_GIT = ("data/raw/x.txt", "data/raw/y.txt"), ("data/table.parquet", "page.html"), ("metrics.json",)


@dataclass(frozen=True)
class Fault:
    """kind: what is done. place: workspace, cache, remote, clone (a remote, with the cache lost), or commit.
    path: to what. names: of these one has to be in what verify says."""

    kind: str
    place: str
    path: str
    names: tuple[str, ...]

    @property
    def seen_by_replay(self) -> bool:
        """A replay reads the remote only for inputs that the cache lacks, and needs no recorded output to compare."""
        return self.place not in {"remote", "clone"} or (self.place == "clone" and self.path in INPUTS)


def all_faults() -> list[Fault]:
    """Each kind at each path of each place."""
    found = [
        Fault(kind, place, path, (path,))
        for place in ("workspace", "cache", "remote", "clone")
        for path in (*INPUTS, *OUTPUTS, *(IN_GIT if place == "workspace" else ()))
        for kind in ("flip", "truncate")
    ]
    for place in ("workspace", "cache", "remote", "clone"):
        found += [Fault("swap", place, pair[0], pair) for pair in (INPUTS, OUTPUTS)]
    found += [
        Fault(kind, place, "data/raw", ("data/raw",)) for place in ("cache", "remote") for kind in ("flip", "truncate")
    ]
    found += [Fault("edit", "commit", path, names) for path, (names, _) in EDITS.items()]
    return found


def _a_hash(text: str, path: str, section: str) -> str:
    """dvc.lock with another md5 of a path, where it stands among the outs or deps of a stage."""
    part = rf"(    {section}:\n(?:    [- ] .*\n)*?    - path: {re.escape(path)}\n      hash: md5\n      md5: )(\w)"
    changed, count = re.subn(part, lambda found: found[1] + ("0" if found[2] != "0" else "1"), text, count=1)
    assert count, text
    return changed


def _replaced(old: str, new: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        assert old in text, text
        return text.replace(old, new, 1)

    return edit


def _sub(pattern: str, new: str) -> Callable[[str], str]:
    def edit(text: str) -> str:
        changed, count = re.subn(pattern, new, text, count=1)
        assert count, text
        return changed

    return edit


# What is edited and committed: a name for it -> the names that tell of it, and (file, edit).
EDITS: dict[str, tuple[tuple[str, ...], tuple[str, Callable[[str], str]]]] = {
    "better metrics": (("metrics.json",), ("metrics.json", _sub(r"1(\d)\.0", r"9\1.5"))),
    "another hash of an output": (
        ("data/table.parquet",),
        ("dvc.lock", lambda text: _a_hash(text, "data/table.parquet", "outs")),
    ),
    "another hash of an input": (("data/raw",), ("dvc.lock", lambda text: _a_hash(text, "data/raw", "deps"))),
    "another hash of metrics": (("metrics.json",), ("dvc.lock", lambda text: _a_hash(text, "metrics.json", "outs"))),
    "another size": (("data/table.parquet",), ("dvc.lock", _sub(r"(table.parquet\n.*\n.*\n      size: )", r"\g<1>9"))),
    "another setting of the run": (("params.yaml", "stage make"), ("dvc.lock", _replaced("rows: 5", "rows: 4"))),
    "another setting": (("params.yaml",), ("params.yaml", _replaced("rows: 5", "rows: 4"))),
    "another command": (("stage score",), ("dvc.lock", _replaced("regrow stage score", "regrow stage make"))),
    "another input": (("data/raw",), ("data/raw.dvc", _sub(r"md5: (\w{5})\w", r"md5: \g<1>0"))),
    "another sha256": (("hashes/make.json",), ("hashes/make.json", _sub(r'("sha256": ")\w(\w{9})', r"\g<1>g\2"))),
    "another fingerprint": (("fingerprints/make.lock",), ("fingerprints/make.lock", _sub(r"python 3", "python 4"))),
    "another piece of code": (("src",), ("src/PKG/work.py", _replaced("start + n", "start - n"))),
}


def do(project: Repository, fault: Fault, dice: random.Random) -> None:
    """Make the fault."""
    if fault.place == "commit":
        path, edit = EDITS[fault.path][1]
        path = path.replace("PKG", project.package)
        project.write(path, edit(project.read(path)))
        project.commit(fault.path)
        return
    if fault.kind == "swap":
        swap(*(_file(project, fault.place, path) for path in fault.names))
        return
    file = _file(project, fault.place, fault.path)
    if fault.kind == "truncate":
        truncate(file)
    else:
        data = bytearray(file.read_bytes())
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        replace_bytes(file, bytes(data))


def _file(project: Repository, place: str, path: str) -> Path:
    """Where the bytes of a path lie."""
    if place == "workspace":
        return project.root / path
    md5 = hashes(project)[path]
    store = project.root / ".dvc/cache" if place == "cache" else project.root.parent / "remote"
    return store / "files/md5" / md5[:2] / md5[2:]


def hashes(project: Repository) -> dict[str, str]:
    """Path -> md5 of what DVC keeps; of the input's folder the files, too."""
    stages = read_yaml(project.read("dvc.lock"), "dvc.lock")["stages"].values()
    found = {str(item["path"]): str(item["md5"]) for stage in stages for item in (*stage["deps"], *stage["outs"])}
    listing = read_yaml(project.object(found["data/raw"]).read_text(), "a folder")
    return found | {f"data/raw/{one['relpath']}": str(one["md5"]) for one in listing}


__all__ = ["Fault", "all_faults", "do", "flip", "hashes"]
