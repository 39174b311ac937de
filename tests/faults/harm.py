"""Single faults, as disks, networks and people make them: mode, size and time stay where they can."""

import hashlib
import json
import random
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import git_harm
from tests.repository import Repository
from tests.tiny import flip, replace_bytes, swap, truncate

from regrow.base import hashing
from regrow.base.yaml_files import read_yaml

# Paths of the project by what they are to it; what Git keeps is not in DVC's cache.
INPUTS, OUTPUTS, IN_GIT = ("data/raw/x.txt", "data/raw/y.txt"), ("data/table.parquet", "page.html"), ("metrics.json",)
WHEELS = ("vendor/one-1.0-py3-none-any.whl", "vendor/two-1.0-py3-none-any.whl")
# What a commit is made of, as Git names it; each beside a neighbour that it may be swapped with.
OBJECTS = (
    *("HEAD", "HEAD^{tree}", "HEAD:src", "HEAD:conf/config.yaml", "HEAD:conf/plugins.yaml", "HEAD:data/raw.dvc"),
    *("HEAD:dvc.lock", "HEAD:dvc.yaml", "HEAD:fingerprints/make.lock", "HEAD:fingerprints/score.lock"),
    *("HEAD:hashes/make.json", "HEAD:hashes/score.json", "HEAD:metrics.json", "HEAD:params.yaml"),
    *("HEAD:pyproject.toml", "HEAD:requirements.lock", "HEAD:src/PKG/work.py", "HEAD:src/PKG/parts.py"),
    *(f"HEAD:{path}" for path in WHEELS),
)


@dataclass(frozen=True)
class Fault:
    """kind: what is done. place: loose and packed (objects of Git's), workspace, cache, remote, clone (a remote, with
    the cache lost), or commit. path: to what. names: of these one has to be in what is said. everywhere: the last place
    that speaks of it was forged, too, so that only a replay can tell."""

    kind: str
    place: str
    path: str
    names: tuple[str, ...]
    everywhere: bool = False

    @property
    def seen_by_replay(self) -> bool:
        """A replay reads the remote only for inputs that the cache lacks, and needs no recorded output to compare."""
        return self.place not in {"remote", "clone"} or (self.place == "clone" and self.path in INPUTS)


def all_faults() -> list[Fault]:
    """Each kind at each path of each place."""
    found = [
        Fault(kind, place, path, (path.partition(":")[2], "HEAD"))
        for place, kinds in (("loose", ("flip", "truncate", "rewrite", "swap", "delete")), ("packed", ("swap",)))
        for path in OBJECTS
        for kind in kinds
    ]
    found += [
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
    for path, (names, steps) in FORGED.items():
        last = len(steps)
        found += [Fault(f"forged in {n}", "commit", path, names, n == last) for n in range(1, last + 1)]
    return found


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
    "another size": (("data/table.parquet",), ("dvc.lock", _sub(r"(table.parquet\n.*\n.*\n      size: )", r"\g<1>9"))),
    "another setting of the run": (("params.yaml", "stage make"), ("dvc.lock", _replaced("rows: 5", "rows: 4"))),
    "another command of the run": (
        ("stage score",),
        ("dvc.lock", _replaced("regrow stage score", "regrow stage make")),
    ),
    "one command more": (
        ("stage score",),
        ("dvc.yaml", _replaced("cmd: regrow stage score", "cmd: regrow stage score;")),
    ),
    "one input less": (
        ("stage score",),
        ("dvc.yaml", _replaced("      - data/table.parquet\n      - fing", "      - fing")),
    ),
    "another input": (("data/raw",), ("data/raw.dvc", _sub(r"md5: (\w{5})\w", r"md5: \g<1>0"))),
    "a wheel less": ((WHEELS[0],), (WHEELS[0], lambda text: "")),
}


