"""Commits replayed in other environments: the same bytes, whatever the shell, the folder, the user or the CPU."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.conftest import generate
from tests.faults.conftest import LONG
from tests.faults.pipeline import add_show
from tests.faults.world import copy, left_in
from tests.repository import Repository
from tests.shared import C_LOCALE

MODELS = ("linear", "forest", "boosting", "gradient_boosting", "mlp", "knn")
# Where the recording is done, too, so that it is the recipe that makes both sides equal.
RECORDED_IN = (
    {},
    {"OMP_NUM_THREADS": "2", "OPENBLAS_CORETYPE": "SkylakeX", "PYTHONHASHSEED": "5", "TZ": "America/Lima"},
)
AVX2 = {"OPENBLAS_CORETYPE": "Haswell", "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR"}
THREADS = {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "MKL_NUM_THREADS": "2"}


@dataclass(frozen=True)
class Elsewhere:
    """An environment to replay in. odd: below a path with a blank, an umlaut and a dollar sign. home: another one."""

    name: str
    variables: dict[str, str] = field(default_factory=dict)
    umask: int = -1
    odd: bool = False
    home: bool = False


LONG_FORM = (
    Elsewhere("two threads", THREADS),
    Elsewhere("another hash seed", {"PYTHONHASHSEED": "77"}),
    Elsewhere("Tokyo, C, umask 077", {"TZ": "Asia/Tokyo", "LC_ALL": C_LOCALE}, umask=0o077),
    Elsewhere("an odd path", odd=True),
    Elsewhere("another home and user", {"USER": "somebody", "LOGNAME": "somebody"}, home=True),
    Elsewhere("AVX2 kernels", AVX2),
)
SHORT_FORM = (
    Elsewhere(
        "threads, hash seed, Tokyo", {**THREADS, "PYTHONHASHSEED": "77", "TZ": "Asia/Tokyo", "LC_ALL": C_LOCALE}, 0o77
    ),
    Elsewhere("odd path, home, AVX2", {**AVX2, "USER": "somebody"}, odd=True, home=True),
)
WHERE = LONG_FORM if LONG else SHORT_FORM


@pytest.fixture(scope="module")
def history(request, tmp_path_factory) -> tuple[Repository, list[str]]:
    """A project, and the commits to replay."""
    if LONG:
        return _generated(tmp_path_factory.mktemp("history"), request.getfixturevalue("environment"))
    small = copy(request.getfixturevalue("made"), tmp_path_factory.mktemp("history"))
    add_show(small, small.package, "table")
    commits = []
    for number, variables in enumerate(RECORDED_IN, 1):
        small.edit("conf/config.yaml", f"seed: {number}", f"seed: {number + 1}")
        small.run("regrow", "compile")
        small.run("dvc", "repro", "--quiet", **variables)
        commits.append(small.commit(f"seed {number + 1}"))
    return small, commits


def _generated(folder: Path, environment: dict[str, str]) -> tuple[Repository, list[str]]:
    """A generated project with the stage on top: six families of models, each with two seeds."""
    tree = generate(folder / "made", environment)
    own = {"REGROW_HOME": str(folder / "home"), "DVC_SITE_CACHE_DIR": str(folder / "site")}
    project = Repository(tree.root, "late_flights", environment | own)
    add_show(project, project.package, "predictions")
    commits, before = [], "linear"
    for number, variables in enumerate(RECORDED_IN, 1):
        if number > 1:
            project.edit("conf/config.yaml", "seed: 1", f"seed: {number}")
        for model in MODELS:
            project.write(
                "conf/config.yaml", project.read("conf/config.yaml").replace(f"model: {before}", f"model: {model}")
            )
            before = model
            project.run("regrow", "compile")
            project.run("dvc", "repro", "--quiet", **variables)
            commits.append(project.commit(f"{model}, seed {number}"))
    return project, commits


def _replay(project: Repository, commit: str, where: Elsewhere) -> str:
    """What is wrong with a replay, "" if it is identical."""
    command = [sys.executable, "-m", "regrow", "replay", commit, "--json", *(() if LONG else ("--env", "current"))]
    environment = {**project.environment, **where.variables}
    if where.home:
        environment |= {"HOME": str(project.root.parent / "other home")}
        del environment["REGROW_HOME"]
    done = subprocess.run(
        command, cwd=project.root, env=environment, capture_output=True, text=True, check=False, umask=where.umask
    )
    try:
        result = json.loads(done.stdout)
    except ValueError:
        return f"{where.name}: {commit[:10]}: exit {done.returncode}\n{done.stderr}"
    rows = [f"{row['path']}: {row['difference']} ({row['cause']})" for row in result["outputs"] if not row["identical"]]
    if done.returncode == 0 and result["outputs"] and not rows:
        return ""
    return f"{where.name}: {commit[:10]}: exit {done.returncode}\n" + "\n".join([*rows, *result["problems"]])


def _in(where: Elsewhere, project: Repository, folder: Path) -> Iterator[Repository]:
    if where.odd:
        folder = folder / "b" / "ü $x y"
        folder.mkdir(parents=True)
        yield copy(project, folder)
    else:
        yield project


@pytest.mark.parametrize("where", WHERE, ids=lambda where: where.name)
def test_every_commit_is_identical(history, tmp_path, where):
    project, commits = history
    assert len(set(commits)) == (12 if LONG else 2)
    (there,) = _in(where, project, tmp_path)
    with ThreadPoolExecutor(2) as pool:
        wrong = [said for said in pool.map(lambda commit: _replay(there, commit, where), commits) if said]
    assert not wrong, "\n".join(wrong)
    assert not left_in(there.root.parent)


def test_all_kinds_of_files_are_among_the_outputs(history):
    project, _ = history
    endings = {line.rpartition(".")[2] for line in project.read("dvc.lock").splitlines() if "path: " in line}
    assert {"parquet", "json", "gz", "svg", "png", "html", "skops"} <= endings
