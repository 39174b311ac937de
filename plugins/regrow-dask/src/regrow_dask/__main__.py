"""One experiment in the current folder, as asked on stdin; what came of it to stdout. `worker` starts it."""

import json
import os
import sys

from regrow.base.errors import RegrowError
from regrow.plugin.project import open_project
from regrow_history.sweep import sweep


def main() -> None:
    """Run it; nothing else may write to stdout."""
    asked = json.load(sys.stdin)
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        (made,) = sweep.run(open_project(), {asked["name"]: tuple(asked["overrides"])}, workers=1).outcomes
        told: dict[str, object] = {"commit": made.commit, "reason": made.reason}
    except RegrowError as error:
        told = {"code": int(error.code), "problems": [[one.wrong, one.where, one.fix] for one in error.problems]}
    json.dump(told, answer)
    answer.close()


if __name__ == "__main__":
    main()
