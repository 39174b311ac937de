"""What other machines are told of DVC's remotes: how to get there, and no secret of this one."""

import pytest

from regrow.base.errors import RegrowError
from regrow.tools import exchange, stores

CONFIG = """\
[core]
    remote = deep
['remote "store"']
    url = https://bucket.example/x
    connect_timeout = 7
['remote "deep"']
    url = remote://store/deep
"""
LOCAL = """\
['remote "store"']
    url = https://other.example/x
    password = hush
    user = me
['remote "mine"']
    url = ../beside
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(tmp_path / "global"))
    monkeypatch.setenv("DVC_SYSTEM_CONFIG_DIR", str(tmp_path / "system"))
    (tmp_path / "p/.dvc").mkdir(parents=True)
    (tmp_path / "p/.dvc/config").write_text(CONFIG)
    return tmp_path / "p"


def test_addresses_as_they_are_here_and_settings_as_the_project_says(root, tmp_path):
    (root / ".dvc/config.local").write_text(LOCAL)
    name, told = exchange.shared(root)
    assert name == "deep"
    assert told["store"] == {"url": "https://other.example/x", "connect_timeout": "7"}
    assert told["deep"] == {"url": "remote://store/deep"}
    assert told["mine"] == {"url": str(root / "beside")}
    exchange.settle(tmp_path / "there", name, told)
    assert stores.remote(tmp_path / "there").folder == "https://other.example/x/deep/files/md5"


def test_without_a_default_remote_it_says_what_to_do(root):
    (root / ".dvc/config").write_text(CONFIG.replace("remote = deep", ""))
    with pytest.raises(RegrowError, match="DVC has no default remote, and workers get data from there"):
        exchange.shared(root)
