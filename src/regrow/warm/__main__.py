"""`python -m regrow.warm NAME KEEP LISTENER LOCK`: the warm server, started by `regrow.warm.client`.

`python -m regrow.warm PROTOCOL LINE`: one that serves a single process, started by `regrow.warm.line`.

`python -m regrow.warm hold`: keeps one of the first kind for the project here, until its standard input ends.
"""

import sys

from regrow import serving
from regrow.project import open_project
from regrow.warm.server import serve, serve_one

if sys.argv[1:] == ["hold"]:
    with serving.served(open_project()):
        sys.stdin.read()
elif len(sys.argv) == 3:
    serve_one(*map(int, sys.argv[1:]))
else:
    name, keep, listener, lock, *leases = sys.argv[1:]
    serve(name, float(keep), int(listener), int(lock), [int(lease) for lease in leases])
