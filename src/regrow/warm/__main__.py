"""`python -m regrow.warm NAME KEEP LISTENER LOCK`: the warm server, started by `regrow.warm.client`.

`python -m regrow.warm PROTOCOL LINE`: one that serves a single process, started by `regrow.warm.private_server`.
`python -m regrow.warm hold`: keeps one of the first kind for the project here, until its standard input ends.
"""

import json
import os
import signal
import socket
import sys

from regrow.plugin.project import open_project
from regrow.warm import server_for_project, socket_cleanup
from regrow.warm.client import LARGEST
from regrow.warm.private_server import HELLO, PROTOCOL
from regrow.warm.server import libraries
from regrow.warm.server.loop import Server


def serve(name: str, keep: float, listener: int, lock: int, leases: list[int]) -> None:
    """Serve on the socket `listener` until nobody has needed it for `keep` seconds; `lock` is held meanwhile."""
    _settle(listener, lock, *leases)
    held = {socket.socket(fileno=lease) for lease in leases}
    wanted = libraries.of_installed() if held else set()  # begun anew: what they wanted is not known any more
    Server(name, socket.socket(fileno=listener), lock, socket_cleanup.post(name), held, wanted=wanted, keep=keep).run()


def serve_one(protocol: int, line: int) -> None:
    """Serve the process at the other end of the socket `line`, which has started this one, until it has gone."""
    if protocol != PROTOCOL:
        return  # another version's: it runs its commands by itself
    _settle(line)
    client = socket.socket(fileno=line)
    client.send(HELLO)
    if said := client.recv(LARGEST):
        terms = json.loads(said)
        wanted = set(terms["wants"]) if "wants" in terms else libraries.of_installed()
        Server("", leases={client}, wanted=wanted, compiles=terms["compiles"]).run()


def _settle(*files: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a run that is interrupted closes its lease
    for number in files:
        os.set_inheritable(number, False)  # what is started beside must not be taken for the server


if sys.argv[1:] == ["hold"]:
    with server_for_project.served(open_project()):
        sys.stdin.read()
elif len(sys.argv) == 3:
    serve_one(*map(int, sys.argv[1:]))
else:
    name, keep, listener, lock, *leases = sys.argv[1:]
    serve(name, float(keep), int(listener), int(lock), [int(lease) for lease in leases])
