"""Which of several Git remotes is ours, and what it is called elsewhere."""

import subprocess

import pytest

from regrow.base.errors import RegrowError
from regrow.tools import git_remote


@pytest.fixture
def root(tmp_path):
    (tmp_path / "p/sub").mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", "--initial-branch=main", "."], cwd=tmp_path / "p", check=True)
    return tmp_path / "p"


def do(root, *arguments):
    subprocess.run(["git", *arguments], cwd=root, check=True)


def test_the_branchs_own_then_origin_then_the_only_one(root):
    with pytest.raises(RegrowError, match="has no remote"):
        git_remote.remote(root)
    do(root, "remote", "add", "one", "../one")
    assert git_remote.remote(root) == "one"
    do(root, "remote", "add", "two", "../two")
    with pytest.raises(RegrowError, match="has several remotes, and none is called origin"):
        git_remote.remote(root)
    do(root, "remote", "add", "origin", "../origin")
    assert git_remote.remote(root) == "origin"
    do(root, "config", "branch.main.remote", "two")
    assert git_remote.remote(root / "sub") == "two"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("../beside", "{}/beside"),
        ("/srv/x.git", "/srv/x.git"),
        ("git@host.example:a/b.git", "git@host.example:a/b.git"),
        ("ssh://host.example/a.git", "ssh://host.example/a.git"),
    ],
)
def test_a_folder_is_told_by_its_whole_path(root, written, told):
    do(root, "remote", "add", "origin", written)
    assert git_remote.address(root / "sub", "origin") == told.format(root.parent)


def test_what_fails_is_told_without_passwords(root):
    said = git_remote.fetch(root, "https://me:secret@127.0.0.1:1/x", "refs/heads/main")
    assert "127.0.0.1" in said
    assert "secret" not in said
