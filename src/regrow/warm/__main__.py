"""`python -m regrow.warm NAME KEEP LISTENER LOCK`: the warm server, started by `regrow.warm.client`."""

import sys

from regrow.warm.server import serve

name, keep, listener, lock, *leases = sys.argv[1:]
serve(name, float(keep), int(listener), int(lock), [int(lease) for lease in leases])