class Forger:
    """Changes what speaks of a path, place by place."""

    def __init__(self, project: Repository) -> None:
        self.project = project
        self.root = project.root

    def edit(self, path: str, change: Callable[[str], str]) -> None:
        self.project.write(path, change(self.project.read(path)))

    def lock(self, path: str, *sections: str) -> None:
        """Let dvc.lock say of a path what is there now: among deps, outs, or both."""
        digest, lines, section, inside = hashing.of_path(self.root / path, self.root), [], "", False
        for line in self.project.read("dvc.lock").splitlines():
            if found := re.fullmatch(r"    (deps|outs|params):", line):
                section, inside = found[1], False
            elif line.startswith("    - path: "):
                inside = line == f"    - path: {path}" and section in (sections or ("deps", "outs"))
            for key, value in (("md5", digest.md5), ("size", digest.size)) if inside else ():
                line = f"      {key}: {value}" if line.startswith(f"      {key}: ") else line
            lines.append(line)
        assert digest.md5 in "\n".join(lines)
        self.project.write("dvc.lock", "\n".join(lines) + "\n")

    def keep(self, path: str) -> None:
        """Put what is there into DVC's cache, as DVC would, and into the remote."""
        digest = hashing.of_path(self.root / path, self.root)
        inside = {one.md5: (self.root / path / name).read_bytes() for name, one in digest.files.items()}
        whole = hashing.listing([(name, one.md5) for name, one in digest.files.items()])
        data = inside | {digest.md5: whole} if inside else {digest.md5: (self.root / path).read_bytes()}
        for md5, content in data.items():
            for file in (self.project.object(md5), self.root.parent / "remote/files/md5" / md5[:2] / md5[2:]):
                file.parent.mkdir(parents=True, exist_ok=True)
                file.unlink(missing_ok=True)
                file.write_bytes(content)
                file.chmod(0o444)

    def swear(self, stage: str, path: str) -> None:
        """Let hashes/STAGE.json say of a path what is there now, and dvc.lock of hashes/STAGE.json."""
        digest = hashing.of_path(self.root / path, self.root)
        said = json.loads(self.project.read(f"hashes/{stage}.json"))
        for side in ("inputs", "outputs"):
            if path in said[side]:
                said[side][path] = {"sha256": digest.sha256, "size": digest.size}
        self.project.write(
            f"hashes/{stage}.json", json.dumps(said, sort_keys=True, indent=2, ensure_ascii=False) + "\n"
        )
        self.lock(f"hashes/{stage}.json")

    def other_bytes(self, path: str) -> None:
        """One byte more, of a file that may be linked into the cache."""
        file = self.root / path
        data = file.read_bytes()
        file.unlink()
        file.write_bytes(data + b"\n")

    def wheel(self) -> None:
        _wheel(self.root / WHEELS[0], "2")

    def fingerprint(self) -> None:
        """Let it name the code that is there now: that of a clean compile."""
        self.project.run("regrow", "compile")


def _wheel(file: Path, value: str) -> None:
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr(f"{file.name.partition('-')[0]}.py", f"VALUE = {value}\n")


def add_wheels(project: Repository) -> None:
    """Two packages of the project's own, pinned."""
    lines = []
    for path in WHEELS:
        (project.root / path).parent.mkdir(exist_ok=True)
        _wheel(project.root / path, "1")
        sha256 = hashlib.sha256((project.root / path).read_bytes()).hexdigest()
        lines.append(f"{Path(path).name.partition('-')[0]}==1.0 \\\n    --hash=sha256:{sha256}\n")
    project.write("requirements.lock", "".join(lines))


def _pin(forger: Forger) -> None:
    sha256 = hashlib.sha256((forger.root / WHEELS[0]).read_bytes()).hexdigest()
    forger.edit("requirements.lock", _sub(r"sha256:\w+", f"sha256:{sha256}"))


