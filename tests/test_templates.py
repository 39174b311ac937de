"""A person's own stages with DVC's templates: run, explain, verify and replay say what `dvc repro` in a clone does."""

import itertools
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from regrow.base.errors import Exit
from regrow.verify.check import verify
from tests.repository import Repository
from tests.shared import once

OWN = """\
own:
  word: one
  file: a
  key: rows
  names: [x, y]
  sizes: {p: 1, q: 2}
  deep: {er: [5, 6]}
  flags: {lr: 0.1, fast: true, layers: [1, 2]}
  folder: left
"""
FILES = {
    "files/a.txt": "a\n",
    "files/b.txt": "b\n",
    "left/.gitkeep": "",
    "right/.gitkeep": "",
    ".dvc/config": "\n[parsing]\n    bool = boolean_optional\n    list = append\n",
    "vars.yaml": "file: {word: one, names: [u, v]}\n",
    "stage.json": '{"stage": {"word": "one"}}',
    "more.toml": 'toml = "one"\n',
    "more.py": "class Sizes:\n    width = 1\n\nopen('/nowhere/it/is/not/run')\n",
    "sub/params.yaml": "low: 1\n",
    "sub/dvc.yaml": """\
vars: ["../params.yaml:own"]
stages:
  low: {cmd: "echo ${low} > low.txt", outs: [low.txt: {cache: false}]}
  high: {cmd: "echo ${own.word} > high.txt", outs: [high.txt: {cache: false}]}
""",
}
STAGES = """\
  cmd: {cmd: 'echo ${own.word} > cmd.txt', outs: [cmd.txt: {cache: false}]}
  cmds: {cmd: ['echo ${own.word} > cmds.txt', 'echo "\\${HOME}" >> cmds.txt'], outs: [cmds.txt: {cache: false}]}
  deps: {cmd: cat files/*.txt > deps.txt, deps: ['files/${own.file}.txt'], outs: [deps.txt: {cache: false}]}
  outs: {cmd: 'echo x > outs-${own.word}.txt', outs: ['outs-${own.word}.txt': {cache: false}]}
  params: {cmd: grep own params.yaml > params.txt, params: ['${own.key}'], outs: [params.txt: {cache: false}]}
  list:
    foreach: ${own.names}
    do: {cmd: 'echo ${item} > list-${item}.txt', outs: ['list-${item}.txt': {cache: false}]}
  dict:
    foreach: ${own.sizes}
    do: {cmd: 'echo ${item} > dict-${key}.txt', outs: ['dict-${key}.txt': {cache: false}]}
  matrix:
    matrix: {name: '${own.names}', n: [1, 2]}
    cmd: echo ${item.n} > matrix-${key}.txt
    outs: ['matrix-${key}.txt': {cache: false}]
  nested: {cmd: 'echo ${own.deep.er[1]} > nested.txt', outs: [nested.txt: {cache: false}]}
  flags: {cmd: 'echo ${own.flags} > flags.txt', outs: [flags.txt: {cache: false}]}
  wdir: {cmd: echo 1 > here.txt, wdir: '${own.folder}', outs: [here.txt: {cache: false}]}
  file: {cmd: 'echo ${file.word} > file.txt', outs: [file.txt: {cache: false}]}
  filed:
    foreach: ${file.names}
    do: {cmd: 'echo ${item} > filed-${item}.txt', outs: ['filed-${item}.txt': {cache: false}]}
  inline: {cmd: 'echo ${inline.word} > inline.txt', outs: [inline.txt: {cache: false}]}
  own_file: {vars: [stage.json], cmd: 'echo ${stage.word} > own.txt', outs: [own.txt: {cache: false}]}
  own_inline: {vars: [a: {b: one}], cmd: 'echo ${a.b} > own_inline.txt', outs: [own_inline.txt: {cache: false}]}
  toml: {cmd: 'echo ${toml} > toml.txt', outs: [toml.txt: {cache: false}]}
  py: {cmd: 'echo ${Sizes.width} > py.txt', outs: [py.txt: {cache: false}]}
"""
BY_CONF = {
    ("word: one", "word: two"): {"cmd", "cmds", "outs", "sub:high"},
    ("file: a", "file: b"): {"deps"},
    ("key: rows", "key: seed"): {"params"},
    ("names: [x, y]", "names: [y, z]"): {"list@z", "matrix@z-1", "matrix@z-2"},
    ("q: 2", "q: 3"): {"dict@q"},
    ("[5, 6]", "[5, 7]"): {"nested"},
    ("fast: true", "fast: false"): {"flags"},
    ("folder: left", "folder: right"): {"wdir"},
}
BY_FILE = {
    ("vars.yaml", "word: one", "word: two"): {"file"},
    ("vars.yaml", "[u, v]", "[v, w]"): {"filed@w"},
    ("dvc.yaml", "inline: {word: one}", "inline: {word: two}"): {"inline"},
    ("dvc.yaml", "b: one", "b: two"): {"own_inline"},
    ("stage.json", "one", "two"): {"own_file"},
    ("more.toml", "one", "two"): {"toml"},
    ("more.py", "width = 1", "width = 2"): {"py"},
    ("sub/params.yaml", "low: 1", "low: 2"): {"sub:low"},
}


@dataclass(frozen=True)
class Seen:
    """What each way of asking says of a change. stale: verify of the commit that has the change and the old run.
    explained: stage -> changes. ran, cloned: stages that ran here and in a clone. same: whether with the same files.
    then: what `dvc repro` says in a clone of the run's commit."""

    explained: dict[str, list[dict[str, str]]]
    ran: set[str]
    cloned: set[str]
    same: bool
    stale: set[str]
    replayed_stale: str
    verified: tuple[Exit, tuple]
    replayed: str
    then: str


