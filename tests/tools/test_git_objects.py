"""Objects are what their names say, and of the repository around the project, or they are not believed."""

import os
import subprocess
import sys

import pytest
from tests import git_harm
from tests.git_harm import git as do
from tests.tiny import flip, swap, truncate

from regrow.base.errors import Exit, RegrowError
from regrow.tools import git, git_variables


@pytest.fixture(params=["sha1", "sha256"])
def old(request, tmp_path):
    """A repository with two commits, asked of in a folder of it; its first commit."""
    root = tmp_path / "top"
    (root / "p/ä b").mkdir(parents=True)
    do(root, "init", "--quiet", f"--object-format={request.param}", ".")
    for text in ("one", "two"):
        (root / "p/ä b/f.txt").write_text(f"{text}\n")
        (root / "p/g.txt").write_text(f"g {text}\n")
        do(root, "add", ".")
        do(root, "commit", "--quiet", "--message", text)
    return root, do(root, "rev-parse", "HEAD~1")


def read(root, commit):
    return git.files(root / "p", commit).keys(), *git.texts(root / "p", [f"{commit}:ä b/f.txt", f"{commit}:no/x"])


def test_they_are_read_loose_and_packed(old, tmp_path):
    root, commit = old
    expected = ({"g.txt", "ä b/f.txt"}, "one\n", None)
    assert read(root, commit) == expected
    git_harm.repack(root)
    assert read(root, commit) == expected
    do(tmp_path, "clone", "--quiet", "--shared", str(root), "other")
    assert read(tmp_path / "other", commit) == expected


HARM = {
    "rewritten": lambda root, name, other: git_harm.rewrite(root, name, git_harm.unpacked(root, name)[1][:-1] + b"x"),
    "swapped": lambda root, name, other: swap(git_harm.loose(root, name), git_harm.loose(root, other)),
    "flipped": lambda root, name, other: flip(git_harm.loose(root, name)),
    "truncated": lambda root, name, other: truncate(git_harm.loose(root, name)),
    "head cut off": lambda root, name, other: (
        git_harm.loose(root, name).chmod(0o644) or git_harm.loose(root, name).write_bytes(b"x")
    ),
}


@pytest.mark.parametrize("what", ["", "^{tree}", ":p/ä b", ":p/ä b/f.txt"])
@pytest.mark.parametrize("harm", HARM)
def test_one_that_is_not_what_its_name_says_is_named(old, harm, what):
    root, commit = old
    name, other = (do(root, "rev-parse", f"{one}{what}") for one in (commit, "HEAD"))
    HARM[harm](root, name, other)
    with pytest.raises(RegrowError, match=name) as told:
        read(root, commit)
    assert told.value.code is Exit.MISMATCH
    assert str(told.value).startswith(("commit ", "the top folder of ", "p/ä b", "ä b"))


def test_one_that_is_gone_is_missing(old):
    root, commit = old
    name = do(root, "rev-parse", f"{commit}:p/ä b/f.txt")
    git_harm.loose(root, name).unlink()
    with pytest.raises(RegrowError, match=f"ä b/f.txt of commit {commit[:10]}: .*{name} is missing") as told:
        read(root, commit)
    assert told.value.code is Exit.DATA_MISSING


def test_in_a_pack_and_in_another_repositorys_objects(old, tmp_path):
    root, commit = old
    name, other = (do(root, "rev-parse", f"{one}:p/ä b/f.txt") for one in (commit, "HEAD"))
    git_harm.repack(root)
    git_harm.swap_packed(root, name, other)
    do(tmp_path, "clone", "--quiet", "--shared", str(root), "other")
    for place in (root, tmp_path / "other"):
        with pytest.raises(RegrowError, match=f"{name} holds other bytes: those of {other}"):
            read(place, commit)


def test_those_after_a_bad_one_are_read(old):
    root, commit = old
    bad = do(root, "rev-parse", f"{commit}:p/ä b/f.txt")
    flip(git_harm.loose(root, bad))
    good = [do(root, "rev-parse", f"HEAD:p/{path}") for path in ("g.txt", "ä b/f.txt")]
    with git.Objects(root) as objects:
        assert dict(objects.read([good[0], bad, "0" * len(bad), good[1]])).keys() == set(good)
        assert (objects.wrong.keys(), objects.missing) == ({bad}, {"0" * len(bad)})


@pytest.mark.parametrize("what", ["", "^{tree}", ":p/ä b", ":p/ä b/f.txt"])
def test_nothing_is_put_in_place_of_an_object(old, what):
    root, commit = old
    name, other = (do(root, "rev-parse", f"{one}{what}") for one in (commit, "HEAD"))
    do(root, "replace", name, other)
    do(root, "config", "core.useReplaceRefs", "true")
    assert read(root, commit)[1] == "one\n"
    assert git.resolve(root, "HEAD~1") == commit


