"""Commits beside the work tree: as they are asked for, by who is known, and no other one lost."""

import pytest

from regrow.base.errors import RegrowError
from regrow.tools import git
from regrow_history.tools import git_commits


def test_a_commit_is_made_beside_the_work_tree(repository, monkeypatch):
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1700000000 +0200")
    head = git.resolve(repository, "HEAD")
    writer = git_commits.Writer.of(repository / "ä b")
    made = writer.add("refs/exps/one", head, "said\n", {"f.txt": b"two\n", 'new "ü"\n.txt': b"\0"})
    assert git.resolve(repository, "refs/exps/one") == made
    assert git.show(repository, made, "ä b/f.txt") == "two\n"
    assert set(git.files(repository / "ä b", made)) == {"f.txt", 'new "ü"\n.txt'}
    told = git.lines(repository, "log", "-1", "--format=%an %ae %ct %P %s", made)
    assert told == [f"Ada ada@example.invalid 1700000000 {head} said"]
    assert git.lines(repository, "status", "--short") == []
    with pytest.raises(RegrowError, match="is there already"):
        writer.add("refs/exps/one", head, "said\n", {})


def test_a_reference_is_moved_only_on_demand(repository):
    head = git.resolve(repository, "HEAD")
    writer = git_commits.Writer.of(repository)
    writer.add("refs/kept/one", head, "said\n\nwhy\n", {"x": b"1"}, anew=True)
    made = writer.add("refs/kept/one", head, "said\n\nwhy not\n", {"x": b"2"}, anew=True)
    assert git.references(repository, "refs/exps", "refs/kept") == {"refs/kept/one": made}
    assert git.messages(repository, [made]) == {made: "said\n\nwhy not\n"}
    git.forget(repository, "refs/kept/one")
    assert git.references(repository, "refs/kept") == {}


def test_a_commit_is_of_the_time_when_it_is_made(repository, monkeypatch):
    monkeypatch.delenv("GIT_COMMITTER_DATE", raising=False)
    writer = git_commits.Writer.of(repository)
    monkeypatch.setattr(git_commits.time, "time", lambda: 1_800_000_000.5)
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
        git_commits.Writer.of(repository)