def stages(said: str) -> set[str]:
    found = {line.split("'")[1] for line in said.splitlines() if line.startswith("Running stage '")}
    return {f"sub:{name.partition(':')[2]}" if ":" in name else name for name in found} - {"compile"}


def clone(here: Repository, name: str) -> Repository:
    """What a colleague has who can reach DVC's objects."""
    place = next(one for n in itertools.count() if not (one := here.root.parent / f"{name}{n or ''}").exists())
    there = Repository(place, here.package, here.environment)
    here.run("git", "clone", "--quiet", ".", str(there.root))
    there.run("dvc", "cache", "dir", "--local", str(here.root / ".dvc/cache"))
    there.run("dvc", "checkout", "--quiet", code=None)
    return there


def results(tree: Repository) -> dict[str, bytes]:
    files = [*tree.root.glob("*.txt"), *tree.root.glob("*/*.txt"), tree.root / "params.yaml", tree.root / "dvc.lock"]
    return {file.relative_to(tree.root).as_posix(): file.read_bytes() for file in files}


def seen(tree: Repository, compiled: bool) -> Seen:
    """Commit the change, then ask all. compiled: whether params.yaml goes with it, as half a run would leave it."""
    if compiled:
        tree.run("dvc", "repro", "--quiet", "--single-item", "compile")
    tree.commit("changed, not run")
    explained = json.loads(tree.run("regrow", "explain", "--json").stdout)
    wrong = [one for one in verify(tree.root).findings if one.level != "note"]
    stale = {{"right/here.txt": "wdir"}.get(one.path, one.path.removeprefix("stage ")) for one in wrong}
    replayed_stale = tree.run("regrow", "replay", "HEAD", "--env", "current", code=2).stderr
    if compiled:
        tree.run("git", "reset", "--quiet", "--hard", "HEAD~1")
        tree.edit_all(BY_CONF)
        tree.commit("changed")
    other = clone(tree, "before")
    cloned = stages(other.run("dvc", "repro", "--all-pipelines").stdout)
    ran = stages(tree.run("regrow", "run", "--all-pipelines").stdout)
    same = results(tree) == results(other)
    tree.commit("run")
    report = verify(tree.root)
    replayed = tree.run("regrow", "replay", "HEAD", "--env", "current").stdout
    then = clone(tree, "after").run("dvc", "repro", "--all-pipelines").stdout
    told = tuple(one for one in report.findings if one.level != "note")
    return Seen(explained, ran, cloned, same, stale, replayed_stale, (report.code, told), replayed, then)


class Templated(Repository):
    def edit_all(self, edits: dict) -> None:
        for edit in edits:
            self.edit(*edit if len(edit) == 3 else ("conf/config.yaml", *edit))

    def commit(self, message: str) -> None:
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "-m", message)


def make(folder: Path, made: Repository) -> None:
    shutil.copytree(made.root, folder / "ü $y", symlinks=True)
    tree = Templated(folder / "ü $y", made.package, made.environment)
    for path, text in FILES.items():
        before = tree.read(path) if path == ".dvc/config" else ""
        tree.write(path, before + text)
    tree.edit("conf/config.yaml", "compute:\n", f"{OWN}compute:\n")
    text = tree.read("dvc.yaml")
    tree.write("dvc.yaml", f"vars: [vars.yaml, more.toml, more.py, inline: {{word: one}}]\n{text}{STAGES}")
    tree.commit("own stages")
    tree.run("regrow", "compile")
    tree.commit("compiled")
    tree.run("regrow", "run", "--all-pipelines")
    tree.commit("run")


@pytest.fixture(scope="module")
def templated(made, tmp_path_factory) -> Templated:
    folder = once(tmp_path_factory, "templated", lambda folder: make(folder, made))
    return Templated(folder / "ü $y", made.package, made.environment)


@pytest.fixture(scope="module")
def tree(templated, warm, tmp_path_factory) -> Templated:
    root = tmp_path_factory.mktemp("own") / "ü $y"
    shutil.copytree(templated.root, root, symlinks=True)
    return Templated(root, templated.package, templated.environment)


@pytest.fixture(scope="module")
def by_conf(tree) -> Seen:
    tree.edit_all(BY_CONF)
    return seen(tree, compiled=True)


@pytest.fixture(scope="module")
def by_file(tree, by_conf) -> Iterator[Seen]:
    tree.edit_all(BY_FILE)
    return seen(tree, compiled=False)


@pytest.mark.parametrize(
    ("how", "edit"), [*(("by_conf", one) for one in BY_CONF), *(("by_file", one) for one in BY_FILE)]
)
def test_a_value_that_is_put_in_changes(how, edit, request):
    expected, found = {**BY_CONF, **BY_FILE}[edit], request.getfixturevalue(how)
    assert expected <= found.ran
    assert expected <= found.cloned
    assert expected <= {name for name, changes in found.explained.items() if changes}
    assert expected <= found.stale
    assert all(f"stage {name}: " in found.replayed_stale for name in expected - {"wdir"})  # the same bytes elsewhere


@pytest.mark.parametrize(("how", "edits"), [("by_conf", BY_CONF), ("by_file", BY_FILE)])
def test_all_ways_of_asking_agree(how, edits, request):
    found = request.getfixturevalue(how)
    expected = set().union(*edits.values())
    assert found.ran == found.cloned == expected
    assert {name for name, changes in found.explained.items() if changes} == expected
    assert found.same
    assert found.verified == (Exit.OK, ())
    assert "identical" in found.replayed
    assert stages(found.then) == set()


def test_explain_says_both_commands(by_conf):
    (change,) = by_conf.explained["cmd"]
    assert change == {"kind": "command", "name": "cmd", "before": "echo one > cmd.txt", "after": "echo two > cmd.txt"}
