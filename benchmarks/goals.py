"""What regrow is to hold, as ratios of medians of one run, or in seconds where there is nobody to compare with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks import flights, serving
from benchmarks.growth import experiments, project
from benchmarks.peers import dvc, floor, hydra, regrow
from benchmarks.rounds import median
from benchmarks.servers import servers
from benchmarks.serving import name_of

Results = Mapping[str, Any]


@dataclass(frozen=True)
class Goal:
    """part: whose rows they are. ours, theirs: who is compared, at a size if the part grows. at_most: the ratio, or
    the seconds if theirs is ""."""

    part: str
    text: str
    ours: str
    theirs: str
    at_most: float
    size: int = 0


GOALS = (
    Goal("a", "cold run, warm server there, to the floor", regrow.WARM, floor.ONE, 1.15),
    Goal("a", "cold run, the server's start included, to the floor", regrow.WHOLE, floor.ONE, 1.9),
    Goal("b", "nothing to do, to `dvc repro`", regrow.NOTHING, dvc.NAME, 0.12),
    Goal("c", "one setting changed, warm server there, to `dvc repro`", regrow.WARM, dvc.NAME, 0.45),
    Goal("d", "20 experiments, to `dvc exp run -S`", regrow.SWEEP, dvc.EXP, 0.10),
    Goal("d", "20 experiments, to `dvc queue start -j2`", regrow.SWEEP, dvc.QUEUE, 0.12),
    Goal("d", "20 experiments, to Hydra's joblib launcher", regrow.SWEEP, hydra.SWEEP, 1.0),
    Goal("e", "an old one brought back and proven, to `git checkout` and `dvc repro`", regrow.BACK, dvc.BACK, 1.0),
    Goal("f", "an earlier value, from DVC's run cache, warm server there, to `dvc repro`", regrow.WARM, dvc.NAME, 1.0),
    Goal("flights", "a replay, to `regrow run --force` with its server's start", flights.OURS, flights.AGAIN, 1.3),
    Goal("flights", "a replay's first stage starts", flights.FIRST, "", 1.5),
    Goal("stages", "500 stages, nothing to do, to `dvc repro`", project.OURS, project.THEIRS, 0.2, 500),
    Goal(
        "experiments",
        "1,000 experiments listed, to `dvc exp show`, cached",
        experiments.OURS,
        experiments.THEIRS,
        0.05,
        1_000,
    ),
    *(
        Goal(
            "serving",
            f"32 clients, seconds a request, {model}, to {peer}",
            name_of(servers.OURS, model),
            name_of(peer, model),
            0.2,
            32,
        )
        for model in serving.MODELS
        for peer in servers.PEERS
    ),
    *(
        Goal(
            "serving",
            f"one client, p99, {model}, to {servers.FASTAPI}",
            name_of(servers.OURS, model, serving.P99),
            name_of(servers.FASTAPI, model, serving.P99),
            1.1,
            1,
        )
        for model in serving.MODELS
    ),
    Goal(
        "serving",
        "a server's start, to importing scikit-learn and pandas",
        name_of(servers.OURS, "linear", serving.START),
        serving.IMPORTS,
        1.2,
    ),
    Goal("serving", "a server's peak memory, MB", name_of(servers.OURS, "linear", serving.MEMORY), serving.MB, 250),
    Goal("serving", "an image above its base, packed, MB", serving.IMAGE, serving.MB, 80),
    Goal("serving", "what a new model pushes, packed, MB", serving.PUSH, serving.MB, 1),
)


def figure(goal: Goal, results: Results) -> float | None:
    """The ratio of the medians, or the median; None where one was not measured."""
    rows = results["parts"].get(goal.part, {}).get("rows", [])
    found = {row["who"]: median(row) for row in rows if row["seconds"] and row.get("size", 0) == goal.size}
    if not goal.theirs:
        return found.get(goal.ours)
    return found[goal.ours] / found[goal.theirs] if goal.ours in found and goal.theirs in found else None


def met(goal: Goal, results: Results) -> bool | None:
    """Whether it holds; None where it was not measured. A ratio of 1 is one to be below."""
    found = figure(goal, results)
    if found is None:
        return None
    return found < 1 if goal.theirs and goal.at_most == 1 else found <= goal.at_most
