"""What searches tried: the ledger, what was chosen, the times, and the section of the report."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regrow.artifacts import blocks
from regrow.base.atomic import write_text
from regrow_experiment import space, variance
from regrow_experiment.told import COSTS, Told, Tried

MODEL = "model"  # the search whose result is the model; the others are of folds
MOST_SHOWN = 20
TIMES = "times.json"
COLUMNS = ("trial", "search", "number", "repeat", "seed", "share", "params", "values", "score", "state", "reason")
ENDS = {
    "trials": "search.budget.trials was reached",
    "seconds": "search.budget.seconds was reached: a choice, which a replay repeats",
    "cpu_seconds": "search.budget.cpu_seconds was reached: a choice, which a replay repeats",
    "accepted": "search.accept was reached",
    "money": "search.budget.money was spent: a choice, which a replay repeats",
    "interrupted": "somebody pressed Ctrl-C: a choice, which a replay repeats",
    "patience": "search.patience was over: no gain beyond noise",
    "exhausted": "there was nothing more to try",
}
Searches = Mapping[str, Told]  # name of the fit -> what its search tried


def table(searches: Searches, seed: int) -> pd.DataFrame:
    """The ledger, one row a trial: `params` are what it changed, `values` the mean score and each fold's. No times."""
    rows: list[tuple[Any, ...]] = []
    for name, told in searches.items():
        for one in told.trials:
            scores = one.outcome.scores
            values = {"score": one.score, **{f"fold {k}": score for k, score in enumerate(scores)}} if scores else {}
            values |= {key: one.metric(key) for key in one.outcome.metrics if key not in values}
            said = (json.dumps(part, sort_keys=True) for part in (space.written(one.changes), values))
            state, reason = one.outcome.state, one.outcome.reason
            rows.append((len(rows), name, one.number, one.repeat, seed, one.share, *said, one.score, state, reason))
    made = pd.DataFrame(rows, columns=list(COLUMNS))
    whole = dict.fromkeys(("trial", "number", "repeat", "seed"), "int64")
    text = dict.fromkeys(("search", "params", "values", "state", "reason"), "str")
    return made.astype({**whole, **text, "score": "float64", "share": "float64"})


def choices(searches: Searches, terms: str) -> dict[str, Any]:
    """What clock and machine decided; terms: a hash of the settings that it holds for."""
    return {"settings": terms, "searches": {name: told.choices() for name, told in searches.items()}}


def chosen(given: Mapping[str, Any] | None, terms: str, name: str) -> Mapping[str, Any] | None:
    """Of the choices of a commit, those of one search; None where there are none for these settings."""
    if not given or given.get("settings") != terms:
        return None
    found = given.get("searches", {}).get(name)
    return found if isinstance(found, Mapping) and isinstance(found.get("trials"), int) else None


def write_times(searches: Searches, folder: Path) -> None:
    """What each trial took, beside the results: no replay compares it. best: on the front of Pareto, where no other
    trial is as good and as cheap to fit, to ask and to keep."""
    told = {name: [_cost(one, search) for one in search.trials] for name, search in searches.items()}
    write_text(folder / TIMES, json.dumps(told, indent=1) + "\n")


def _cost(one: Tried, told: Told) -> dict[str, Any]:
    took = one.outcome
    cost = {name: took.cost.get(short) for name, short in COSTS.items()}
    best = one.candidate and not any(_beats(other, one, told) for other in told.trials if other.candidate)
    return {"trial": one.number, "seconds": took.seconds, "cpu": took.cpu, **cost, "best": best}


def _beats(one: Tried, other: Tried, told: Told) -> bool:
    """Whether one is as good and as cheap as the other, and better or cheaper."""
    sides = [[-each.score * told.sign, *(each.outcome.cost.get(key, 0.0) for key in COSTS.values())]
             for each in (one, other)]  # fmt: skip
    return all(a <= b for a, b in zip(*sides, strict=True)) and sides[0] != sides[1]


