"""Git is asked without hooks, and revisions are never taken for options."""

import subprocess

import pytest

from regrow.errors import RegrowError
from regrow.tools import git


@pytest.fixture
def repository(tmp_path, monkeypatch):
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.invalid")
    (tmp_path / "ä b").mkdir()
    (tmp_path / "ä b/f.txt").write_text("one\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


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


def test_a_commit_is_made_beside_the_work_tree(repository, monkeypatch):
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1700000000 +0200")
    head = git.resolve(repository, "HEAD")
    writer = git.Writer.of(repository / "ä b")
    made = writer.add("refs/exps/one", head, "said\n", {"f.txt": b"two\n", 'new "ü"\n.txt': b"\0"})
    assert git.resolve(repository, "refs/exps/one") == made
    assert git.show(repository, made, "ä b/f.txt") == "two\n"
    assert set(git.files(repository / "ä b", made)) == {"f.txt", 'new "ü"\n.txt'}
    told = git.lines(repository, "log", "-1", "--format=%an %ae %ct %P %s", made)
    assert told == [f"Ada ada@example.invalid 1700000000 {head} said"]
    assert git.lines(repository, "status", "--short") == []
    with pytest.raises(RegrowError, match="is there already"):
        writer.add("refs/exps/one", head, "said\n", {})


def test_a_commit_is_of_the_time_when_it_is_made(repository, monkeypatch):
    monkeypatch.delenv("GIT_COMMITTER_DATE", raising=False)
    writer = git.Writer.of(repository)
    monkeypatch.setattr(git.time, "time", lambda: 1_800_000_000.5)
    made = writer.add("refs/exps/two", git.resolve(repository, "HEAD"), "x", {})
    assert git.lines(repository, "log", "-1", "--format=%ct", made) == ["1800000000"]


def test_who_is_not_known_makes_no_commit(repository, monkeypatch):
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    settings = repository / "settings"
    settings.write_text("[user]\nuseConfigOnly = true\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    with pytest.raises(RegrowError, match="who you are"):
        git.Writer.of(repository)