def test_nobody_is_given_other_parents(old):
    root, commit = old
    head = do(root, "rev-parse", "HEAD")
    (root / ".git/info/grafts").write_text(f"{head}\n")
    assert git.resolve(root, "HEAD~1") == commit
    assert git.revisions(root, "HEAD") == [commit, head]


MOVED = {
    "GIT_DIR": "{}/.git",
    "GIT_WORK_TREE": "{}",
    "GIT_COMMON_DIR": "{}/.git",
    "GIT_INDEX_FILE": "{}/.git/index",
    "GIT_OBJECT_DIRECTORY": "{}/.git/objects",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "{}/.git/objects",
    "GIT_NAMESPACE": "x",
    "GIT_CONFIG_PARAMETERS": "'core.worktree={}' 'core.useReplaceRefs=true'",
    "GIT_CONFIG_COUNT": "1",
    "GIT_GLOB_PATHSPECS": "1",
}


@pytest.mark.parametrize("name", MOVED)
def test_no_variable_leads_to_another_repository(old, tmp_path, monkeypatch, name):
    root, commit = old
    other = tmp_path / "other"
    other.mkdir()
    do(other, "init", "--quiet", ".")
    (root / "new.txt").write_text("new")
    before = (read(root, commit), git.resolve(root, "HEAD"), git.index(root), git.untracked(root), git.top(root))
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.worktree")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(other))
    monkeypatch.setenv(name, MOVED[name].format(other))
    now = (read(root, commit), git.resolve(root, "HEAD"), git.index(root), git.untracked(root), git.top(root))
    assert now == before
    git.private_copy(tmp_path / "copy", root, commit) if (tmp_path / "copy").mkdir() is None else None
    assert git.resolve(tmp_path / "copy", "HEAD") == commit
    assert do_without(other, "rev-parse", "--verify", "--quiet", "HEAD") == ""


def do_without(root, *arguments):
    """What Git says to who has none of these variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(["git", *arguments], cwd=root, env=kept, capture_output=True, text=True, check=False).stdout


def test_of_settings_in_variables_those_stay_that_say_who_and_how():
    given = {"GIT_CONFIG_COUNT": "3", "GIT_AUTHOR_NAME": "Ada", "GIT_DIR": "x"}
    for at, (key, value) in enumerate([("core.worktree", "/x"), ("user.name", "Ada"), ("safe.directory", "*")]):
        given |= {f"GIT_CONFIG_KEY_{at}": key, f"GIT_CONFIG_VALUE_{at}": value}
    kept = git_variables.steady(given)
    assert kept == {
        **git_variables.HELD, "GIT_AUTHOR_NAME": "Ada", "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "Ada",
        "GIT_CONFIG_KEY_1": "safe.directory", "GIT_CONFIG_VALUE_1": "*",
    }  # fmt: skip


def test_a_hook_of_a_linked_worktree_and_of_a_submodule(old, tmp_path):
    """Git's hooks set GIT_DIR and GIT_INDEX_FILE; what is asked from there is asked of the tree that one stands in."""
    root, _ = old
    do(root, "worktree", "add", "--quiet", str(tmp_path / "linked"))
    inner = tmp_path / "outer"
    inner.mkdir()
    do(inner, "init", "--quiet", f"--object-format={do(root, 'rev-parse', '--show-object-format')}", ".")
    do(inner, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(root), "sub")
    script = "import sys; from pathlib import Path; from regrow.tools import git\n"
    script += (
        "print([*git.index(Path('p'))], git.untracked(Path('p')), git.show(Path('p'), 'C', 'g.txt'), file=open(O,'w'))"
    )
    for place in (tmp_path / "linked", inner / "sub"):
        told = tmp_path / f"told {place.name}"
        code = script.replace("'C'", repr(do(place, "rev-parse", "HEAD"))).replace("O,", f"{str(told)!r},")
        hook = tmp_path / f"hooks {place.name}/pre-commit"
        hook.parent.mkdir()
        hook.write_text(f"#!/bin/sh\nenv | grep -q ^GIT_INDEX_FILE= && '{sys.executable}' -c \"{code}\"\n")
        hook.chmod(0o755)
        (place / "p/new.txt").write_text("new")
        (place / "p/g.txt").write_text("other")
        do(place, "-c", f"core.hooksPath={hook.parent}", "commit", "--quiet", "-m", "from a hook", "p/g.txt")
        assert told.read_text() == "['g.txt', 'ä b/f.txt'] ['new.txt'] g two\n\n"
