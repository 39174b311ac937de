"""Nothing is to be done only where DVC says so, too: every kind of change is tried, and DVC's own answer compared."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.repository import Repository
from tests.shared import copied

from regrow.plugin.project import open_project
from regrow.run import nothing_to_do, nothing_to_do_snapshot


@pytest.fixture(scope="module")
def armed(made, tmp_path_factory) -> Repository:
    """A project with a plugin outside it, up to date, whose tests put back what they change."""
    base = tmp_path_factory.mktemp("armed")
    project = Repository(copied(made.root, base), made.package, made.environment)
    (project.root.parent / "target.txt").write_text("3\n")
    project.run("regrow", "run")
    return project


@pytest.fixture
def ready(armed, monkeypatch) -> Repository:
    """It, with a fresh snapshot."""
    monkeypatch.chdir(armed.root)
    nothing_to_do_snapshot.arm(open_project(armed.root))
    assert nothing_to_do.nothing_to_do(armed.root)
    return armed


def dvc_would_run(project: Repository) -> bool:
    said = project.run("dvc", "repro", "--dry", code=None)
    return said.returncode != 0 or "up to date" not in said.stdout


def same_size_and_time(file: Path) -> None:
    """Other content, with what DVC goes by as it was."""
    about = file.stat()
    data = file.read_bytes()
    file.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    os.utime(file, ns=(about.st_atime_ns, about.st_mtime_ns))


def edit(path: str, old: str, new: str) -> Callable[[Repository], None]:
    return lambda project: project.edit(path, old, new)


def add(path: str, text: str) -> Callable[[Repository], None]:
    return lambda project: project.write(path, text)


def to_link(project: Repository) -> None:
    file = project.root / "data/raw/x.txt"
    file.unlink()
    file.symlink_to(project.root.parent / "target.txt")


def object_of(project: Repository) -> Path:
    """The object of an output; the cache holds others too, for values that come back."""
    md5 = hashlib.md5((project.root / "data/table.parquet").read_bytes(), usedforsecurity=False).hexdigest()
    return project.root / f".dvc/cache/files/md5/{md5[:2]}/{md5[2:]}"


# What is changed -> (how, whether DVC would have to run something)
CHANGES: dict[str, tuple[Callable[[Repository], object], bool | None]] = {
    "data of the same size and time": (lambda project: same_size_and_time(project.root / "data/raw/x.txt"), None),
    "an output of the same size and time": (lambda project: same_size_and_time(project.root / "metrics.json"), None),
    "data": (edit("data/raw/x.txt", "3", "44"), True),
    "more data": (add("data/raw/y.txt", "3"), True),
    "a mode": (lambda project: (project.root / "data/raw/x.txt").chmod(0o600), False),
    "data that is a link now": (to_link, None),
    "a setting": (edit("conf/config.yaml", "rows: 5", "rows: 6"), True),
    "settings by hand": (edit("params.yaml", "rows: 5", "rows: 6"), True),
    "new settings": (add("conf/metric/new.yaml", "use: mean\n"), True),
    "code": (edit("src/smallreplay/work.py", "start + n", "start - n"), True),
    "new code": (add("src/smallreplay/more.py", "x = 1\n"), True),
    "packages": (add("requirements.lock", "pandas==1\n"), True),
    "dvc.yaml by hand": (edit("dvc.yaml", "regrow stage score", "regrow stage  score"), True),
    "another dvc.yaml": (add("more/dvc.yaml", "stages: {x: {cmd: echo, outs: [y]}}\n"), None),
    "dvc.lock": (edit("dvc.lock", "md5: ", "md5: 0"), True),
    "a deleted output": (lambda project: (project.root / "data/table.parquet").unlink(), True),
    "a deleted metric": (lambda project: (project.root / "metrics.json").unlink(), True),
    "a fingerprint": (edit("fingerprints/make.lock", "python 3", "python 4"), True),
    "a lost object": (lambda project: object_of(project).unlink(), True),
    "what DVC ignores": (add(".dvcignore", "data\n"), None),
    "DVC's own settings": (lambda project: project.run("dvc", "config", "core.check_update", "false"), False),
    "settings of this clone": (lambda project: project.run("dvc", "config", "--local", "cache.dir", "c"), True),
    "a commit": (lambda project: project.run("git", "commit", "--quiet", "--allow-empty", "-m", "x"), False),
    "the index": (lambda project: project.run("git", "rm", "--quiet", "--cached", "conf/metric/top.yaml"), False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_never_nothing(ready, tmp_path, change):
    shutil.copytree(ready.root, tmp_path / "kept", symlinks=True)
    make, runs = CHANGES[change]
    try:
        make(ready)
        assert not nothing_to_do.nothing_to_do(ready.root)
        assert runs is None or dvc_would_run(ready) is runs
    finally:
        shutil.rmtree(ready.root)
        shutil.copytree(tmp_path / "kept", ready.root, symlinks=True)


def test_what_dvc_git_hydra_and_python_read_counts_and_nothing_else(ready, monkeypatch):
    """Each of these may lead to other settings, another repository, other modules or other files of a user's."""
    for name in (
        *("DVC_STUDIO_TOKEN", "DVC_GLOBAL_CONFIG_DIR", "GIT_DIR", "GIT_CONFIG_GLOBAL", "HYDRA_FULL_ERROR"),
        *("PYTHONPATH", "PYTHONHASHSEED", "XDG_CONFIG_HOME", "REGROW_PACKAGE", "HOME", "USER"),
    ):
        with monkeypatch.context() as patched:
            patched.setenv(name, "/elsewhere")
            assert not nothing_to_do.nothing_to_do(ready.root), name
            assert not nothing_to_do.same_environment(ready.root), name
    monkeypatch.setenv("EDITOR", "another")
    assert nothing_to_do.nothing_to_do(ready.root)