def section(searches: Searches) -> dict[str, Any]:
    """The section `search_section`: the best against the noise, and the trials."""
    told = searches.get(MODEL)
    if told is None:
        said = [blocks.text("Nothing was searched: the settings were taken as they stand.")]
    else:
        said = [*_result(told), *_stacked(told), _trials(told), *variance.blocks_of(told), *_folds(searches)]
    return {"title": "The search", "level": "analyse", "order": 35, "blocks": said}


def _result(told: Told) -> list[dict[str, Any]]:
    best, floor, gain = told.best, told.floor, told.gain
    count = sum(not one.repeat for one in told.trials)
    bad = sum(one.outcome.state == "failed" for one in told.trials)
    cut = sum(one.outcome.state == "pruned" for one in told.trials)
    end = f"{count} trials; {bad} failed{f', {cut} were pruned' if cut else ''}. "
    end += f"It ended because {ENDS.get(told.stopped, told.stopped)}."
    said = [blocks.text(f"{verdict(told)} {end}")]
    if best is not None:
        said.append({"kind": "number", "label": f"best {told.metric}, mean of the inner folds", "value": best.score})
    if told.trials and told.trials[0].complete:
        first = told.trials[0].score
        said.append({"kind": "number", "label": f"{told.metric} of the settings as they stand", "value": first})
    if floor is not None:
        said.append({"kind": "number", "label": "noise: the smallest difference that means something", "value": floor})
    if gain is not None and np.isfinite(gain.low):
        interval = [gain.low, gain.high]
        said.append({"kind": "number", "label": "gain, corrected", "value": gain.mean, "interval": interval})
    return said


def _stacked(told: Told) -> list[dict[str, Any]]:
    if not told.stack or told.stack_gain is None:
        return []
    which = ", ".join(map(str, told.stack))
    kept = "it is the model" if told.stacked else "the best single trial is the model"
    return [blocks.text(f"A stack of the trials {which} gains {told.stack_gain.mean:.4g} over the best: {kept}.")]


def verdict(told: Told) -> str:
    """Whether the gain is beyond noise, in words."""
    gain = told.gain
    if gain is None:
        return "No trial was better than the settings as they stand."
    if gain.beyond:
        return f"The best trial is better than the settings as they stand by {gain.mean:.4g}, beyond noise."
    return f"The best trial's gain over the settings as they stand, {gain.mean:.4g}, is within noise."


def _trials(told: Told) -> dict[str, Any]:
    sign = -1 if told.higher else 1
    order = sorted(
        told.trials, key=lambda one: (not one.complete, -one.share, sign * np.nan_to_num(one.score), one.number)
    )
    rows, named = [], sorted({name for one in told.trials for name in one.outcome.metrics})
    for one in order[:MOST_SHOWN]:
        changes = space.written(one.changes)
        what = ", ".join(f"{key}: {json.dumps(value)}" for key, value in changes.items()) or "as they stand"
        spread = float(np.std(one.outcome.scores, ddof=1)) if len(one.outcome.scores) > 1 else None
        seed = f" (seed {one.repeat})" if one.repeat else f" (with {one.share:.2g} of all)" if one.share < 1 else ""
        score = one.score if one.outcome.scores else None
        more = [one.metric(name) if name in one.outcome.metrics else None for name in named]
        rows.append([one.number, what + seed, score, spread, *more, one.outcome.reason or one.outcome.state])
    shown = f"The best {MOST_SHOWN} of {len(told.trials)}." if len(told.trials) > MOST_SHOWN else ""
    columns = ["Trial", "Settings", told.metric, "Spread over folds", *named, "State"]
    return blocks.table("Trials", columns, rows, shown)


def _folds(searches: Searches) -> list[dict[str, Any]]:
    """Under k-fold each fold has a search of its own: whether they agree."""
    rows = []
    for name, told in searches.items():
        if name != MODEL and told.best:
            changes = json.dumps(space.written(told.best.changes), sort_keys=True)
            rows.append([name, len(told.trials), told.best.score, changes])
    return [blocks.table("Searches of the folds", ["Fold", "Trials", "Best", "Settings"], rows)] if rows else []
