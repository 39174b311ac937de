"""What a warm server is told of the project that it is for."""

from contextlib import contextmanager

import pytest

from regrow import layout
from regrow.plugin.project import open_project
from regrow.warm import client, server_for_project


@pytest.fixture
def terms(small, monkeypatch):
    """What the server of a project is asked for, with other settings."""
    small.compile()

    @contextmanager
    def kept(environment, asked):
        yield asked

    def told(settings: bytes, **more) -> client.Terms:
        monkeypatch.setattr(client, "kept", kept)
        small.root.joinpath(layout.PARAMS).write_bytes(settings)
        with server_for_project.served(open_project(small.root), **more) as asked:
            return asked

    return told


def test_it_hears_what_the_fingerprints_name(terms, small):
    asked = terms(b"a: 1\n", keep=True, compiles=False, jobs=3)
    assert {"pandas", "regrow.artifacts.table", f"{small.package}.work"} <= set(asked.wants)
    assert (asked.keep, asked.compiles, asked.jobs) == (True, False, 3)


@pytest.mark.parametrize(("settings", "read_twice"), [(b"a: 1e-05\n", False), (b"a: 'x y'\n", True), (b"\xff", False)])
def test_and_whether_stages_read_the_settings_twice(terms, settings, read_twice):
    assert ("omegaconf" in terms(settings).wants) == read_twice
