"""A Dask cluster is reached, or it is said why not."""

import sys
from types import SimpleNamespace

import pytest

from regrow.base.errors import Exit, RegrowError
from regrow.tools import dask


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("dask://127.0.0.1:8786", "tcp://127.0.0.1:8786"),
        ("dask://head.cluster-1.example:80/", "tcp://head.cluster-1.example:80"),
        ("dask://[::1]:8786", "tcp://[::1]:8786"),
    ],
)
def test_an_address_is_dasks_own(text, address):
    assert dask.address(text) == address


@pytest.mark.parametrize(
    "text",
    ["", "tcp://127.0.0.1:8786", "127.0.0.1:8786", "dask://127.0.0.1", "dask://:8786", "dask://h:0", "dask://h:65536",
     "dask://me@h:1", "dask://h:1/x", "dask://h h:1", "dask+tls://h:8786"],
)  # fmt: skip
def test_any_other_form_is_refused(text):
    with pytest.raises(RegrowError, match="no address of the form dask://HOST:PORT"):
        dask.address(text)


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(RegrowError, match=r"pip install 'regrow\[dask\]'") as raised:
        dask.require_installed()
    assert raised.value.code is Exit.ENVIRONMENT


def test_a_scheduler_that_does_not_answer_is_told(monkeypatch):
    monkeypatch.setattr(dask, "PATIENCE", 0.3)
    with pytest.raises(RegrowError, match="no Dask scheduler answers"), dask.joined("tcp://127.0.0.1:1"):
        pass


def said(python: str = "3.11.7.final.0", **packages: str) -> dict:
    return {"host": {"python": python}, "packages": {"dask": "2026.8.0", "distributed": "2026.8.0", **packages}}


def test_other_versions_are_told_by_name():
    told = {
        "client": said(),
        "scheduler": said(python="3.13.1", distributed="2025.1.0"),
        "workers": {"tcp://a:1": said(), "tcp://b:2": said(python="3.12.0", dask="2025.1.0")},
    }
    client = SimpleNamespace(status="running", get_versions=lambda check: told)
    assert dask.Cluster("tcp://s:0", client).versions(["tcp://a:1", "tcp://b:2", "tcp://gone:4"]) == {
        "scheduler": ["distributed: 2025.1.0, not 2026.8.0"],
        "tcp://a:1": [],
        "tcp://b:2": ["Python: 3.12, not 3.11", "dask: 2025.1.0, not 2026.8.0"],
        "tcp://gone:4": [],
    }


def test_a_client_that_has_lost_its_scheduler_waits_for_nothing():
    client = SimpleNamespace(status="connecting", nthreads=lambda: pytest.fail("asked"))
    with pytest.raises(dask.LostError):
        dask.Cluster("tcp://s:0", client).workers()
