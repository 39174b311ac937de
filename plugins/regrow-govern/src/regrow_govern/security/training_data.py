"""What changed in the training data between two commits, row by row, and who changed it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from regrow.plugin.project import Project
from regrow.tools import git
from regrow_history.experiments.opened import OpenProject

MOST = 20  # rows that are shown
LIMIT = (
    "rows are the same if all their values are; a label that was wrong from the start is in no difference. Names and "
    "e-mails are what Git was told, unless a signature says more."
)


@dataclass(frozen=True)
class Change:
    """One commit that changed data, or how they are read."""

    commit: str
    author: str
    day: str
    subject: str
    #: Git's own word: G good, B bad, U good and not trusted, N none, ...
    signature: str
    files: tuple[str, ...]


def compare(project: Project, old: str, new: str) -> dict[str, Any]:
    """JSON: rows, columns, relabelled rows, commits. Raises RegrowError for a commit without a table, or whose table is
    not at hand."""
    opened = OpenProject(project)
    before, after = opened.at(old), opened.at(new)
    target, source = _target(project)
    tables = {"old": before["table"], "new": after["table"]}
    made = differences(tables["old"], tables["new"], target, source)
    changes = list(_changes(project, before.recorded.commit, after.recorded.commit))
    return {
        "old": before.recorded.commit,
        "new": after.recorded.commit,
        "target": target,
        **made,
        "commits": [{**vars(one), "files": list(one.files)} for one in changes],
        "limit": LIMIT,
    }


def _target(project: Project) -> tuple[str, str]:
    """The target's column, and the one that it is made of."""
    from regrow.compile.pipeline import Pipeline

    said = Pipeline.load(project).settings["data"]["target"]
    return str(said.get("name") or said["column"]), str(said["column"])


def differences(old: pd.DataFrame, new: pd.DataFrame, target: str, source: str = "") -> dict[str, Any]:
    """Columns that came, went or changed type; rows that came and went, and of those the ones that have only another
    target: their places in the new table, and from what to what. source: the column that the target is made of, if the
    table holds it; it changes with the target."""
    both = [name for name in old if name in new]
    types = {name: [str(old[name].dtype), str(new[name].dtype)] for name in both if old[name].dtype != new[name].dtype}
    columns = {"added": [name for name in new if name not in old], "removed": [name for name in old if name not in new],
               "types": types}  # fmt: skip
    alike = [name for name in both if name not in types]
    rest = [name for name in alike if name not in (target, source)]
    gone, come = _apart(old, new, alike)
    relabelled = _relabelled(old[gone], new[come], rest, target) if target in alike else pd.DataFrame()
    moves = relabelled.groupby(["from", "to"]).size() if len(relabelled) else pd.Series(dtype=int)
    return {
        "columns": columns,
        "rows": {"old": len(old), "new": len(new), "added": int(come.sum()), "removed": int(gone.sum()),
                 "relabelled": len(relabelled)},
        "labels": [{"from": str(a), "to": str(b), "rows": int(n)} for (a, b), n in moves.items()],
        "first": [{name: int(value) if name == "row" else str(value) for name, value in one.items()}
                  for one in relabelled.head(MOST).to_dict("records")],
    }  # fmt: skip


def _hashes(table: pd.DataFrame, columns: list[str]) -> pd.Series:
    return pd.Series(pd.util.hash_pandas_object(table[columns], index=False).to_numpy(), index=table.index)


def _apart(old: pd.DataFrame, new: pd.DataFrame, columns: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """The rows of each that the other lacks; of rows that are there several times, as many as are too many."""
    pair = [_hashes(one, columns) for one in (old, new)]
    counted = [one.groupby(one).cumcount() for one in pair]
    keys = [set(zip(hashes, counts, strict=True)) for hashes, counts in zip(pair, counted, strict=True)]
    return tuple(
        np.array([key not in keys[1 - place] for key in zip(pair[place], counted[place], strict=True)], dtype=bool)
        for place in (0, 1)
    )  # type: ignore[return-value]


def _relabelled(gone: pd.DataFrame, come: pd.DataFrame, rest: list[str], target: str) -> pd.DataFrame:
    """Rows that differ in the target alone: row (in the new table), from, to."""
    if not rest or not len(gone) or not len(come):
        return pd.DataFrame()
    sides = []
    for table in (gone, come):
        hashes = _hashes(table, rest)
        sides.append(pd.DataFrame({"hash": hashes, "nth": hashes.groupby(hashes).cumcount(), "label": table[target],
                                   "row": table.index}))  # fmt: skip
    merged = sides[0].merge(sides[1], on=["hash", "nth"], suffixes=("_old", "_new"))
    made = merged[merged["label_old"].map(str) != merged["label_new"].map(str)].sort_values("row_new")
    return pd.DataFrame({"row": made["row_new"], "from": made["label_old"], "to": made["label_new"]})


def _changes(project: Project, old: str, new: str) -> Iterator[Change]:
    """Commits between the two that changed data, what tracks them, or how they are read; oldest first."""
    paths = [":(glob)**/*.dvc", "conf/data", "conf/clean", *_sources(project)]
    wanted = "%x00%H%x1f%an <%ae>%x1f%cs%x1f%G?%x1f%s"
    text = "\n".join(git.lines(project.root, "log", "--reverse", f"--format={wanted}", "--name-only", f"{old}..{new}",
                               "--", *paths))  # fmt: skip
    for block in filter(None, text.split("\0")):
        head, *files = block.splitlines()
        commit, author, day, signature, subject = head.split("\x1f", 4)
        yield Change(commit, author, day, subject, signature, tuple(one for one in files if one))


def _sources(project: Project) -> list[str]:
    return [path for name, path in project.sources.items() if name != "requirements_lock"]


def lines(made: Mapping[str, Any]) -> Iterator[str]:
    """For a terminal."""
    rows, columns = made["rows"], made["columns"]
    yield f"{made['old'][:10]}..{made['new'][:10]}: {rows['old']:,} rows, then {rows['new']:,}"
    for what in ("added", "removed"):
        if columns[what]:
            yield f"columns {what}: {', '.join(columns[what])}"
    for name, (before, after) in columns["types"].items():
        yield f"column {name} was {before} and is {after}: its values are not compared"
    yield f"rows added: {rows['added']:,}, removed: {rows['removed']:,}"
    yield f"of those with another {made['target']} and nothing else: {rows['relabelled']:,}"
    for one in made["labels"]:
        yield f"  {one['from']} -> {one['to']}: {one['rows']:,}"
    if made["first"]:
        shown = ", ".join(str(one["row"]) for one in made["first"])
        yield f"  rows {shown}{' ...' if rows['relabelled'] > len(made['first']) else ''}"
    for one in made["commits"]:
        signed = {"G": "signed", "U": "signed, key not trusted", "N": "not signed"}.get(
            one["signature"], "BAD SIGNATURE"
        )
        yield f"{one['commit'][:10]} {one['day']} {one['author']} ({signed}): {one['subject']}"
        yield from (f"  {file}" for file in one["files"])
    if not made["commits"]:
        yield "no commit between them changed data, or how they are read"
    yield f"Limit: {made['limit']}"