Step = Callable[[Forger], None]
# Path -> the names that tell of it, and what is forged, step by step; after the last one all says the same.
FORGED: dict[str, tuple[tuple[str, ...], tuple[Step, ...]]] = {
    "metrics.json": (
        ("metrics.json",),
        (
            lambda it: it.edit("metrics.json", _sub(r"1(\d)\.0", r"9\1.5")),
            lambda it: it.lock("metrics.json"),
            lambda it: it.swear("score", "metrics.json"),
        ),
    ),
    "page.html": (
        ("page.html",),
        (
            lambda it: it.other_bytes("page.html"),
            lambda it: (it.keep("page.html"), it.lock("page.html"))[0],
            lambda it: it.swear("score", "page.html"),
        ),
    ),
    "data/table.parquet": (
        ("data/table.parquet",),
        (
            lambda it: (it.other_bytes("data/table.parquet"), it.keep("data/table.parquet"))[0],
            lambda it: it.lock("data/table.parquet", "outs"),
            lambda it: it.lock("data/table.parquet"),
            lambda it: it.swear("make", "data/table.parquet"),
        ),
    ),
    "data/raw": (
        ("data/raw", "metrics.json"),
        (
            lambda it: (shutil.copy(it.root / "data/raw/y.txt", it.root / "z"),
                        (it.root / "data/raw/x.txt").unlink(), (it.root / "z").rename(it.root / "data/raw/x.txt"),
                        it.keep("data/raw"))[0],
            lambda it: it.edit("data/raw.dvc", _sub(r"md5: \w+\.dir", f"md5: {_md5(it, 'data/raw')}")),
            lambda it: it.lock("data/raw"),
            lambda it: it.swear("make", "data/raw"),
        ),
    ),
    "params.yaml": (
        ("params.yaml", "metrics.json"),
        (
            lambda it: it.edit("params.yaml", _replaced("rows: 5", "rows: 4")),
            lambda it: it.lock("params.yaml"),
            lambda it: it.edit("dvc.lock", _replaced("rows: 5", "rows: 4")),
        ),
    ),
    "hashes/make.json": (
        ("data/table.parquet", "hashes/make.json"),
        (
            lambda it: it.edit("hashes/make.json", _sub(r'("architecture": ")\w', r"\1y")),
            lambda it: it.lock("hashes/make.json"),
        ),
    ),
    "fingerprints/make.lock": (
        ("fingerprints/make.lock",),
        (
            lambda it: it.edit("fingerprints/make.lock", _sub(r"package numpy \S+", "package numpy 0.1")),
            lambda it: it.lock("fingerprints/make.lock", "outs"),
            lambda it: it.lock("fingerprints/make.lock"),
        ),
    ),
    "src": (
        ("src", "metrics.json", "fingerprints/make.lock"),
        (
            lambda it: it.edit(it.project.code("work"), _replaced("start + n", "start - n")),
            lambda it: it.lock("src"),
            lambda it: it.fingerprint(),
            lambda it: it.lock("fingerprints/make.lock"),
        ),
    ),
    "vendor": (
        ("vendor",),
        (lambda it: it.wheel(), _pin),
    ),
}  # fmt: skip


def _md5(forger: Forger, path: str) -> str:
    return hashing.of_path(forger.root / path, forger.root).md5


def do(project: Repository, fault: Fault, dice: random.Random) -> None:
    """Make the fault."""
    if fault.place in {"loose", "packed"}:
        _in_git(project, fault)
        return
    if fault.place == "commit":
        _commit(project, fault)
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


def _commit(project: Repository, fault: Fault) -> None:
    if fault.path in FORGED:
        forger = Forger(project)
        for step in FORGED[fault.path][1][: int(fault.kind.split()[-1])]:
            step(forger)
    else:
        path, edit = EDITS[fault.path][1]
        if path in WHEELS:
            (project.root / path).unlink()
        else:
            project.write(path, edit(project.read(path)))
    project.commit(fault.path)


def objects(project: Repository) -> Iterator[tuple[str, str]]:
    """(what a commit is made of, its name in Git)."""
    for path in OBJECTS:
        yield path, git_harm.git(project.root, "rev-parse", path.replace("PKG", project.package))


def _in_git(project: Repository, fault: Fault) -> None:
    named = dict(objects(project))
    order = list(named)
    beside = order[order.index(fault.path) - 1] if not fault.path.endswith("two-1.0-py3-none-any.whl") else order[-2]
    name, other = named[fault.path], named[beside]
    if fault.place == "packed":
        git_harm.repack(project.root)
        git_harm.swap_packed(project.root, name, other)
        return
    file = git_harm.loose(project.root, name)
    if fault.kind == "rewrite":
        git_harm.rewrite(project.root, name, git_harm.unpacked(project.root, name)[1] + b"\n")
    elif fault.kind == "swap":
        swap(file, git_harm.loose(project.root, other))
    elif fault.kind == "delete":
        file.unlink()
    else:
        {"flip": flip, "truncate": truncate}[fault.kind](file)


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
