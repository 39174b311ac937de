"""Whether searches keep their budgets, and whether each replays: `python -m benchmarks.budgets`.

Ten budgets each of trials, seconds, CPU-seconds and money. A search may end 5 % or one trial late. Then it is run again
with what the first decided: the same trials, the same scores, the same best.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.search import FOLDS, pipeline, table

KINDS = ("trials", "seconds", "cpu_seconds", "money")
PRICE = 36.0  # an hour, so that a second costs 0.01
LATE = 0.05


def main(arguments: list[str]) -> int:
    """Print a line of JSON for each kind; exit code 1 where a budget was not kept or a search did not replay."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.budgets", description=__doc__)
    parser.add_argument("--fit", type=float, default=0.05, help="seconds of one fit")
    parser.add_argument("--most", type=float, default=10.0, help="seconds of the largest budget")
    parser.add_argument("--budgets", type=int, default=10, help="of each kind")
    said = parser.parse_args(arguments)
    good = True
    for kind in KINDS:
        rows = [measured(kind, part / said.budgets, said.most, said.fit) for part in range(1, said.budgets + 1)]
        kept, again = sum(one["kept"] for one in rows), sum(one["replays"] for one in rows)
        good = good and kept == again == len(rows)
        print(json.dumps({"budget": kind, "kept": f"{kept} of {len(rows)}", "replay": f"{again} of {len(rows)}",
                          "each": rows}), flush=True)  # fmt: skip
    return 0 if good else 1


def measured(kind: str, share: float, most: float, fit: float) -> dict[str, Any]:
    """One search and its replay. share: of the largest budget."""
    trials = max(1, round(10 * share))
    asked = {
        "trials": trials,
        "seconds": most * share,
        "cpu_seconds": most * share,
        "money": most * share * PRICE / 3600,
    }
    budget: dict[str, Any] = {kind: asked[kind]}
    if kind == "money":
        budget["price_per_hour"] = PRICE
    first, took = searched(budget, fit, None)
    again, _ = searched(budget, fit, first.choices())
    longest = max(one.outcome.seconds for one in first.trials)
    spent, trial = {
        "trials": (float(len(first.trials) - 1), 0.0),
        "cpu_seconds": (sum(one.outcome.cpu for one in first.trials), max(one.outcome.cpu for one in first.trials)),
    }.get(kind, (took, longest))
    limit = most * share if kind != "trials" else trials
    return {
        "budget": round(limit, 2),
        "spent": round(spent, 2),
        "trials": len(first.trials) - 1,
        "kept": bool(spent <= limit + max(LATE * limit, trial)),
        "replays": told(first) == told(again),
    }


def searched(budget: Mapping[str, Any], fit: float, choices: Mapping[str, Any] | None) -> tuple[Any, float]:
    """What a random search told, and its seconds without the last fit on all rows."""
    from regrow import Context
    from regrow_experiment.search import random
    from regrow_experiment.search_settings import Random

    X, y = table()
    space = {"model": {"C": {"low": 0.001, "high": 1000.0, "log": True}}}
    settings = Random.model_validate({"space": space, "folds": FOLDS, "noise": 1, "budget": dict(budget)})
    search: Any = random(settings, Context(task="binary", random_state=1, choices=choices))
    ended: list[float] = []

    def build(changes: Mapping[str, Any] | None = None, repeat: int = 0) -> Any:
        ended.append(time.perf_counter())  # the last one here is that of the final fit: trials have their own processes
        return pipeline((changes or {}).get("model.C", 1.0), fit)

    began = time.perf_counter()
    search(build, X, y)
    return search.told, (ended[-1] if ended else time.perf_counter()) - began


def told(search: Any) -> Any:
    """What has to be the same in a replay."""
    trials = [
        (one.number, one.changes, one.outcome.state, np.array(one.outcome.scores).tobytes()) for one in search.trials
    ]
    return trials, search.stopped, search.best.number


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
