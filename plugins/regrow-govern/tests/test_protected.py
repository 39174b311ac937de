"""At which commit the rules count."""

import subprocess

import pytest

from regrow import RegrowError
from regrow_govern.protected import protected, text_there


def git(root, *words: str) -> str:
    who = ("-c", "user.name=t", "-c", "user.email=t@e")
    return subprocess.run(["git", *who, *words], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def commit(root, text: str) -> str:
    (root / "rules").write_text(text)
    git(root, "add", "rules")
    git(root, "commit", "-q", "-m", text)
    return git(root, "rev-parse", "HEAD")


def test_what_a_branch_says_is_no_rule_and_what_the_remote_has_comes_first(tmp_path):
    git(tmp_path, "init", "-q", "--initial-branch=trunk")
    with pytest.raises(RegrowError, match="nothing is committed yet"):
        protected(tmp_path)
    one = commit(tmp_path, "one")
    assert protected(tmp_path) == ("HEAD", one)
    git(tmp_path, "branch", "main")
    two = commit(tmp_path, "two")
    assert protected(tmp_path) == ("main", one)
    assert text_there(tmp_path, "rules") == "one"
    assert text_there(tmp_path, "others") is None
    git(tmp_path, "update-ref", "refs/remotes/origin/trunk", two)
    git(tmp_path, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert protected(tmp_path) == ("origin/HEAD", two)
    git(tmp_path, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
    assert protected(tmp_path) == ("main", one)
