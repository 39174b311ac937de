"""Hashes are those that DVC takes, and both in one reading."""

import hashlib
import io

import pytest

from regrow.base import hashing


def test_a_stream_is_hashed_and_copied_in_one_reading():
    data = b"x" * (hashing.CHUNK + 5)
    copy = io.BytesIO()
    digest = hashing.of_stream(io.BytesIO(data), copy)
    assert digest == hashing.of_bytes(data)
    assert (digest.md5, digest.sha256) == (hashlib.md5(data).hexdigest(), hashlib.sha256(data).hexdigest())
    assert digest.size == len(data)
    assert copy.getvalue() == data
    assert hashing.of_stream(io.BytesIO(data), sha256=False) == hashing.Digest(digest.md5, "", len(data))


def test_files_and_folders_have_the_hashes_in_dvc_lock(tiny_made):
    lock = (tiny_made.root / "dvc.lock").read_text()
    for path in ("raw", "out", "src", "table.txt", "metrics.json"):
        digest = hashing.of_path(tiny_made.root / path, tiny_made.root)
        assert f"path: {path}\n      hash: md5\n      md5: {digest.md5}\n      size: {digest.size}\n" in lock


def test_a_folders_object_is_dvcs(tiny_made):
    digest = hashing.of_path(tiny_made.root / "raw", tiny_made.root)
    files = [(name, one.md5) for name, one in digest.files.items()]
    data = tiny_made.cached(digest.md5).read_bytes()
    assert hashing.listing(files) == data
    assert hashing.parse_listing(data) == dict(files)


def test_a_folders_sha256_changes_with_names_and_bytes():
    one, two = hashing.of_bytes(b"1"), hashing.of_bytes(b"2")
    sums = {hashing.of_files(files).sha256 for files in ({"a": one}, {"a": two}, {"b": one}, {"a": one, "b": two})}
    assert len(sums) == 4
    assert hashing.of_files({"a": one, "b": hashing.Digest(two.md5, "", 1)}).sha256 == ""


@pytest.mark.parametrize(
    "data", [b"", b"{", b"{}x", b'[{"relpath": "a"}]', b"[1]", b'"x"', b'[{"relpath": "a", "md5": "../../x"}]', b"\xff"]
)
def test_what_is_no_list_of_files(data):
    with pytest.raises(ValueError, match="is not a list of files"):
        hashing.parse_listing(data)


def test_what_dvc_ignores_counts_for_nothing(tmp_path):
    for name in ("a.txt", "b.pyc", "deep/c.txt", "skip/d.txt", ".dvcignore", "deep/.git/e"):
        (tmp_path / "f" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "f" / name).write_text(name)
    (tmp_path / ".dvcignore").write_text("*.pyc\n/f/skip\n")
    assert list(hashing.below(tmp_path / "f", tmp_path)) == ["a.txt", "deep/c.txt"]


def test_a_folder_that_is_being_made_in_dvcs_own_folder_is_seen(tmp_path):
    (tmp_path / ".dvc/tmp/regrow/x").mkdir(parents=True)
    (tmp_path / ".dvc/tmp/regrow/x/a.txt").write_text("a")
    assert hashing.of_path(tmp_path / ".dvc/tmp/regrow/x", tmp_path).size == 1


def test_nothing_there(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        hashing.of_path(tmp_path / "no", tmp_path)
