"""DVC's cache and remotes as DVC's own settings name them; asking leaves no trace."""

import pytest

from regrow.base.errors import RegrowError
from regrow.tools import stores


def test_the_cache_and_the_remote_hold_what_dvc_put_there(tiny_made):
    md5 = tiny_made.md5("table.txt")
    data = (tiny_made.root / "table.txt").read_bytes()
    before = tiny_made.everything()
    for store in (stores.cache(tiny_made.root), stores.remote(tiny_made.root), stores.remote(tiny_made.root, "store")):
        with store.open(md5) as stream:
            assert stream.read() == data
        with pytest.raises(FileNotFoundError):
            store.open("0" * 32)
    assert stores.has_remote(tiny_made.root)
    assert tiny_made.everything() == before


@pytest.mark.parametrize("place", ["local", "global"])
def test_a_cache_elsewhere(tiny, tmp_path, monkeypatch, place):
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(tmp_path / "config"))
    tiny.run(
        "dvc", "cache", "dir", f"--{place}", str(tmp_path / "ä shared"), DVC_GLOBAL_CONFIG_DIR=str(tmp_path / "config")
    )
    assert stores.cache(tiny.root).folder == tmp_path / "ä shared/files/md5"


def test_a_cache_beside_the_project(tiny):
    tiny.run("dvc", "cache", "dir", "../shared")
    assert stores.cache(tiny.root).folder.resolve() == tiny.root.parent / "shared/files/md5"


def test_a_folder_below_dvcs_own(tiny):
    (tiny.root / "inner").mkdir()
    assert stores.cache(tiny.root / "inner").folder == tiny.root / ".dvc/cache/files/md5"


def test_without_dvc(tmp_path):
    assert stores.cache(tmp_path).folder is None
    assert not stores.has_remote(tmp_path)
    with pytest.raises(FileNotFoundError):
        stores.cache(tmp_path).open("0" * 32)
    with pytest.raises(RegrowError, match="DVC has no remote here"):
        stores.remote(tmp_path)


def test_remotes_that_cannot_be_asked(tiny):
    with pytest.raises(RegrowError, match="no remote is called 'HEAD'; there are: store"):
        stores.remote(tiny.root, "HEAD")
    tiny.run("dvc", "remote", "add", "lacking", "s3://bucket/x")  # its package is not installed
    with pytest.raises(RegrowError, match="can't be read") as error:
        stores.remote(tiny.root, "lacking")
    assert error.value.problems[0].where == "remote lacking"
    tiny.run("dvc", "remote", "add", "gone", "http://ada:secret@127.0.0.1:9/x")  # nobody listens there
    with pytest.raises(RegrowError, match="can't be read") as error:
        stores.remote(tiny.root, "gone").open("0" * 32)
    assert "secret" not in str(error.value)
    tiny.run("dvc", "remote", "default", "--unset")
    with pytest.raises(RegrowError, match="no default remote"):
        stores.remote(tiny.root)


def test_a_password_in_an_address_is_not_told():
    error = stores.unreachable("remote x", OSError("no answer from http://ada:secret@example.invalid/x"))
    assert "secret" not in str(error)


def test_settings_that_are_none(tiny):
    tiny.write(".dvc/config", "[core\n")
    with pytest.raises(RegrowError) as error:
        stores.cache(tiny.root)
    assert error.value.problems[0].where == ".dvc/config"


def test_only_plain_files_are_opened(tmp_path):
    with pytest.raises(OSError, match="no plain file"):
        stores.open_plain(tmp_path)
