"""A sweep's folder on a worker: the commit from Git, data from DVC's remote, and what was made goes back there."""

import shutil

import pytest
from tests.repository import Repository, shell
from tests.sweep.test_sweep import copied

from regrow.base.errors import Exit, RegrowError
from regrow.record.commit_record import read_commit
from regrow.replay.inputs import Supplies
from regrow.sweep import same_environment
from regrow.sweep.remote_workdir import Origin, Stations, UnfitError, opened
from regrow.tools import exchange, git_remote, stores


@pytest.fixture
def inner(made, tmp_path, monkeypatch, environment) -> Repository:
    """A project below the top of its repository, whose Git remote is a folder beside it."""
    theirs = copied(made, tmp_path / "from")
    project = Repository(tmp_path / "whole" / "a" / "inner", made.package, shell(tmp_path))
    shutil.copytree(theirs.root, project.root, symlinks=True, ignore=shutil.ignore_patterns(".git", "tmp"))
    (tmp_path / "whole" / "other.txt").write_text("another's")
    project.run("git", "init", "--quiet", "--initial-branch=main", str(tmp_path / "whole"))
    project.run("git", "-C", str(tmp_path / "whole"), "add", "--all")
    project.run("git", "commit", "--quiet", "--message", "all")
    project.run("git", "init", "--quiet", "--bare", str(tmp_path / "git"))
    project.run("git", "remote", "add", "origin", "../git")
    project.run("dvc", "remote", "add", "--quiet", "--default", "--local", "store", str(tmp_path / "dvc"))
    monkeypatch.setenv("REGROW_HOME", environment["REGROW_HOME"])
    return project


def origin(project: Repository, **other) -> Origin:
    commit = project.run("git", "rev-parse", "HEAD").stdout.strip()
    name, settings = exchange.shared(project.root)
    told = {
        "token": "t",
        "git": git_remote.address(project.root, "origin"),
        "reference": "refs/regrow/sweeps/s/t",
        "commit": commit,
        "folder": "whole",
        "prefix": "a/inner",
        "remote": name,
        "settings": settings,
        "probe": "",
        "needed": same_environment.needed(""),
    }
    assert git_remote.push(project.root, "origin", [f"{commit}:refs/regrow/sweeps/s/t"]) == ""
    return Origin(**told | other)


def test_a_stage_of_a_project_below_the_top_runs_there(inner):
    recorded = read_commit(inner.root, "HEAD")
    (data,) = recorded.inputs
    objects = [data.md5, *Supplies.of(recorded, inner.root).files(data).values()]
    remote = stores.remote(inner.root)
    assert exchange.upload(remote, stores.cache(inner.root), [*objects, "0" * 32]) == ["0" * 32]
    stations = Stations()
    with stations.of(origin(inner, probe=data.md5), "w", lambda: True) as station, station.seat() as place:
        assert not (place.folder.parent / "other.txt").exists()
        files = {path: recorded.text(path) for path in ("params.yaml", "fingerprints/make.lock")}
        outs, blobs = station.run(place, "make", "x-1", files, (data,), {})
    (theirs,) = [stage.outs for stage in recorded.stages if stage.name == "make"]
    assert {out.path: out.md5 for out in outs} == {out.path: out.md5 for out in theirs}
    assert all(out.md5 in blobs if out.in_git else exchange.has(remote, out.md5) for out in outs)
    stations.close("t")
    assert not station.place.exists()

    shutil.rmtree(inner.root.parents[2] / "dvc")
    with (
        stations.of(origin(inner), "w", lambda: False) as station,
        station.seat() as place,
        pytest.raises(UnfitError, match="data/raw: is missing"),
    ):
        station.run(place, "make", "x-1", files, (data,), {})


def test_a_station_goes_when_nobody_waits_any_more(inner):
    stations = Stations()
    with stations.of(origin(inner), "w", lambda: False) as station:
        assert station.place.exists()
    assert not station.place.exists()
    with pytest.raises(RegrowError, match="was stopped"), station.seat():
        pass


@pytest.mark.parametrize(
    ("other", "told", "code"),
    [
        (
            {"needed": same_environment.Needed("2.7", "0.0", "click==0.1\n")},
            r"Python: .*, not 2\.7\n.*regrow: .*\n.*click",
            4,
        ),
        ({"reference": "refs/regrow/sweeps/s/gone"}, "can't get the commit from the Git remote", 1),
        ({"git": "https://me:secret@127.0.0.1:1/x"}, r"https://\*\*\*@127.0.0.1:1/x", 1),
        ({"probe": "0" * 32}, "is not what was pushed there", 3),
        ({"settings": {"store": {"url": "nonsense://x"}}}, "can't use DVC's remote store, nonsense://x", 3),
    ],
)
def test_a_worker_that_cannot_take_part_says_why(inner, other, told, code):
    with pytest.raises(UnfitError, match=told) as raised:
        opened(origin(inner, **other), "w")
    assert raised.value.error.code is Exit(code)
    assert "secret" not in str(raised.value)