def test_the_environment_counts(ready, monkeypatch, tmp_path):
    assert nothing_to_do.same_environment(ready.root)
    monkeypatch.setenv("DVC_ROOT", "/x")
    assert not nothing_to_do.nothing_to_do(ready.root)
    monkeypatch.undo()
    monkeypatch.chdir(ready.root)
    monkeypatch.setattr("site.getsitepackages", lambda: [str(tmp_path)])
    nothing_to_do_snapshot.arm(open_project(ready.root))
    assert nothing_to_do.nothing_to_do(ready.root)
    (tmp_path / "new-1.0.dist-info").mkdir()
    assert not nothing_to_do.nothing_to_do(ready.root)
    assert not nothing_to_do.same_environment(ready.root)


def test_an_edit_of_conf_leaves_the_environment_as_it_is(ready):
    ready.edit("conf/config.yaml", "rows: 5", "rows: 5  # five")
    assert nothing_to_do.same_environment(ready.root)
    ready.edit("conf/config.yaml", "rows: 5  # five", "rows: 5")


NEVER = {
    "a stage that always runs": ("dvc.yaml", "  score:\n", "  score:\n    always_changed: true\n"),
    "a stage without inputs": ("dvc.yaml", "stages:\n", "stages:\n  note:\n    cmd: echo\n"),
    "an input elsewhere": ("dvc.yaml", "stages:\n", "stages:\n  note:\n    cmd: echo\n    deps: [../target.txt]\n"),
}


@pytest.mark.parametrize("kind", NEVER)
def test_what_a_snapshot_cannot_tell_is_left_to_dvc(ready, kind):
    path, old, new = NEVER[kind]
    ready.edit(path, old, new)
    try:
        if "elsewhere" in kind:
            ready.run("dvc", "repro", "--quiet")
        nothing_to_do_snapshot.arm(open_project(ready.root))
        assert not nothing_to_do.nothing_to_do(ready.root)
    finally:
        ready.run("git", "checkout", "--quiet", "--", path, "dvc.lock")


def test_a_snapshot_that_is_damaged_is_none(ready):
    file = ready.root / ".dvc/tmp/regrow/snapshot.json"
    for text in ("", "[]", "{}", '{"process": 1}', file.read_text()[:-20]):
        file.write_text(text)
        assert not nothing_to_do.nothing_to_do(ready.root)


@pytest.mark.parametrize(("way", "not_even"), [("__main__", {"click"}), ("cli", set())])
def test_run_says_so_and_imports_no_dvc(ready, way, not_even):
    ready.run("regrow", "run")
    assert ready.run("regrow", "run").stdout == "Data and pipelines are up to date.\n"
    code = f"import sys; sys.argv = ['regrow', 'run']\nfrom regrow.{way} import main\n"
    code += "try: main()\nfinally: print(*sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ready.root, env=ready.environment, capture_output=True, text=True, check=True
    ).stdout
    assert said.startswith("Data and pipelines are up to date.")
    assert ({"dvc", "hydra", "pandas", "sklearn", "rich", "yaml"} | not_even).isdisjoint(said.split())


def test_a_reader_who_went_away_is_no_traceback(ready):
    ready.run("regrow", "run")
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        command = [sys.executable, "-m", "regrow", "run"]
        done = subprocess.run(
            command, cwd=ready.root, env=ready.environment, stdout=gone, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (1, b"")


def test_edits_are_seen_by_run(ready):
    ready.run("regrow", "run")
    ready.write("conf/metric/new.yaml", "use: mean\n")
    try:
        assert "is not in Git" in ready.run("regrow", "run", code=5).stderr
    finally:
        (ready.root / "conf/metric/new.yaml").unlink()
