"""Where the warm server listens: for its own user alone."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from regrow.warm import address as place

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="no warm stages here")


def test_the_folder_is_this_users_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("REGROW_HOME", str(tmp_path / "home"))
    (tmp_path / "home/warm").mkdir(parents=True, mode=0o777)
    assert place.folder().stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become another user")
def test_another_user_is_refused(tmp_path):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    address = Path("/tmp") / f"regrow-test-{os.getpid()}"
    listener.bind(str(address))
    address.chmod(0o777)
    listener.listen()
    code = "import os, socket, sys; os.setuid(65534)\n"
    code += "s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1]); s.recv(1)"
    process = subprocess.Popen([sys.executable, "-c", code, str(address)])
    try:
        connection, _ = listener.accept()
        with pytest.raises(PermissionError):
            place.require_own(connection)
        connection.close()
        process.wait()
    finally:
        address.unlink()
