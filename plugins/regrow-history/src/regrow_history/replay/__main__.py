"""`python -m regrow_history.replay ROOT COMMIT ENV`: one commit of many, started by `regrow_history.replay.history`."""

import contextlib
import sys
from pathlib import Path

from regrow_history.replay import history

if __name__ == "__main__":
    root, commit, env = sys.argv[1:]
    with contextlib.suppress(KeyboardInterrupt):
        history.replay_one(Path(root), commit, env)
