"""`regrow serve --promoted`: the server, going over to another bundle when what it follows names another.

No bundle holds this module: one that serves itself has nothing to follow.
"""

import argparse
import importlib
import os
import socket
import sys
from collections.abc import Sequence
from typing import Any

from regrow_serve import server
from regrow_serve.following import Following, Source

MODULE = "regrow_serve.following_server"


def source(text: str) -> Source:
    """The source that "module:class:what" names: class(what)."""
    module, name, what = text.split(":", 2)
    made: Source = getattr(importlib.import_module(module), name)(what)
    return made


def main(argv: Sequence[str]) -> int:
    """As `regrow_serve.server.main`, with --follow and --fd."""
    from regrow.base.errors import RegrowError

    parser = server.parser()
    parser.add_argument("--follow", required=True, help="module:class:what, which names the bundle that is served")
    parser.add_argument("--fd", type=int, help="a socket that listens already")
    options = parser.parse_args(argv)
    if server.SET not in os.environ:
        server.start_again(options.bundle, list(argv), MODULE)
    try:
        app = Following(server.application(options), source(options.follow), options.log_inputs)
    except RegrowError as error:
        sys.stderr.write(f"regrow: {error}\n")
        return int(error.code)
    _run(app, options, list(argv))
    return 0


def _run(app: Following, options: argparse.Namespace, argv: list[str]) -> None:
    """Run; and where what is to be served can't share this process, go on in another with the same socket."""
    running: Any = server.draining(app, options)
    listening = socket.socket(fileno=options.fd) if options.fd is not None else running.config.bind_socket()
    kept = os.dup(listening.fileno())
    running.run(sockets=[listening])
    if not app.successor:
        return
    os.set_inheritable(kept, True)
    file = source(options.follow).file(app.successor)
    environment = {name: value for name, value in os.environ.items() if name != server.SET}
    more = [str(file), *argv[1:], "--digest", app.successor, "--fd", str(kept)]
    os.execve(sys.executable, [sys.executable, "-m", MODULE, *more], environment)  # noqa: S606


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
