"""The stage split: made once and versioned, so that every later stage holds out the same rows."""

import logging
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from regrow import Context, RegrowError, Use, random_state
from regrow.plugin.components import nearest
from regrow.plugin.context import column_types
from regrow_data import sections
from regrow_data.leaks import shared_rows, told_alone
from regrow_data.settings import SplitSettings
from regrow_data.splitters import NEVER
from regrow_data.suspects import identifies

log = logging.getLogger("regrow")
LEAST_LEVELS, MOST_LEVELS = 10, 0.7  # of an entity that repeats: at least so many, and so few a row

SHARED = 0.01  # of the held-out rows that may be copies of others


def split(
    table: pd.DataFrame, validation: Any, settings: SplitSettings, suspects: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The table `split`: columns row (0 to n-1) and fold (where the row is held out; -1: nowhere, -2: nor is it learnt
    from), both int64; fold_2, fold_3, ... where the splitter deals rows out several times; and past where a fold learns
    from earlier ones only. Findings, and a section of the report.

    `validation` is needed only so that no split is made of data that broke an assumption. suspects: columns that are no
    features as they are, which are not judged. Raises RegrowError when the
    table is too small for the split that the settings ask for.
    """
    name = settings.data.target.final_name
    if name not in table.columns:
        raise RegrowError(
            f"the table has no target column {name!r}", where="data.target", fix=nearest(name, list(table.columns))
        )
    context = Context(
        task=settings.data.task,
        random_state=random_state(settings.seed, "split"),
        target=name,
        columns=column_types(table),
        rows=settings.split.rows(table),
    )
    splitter = settings.split.make(context)
    folds = np.asarray(splitter(table[name]))
    if len(folds) != len(table) or folds.ndim not in (1, 2) or folds.dtype.kind != "i":
        raise RegrowError(f"the splitter {settings.split.name} must return one integer per row", where="split.use")
    every = folds.astype("int64").reshape(len(table), -1).T
    folds = every[0]
    made = pd.DataFrame({"row": np.arange(len(table), dtype="int64"), "fold": folds})
    for repeat, again in enumerate(every[1:], 2):
        made[f"fold_{repeat}"] = again
    if getattr(splitter, "rolling", False):
        made["past"] = True
    odd = {*(suspects or {}).get("columns", {}), settings.data.target.column, *settings.data.leaks} - {name}
    levels = {one for one, it in (suspects or {}).get("columns", {}).items() if it["what"] == "many_levels"}
    judged = [*_findings(table.drop(columns=name), settings.split), *_leaks(table, folds, settings, odd, levels)]
    for one in (one for one in judged if one["verdict"] == "failed"):
        log.warning("split: %s: %s", one["title"], one["seen"])
    return {"split": made, "split_findings": judged, "split_section": sections.split(folds, len(every), settings)}


def _findings(table: pd.DataFrame, split: Use) -> Iterator[dict[str, Any]]:
    """What makes a random score too good: an entity on both sides, a future that was learnt from."""
    if "random" not in split.component.tags:
        return
    types = column_types(table)
    dates = [name for name, kind in types.items() if kind == "date"]
    if dates:
        why = f"the model learns from rows later than those it is tested on, in {', '.join(map(repr, dates))}"
        yield _finding(
            "split.time", "Dated rows, split at random", f"{why}; split=time, split.column={dates[0]}", len(table)
        )
    if "column" in split.given:
        return
    for name in types:
        if not identifies(name) or types[name] not in ("number", "text"):
            continue
        levels = int(table[name].nunique())
        if LEAST_LEVELS <= levels <= len(table) * MOST_LEVELS:
            why = f"{levels} values of {name!r} in {len(table)} rows, so that most are on both sides"
            seen = f"{why}; split=group, split.column={name}"
            yield _finding(f"split.group.{name}", f"Rows of one {name} are split at random", seen, len(table))


def _leaks(
    table: pd.DataFrame, folds: np.ndarray, settings: SplitSettings, hidden: Collection[str], levels: set[str]
) -> Iterator[dict[str, Any]]:
    """Columns that tell the target alone, and rows that stand on both sides; levels: features that tell rows apart."""
    name, task = settings.data.target.final_name, settings.data.task
    learnt = folds == NEVER if (folds == NEVER).any() else folds >= NEVER
    yield from told_alone(table[learnt], name, task, hidden)
    shared, held_out = shared_rows(table, folds, {name, *hidden} - levels), int((folds >= 0).sum())
    seen = f"{shared} of {held_out} held-out rows are, but for the target, rows that are learnt from"
    remedy = "; clean.steps: {copies: {use: deduplicate}} leaves copies out" if shared else ""
    yield {
        "code": "split.shared_rows",
        "title": "No held-out row is learnt from, too",
        "severity": "minor",
        "verdict": "failed" if shared > SHARED * held_out else "passed",
        "seen": seen + remedy,
        "numbers": {"rows": shared},
        "n": held_out,
    }


def _finding(code: str, title: str, seen: str, rows: int) -> dict[str, Any]:
    return {"code": code, "title": title, "severity": "minor", "verdict": "failed", "seen": seen, "n": rows}
