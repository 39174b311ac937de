"""A server of one process's own: what it answers, when it is none, and that nothing of it is left."""

import os
import signal
import sys
from pathlib import Path

import pytest
from tests.faults.world import left_in

from regrow.environment import variables
from regrow.warm import client, private_server
from regrow.warm.private_server import ServerLostError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="no warm stages here")
HELP, WRONG = ["regrow", "compile", "--help"], ["regrow", "compile", "--such"]
OURS = Path(sys.executable)


@pytest.fixture
def wanted(monkeypatch) -> dict[str, str]:
    monkeypatch.delenv(client.COLD, raising=False)
    return variables.variables(os.environ, portable=True)


@pytest.fixture
def begun(tmp_path, wanted):
    with private_server.started(OURS, tmp_path, wanted, client.Terms(wants=())) as server:
        yield server
    assert left_in(tmp_path) == {}


def test_it_runs_commands_in_their_environment_or_leaves_them_to_others(begun, tmp_path, wanted):
    log = tmp_path / "log"
    assert begun.run(HELP, tmp_path, wanted | {"DVC_STAGE": "x", "PATH": "/bin", client.COLD: "1"}, log) == 0
    assert begun.run(WRONG, tmp_path, wanted, log) == 1
    said = log.read_text()
    assert said.index("--in-pipeline") < said.index("No such option")
    for other in ({"PYTHONHASHSEED": "7"}, {"OPENBLAS_CORETYPE": "Other"}, {"PYTHONPATH": "/elsewhere"}):
        assert begun.run(HELP, tmp_path, wanted | other, log) is None, other
    assert begun.run(HELP, tmp_path, wanted, log) == 0, "it is there all the same"


def test_nobody_else_can_ask_it(begun, tmp_path, wanted):
    """It has no place among the servers of this user, and holds no socket that has a name."""
    assert begun.run(HELP, tmp_path, wanted, tmp_path / "log") == 0
    held = {str(file.readlink()) for file in Path(f"/proc/{begun.server.pid}/fd").iterdir()}
    numbers = {one.removeprefix("socket:[").removesuffix("]") for one in held if one.startswith("socket:")}
    named = [told.split() for told in Path("/proc/net/unix").read_text().splitlines()[1:]]
    assert numbers
    assert not [told for told in named if told[6] in numbers and len(told) > 7]


@pytest.mark.parametrize("when", ["before the first command", "afterwards"])
def test_one_that_is_killed_is_told_of_once(begun, tmp_path, wanted, when):
    if when == "afterwards":
        assert begun.run(HELP, tmp_path, wanted, tmp_path / "log") == 0
    assert begun._is_there()
    os.kill(begun.server.pid, signal.SIGKILL)
    begun.server.wait()
    with pytest.raises(ServerLostError):
        begun.run(HELP, tmp_path, wanted, tmp_path / "log")
    assert begun.lost
    assert begun.run(HELP, tmp_path, wanted, tmp_path / "log") is None


@pytest.mark.parametrize("other", ["a protocol", "no server", "no program"])
def test_where_the_environments_regrow_has_none_it_is_not_asked_and_nothing_is_lost(
    tmp_path, wanted, monkeypatch, other
):
    if other == "a protocol":
        monkeypatch.setattr(private_server, "PROTOCOL", private_server.PROTOCOL + 1)
    python = {"no server": Path("/bin/false"), "no program": tmp_path / "python"}.get(other, OURS)
    with private_server.started(python, tmp_path, wanted, client.Terms(wants=())) as server:
        assert server is None or server.run(HELP, tmp_path, wanted, tmp_path / "log") is None
        assert not (server and server.lost)


def test_without_warm_stages_there_is_none(tmp_path, wanted, monkeypatch):
    monkeypatch.setenv(client.COLD, "1")
    with private_server.started(OURS, tmp_path, wanted, client.Terms()) as server:
        assert server is None
