"""Many files at once: each as if alone, and a failure of one is told of one."""

from functools import partial

import pytest

from regrow.base.errors import RegrowError
from regrow.base.hash_many import Job, State, hash_all
from regrow.base.hashing import of_bytes
from regrow.tools.stores import open_plain


def test_each_as_if_alone(tmp_path):
    for number in range(500):
        (tmp_path / str(number)).write_bytes(b"%d" % number * number)
    seen = []
    jobs = [Job(str(n), partial(open_plain, tmp_path / str(n)), sha256=True) for n in range(500)]
    found = hash_all(jobs, seen.append)
    assert found == {str(n): State(of_bytes(b"%d" % n * n)) for n in range(500)}
    assert sum(seen) == sum(state.digest.size for state in found.values())


def test_sha256_only_where_asked_for(tmp_path):
    (tmp_path / "a").write_bytes(b"a")
    assert hash_all([Job("a", partial(open_plain, tmp_path / "a"))])["a"].digest.sha256 == ""


def test_what_is_not_there_and_what_cannot_be_read(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    paths = {"none": tmp_path / "none", "below a file": tmp_path / "file/x", "folder": tmp_path / "folder"}
    found = hash_all([Job(name, partial(open_plain, path)) for name, path in paths.items()])
    assert found["none"] == found["below a file"] == State()
    assert found["folder"].digest is None
    assert found["folder"].error


def test_our_own_errors_come_through():
    def broken():
        raise RegrowError("the remote is gone")

    with pytest.raises(RegrowError, match="is gone"):
        hash_all([Job(str(n), broken) for n in range(100)])


def test_nothing_to_hash():
    assert hash_all([]) == {}
