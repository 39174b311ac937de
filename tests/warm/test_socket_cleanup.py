"""What waits for the end of a warm server takes away its socket, and no other one."""

import os
import sys
import time

import pytest

from regrow.environment import variables
from regrow.warm import address, client, socket_cleanup

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="no warm stages here")


def test_the_socket_of_the_next_server_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("REGROW_HOME", str(tmp_path))
    wanted = variables.variables(os.environ, portable=True)
    name = address.key(wanted)
    waiting = socket_cleanup.post(name)
    with client.kept(wanted):
        os.close(waiting)
        socket_cleanup.clear(name)
        time.sleep(2.0)  # it waits for one
        assert (tmp_path / "warm" / name).exists()


def test_the_socket_of_one_that_is_gone_is_taken_away(tmp_path, monkeypatch):
    monkeypatch.setenv("REGROW_HOME", str(tmp_path))
    waiting = socket_cleanup.post("name")
    address.listen("name").close()
    (tmp_path / "warm" / "name.lock").touch()
    time.sleep(0.2)
    assert (tmp_path / "warm" / "name").exists()
    os.close(waiting)
    give_up = time.monotonic() + 5
    while (tmp_path / "warm" / "name").exists() and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not (tmp_path / "warm" / "name").exists()
