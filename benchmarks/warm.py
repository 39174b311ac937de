"""Run by the Python of an environment: a warm server is there until the standard input ends.

It is the one that `regrow run --keep-warm` leaves. "there" is printed as soon as all its libraries are loaded.
"""

import os
import sys
from pathlib import Path

from regrow.environment import variables as determinism
from regrow.warm import client

TRIES = 3


def main() -> None:
    """Start it, say so, and wait."""
    variables = determinism.variables(os.environ, portable=True)
    with client.kept(variables) as wrong, Path(os.devnull).open("r+b") as nothing:
        streams = [nothing.fileno()] * 3
        ask = ["regrow", "--version"]
        # answered when all libraries are loaded; refused by one whose libraries were compiled meanwhile
        there = not wrong and any(client.ask(variables, ask, "/", streams) == 0 for _ in range(TRIES))
        print("there" if there else f"no warm server: {wrong or 'it refuses'}", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
