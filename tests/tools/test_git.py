"""Git is asked without hooks, and revisions are never taken for options."""

import subprocess

import pytest

from regrow.tools import git


def test_it_reads(repository):
    commit = git.resolve(repository, "HEAD")
    assert commit is not None
    assert len(commit) == 40
    assert git.show(repository, commit, "ä b/f.txt") == "one\n"
    assert git.show(repository / "ä b", commit, "f.txt") == "one\n"
    assert git.history_of(repository, "ä b/f.txt") == [commit]
    assert git.show(repository, commit, "no") is None
    assert git.is_repository(repository / "ä b")
    assert git.version()[0].isdigit()


@pytest.mark.parametrize(
    "revision", ["no-such", "--help", "-h", "--output=canary", "HEAD:ä b/f.txt", "", "HEAD..HEAD", "$(touch canary)"]
)
def test_what_is_no_commit_is_none(repository, revision):
    assert git.resolve(repository, revision) is None
    assert not (repository / "canary").exists()


def test_experiments_are_dvcs_refs(repository):
    commit = git.resolve(repository, "HEAD")
    subprocess.run(["git", "update-ref", f"refs/exps/ab/{'c' * 38}/odd-name", commit], cwd=repository, check=True)
    subprocess.run(["git", "update-ref", "refs/exps/stash", commit], cwd=repository, check=True)
    assert git.experiments(repository) == {"odd-name": commit}


def test_outside_a_repository(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert not git.is_repository(tmp_path)
    assert git.experiments(tmp_path) == {}
