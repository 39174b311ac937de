"""The stage ingest: raw files to one typed table, its lookups, and a record of what was read."""

import logging
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from regrow import Context, RegrowError, Use
from regrow.base.errors import Problem
from regrow_data import sections
from regrow_data.clean import cleaned
from regrow_data.exports import Form
from regrow_data.frame_types import typed
from regrow_data.plain import plain
from regrow_data.settings import ColumnType, IngestData, IngestSettings
from regrow_data.suspects import findings, line, suspects
from regrow_data.target import class_counts, with_target

log = logging.getLogger("regrow")
QUANTILES = {"min": 0.0, "q25": 0.25, "median": 0.5, "q75": 0.75, "max": 1.0}


def ingest(raw: Path, settings: IngestSettings) -> dict[str, Any]:
    """The project's data as `table`, `lookups` and `ingest_record`; `source_rows`, for each row of the table its place
    in the file, counted from 0 below the header; `suspects`, the columns that are no features as
    they are, as a record and as findings; and two sections of the report.

    raw: the folder of raw files. Rows keep their order; those without a target are dropped and counted. Raises
    RegrowError on whatever in the files or the settings cannot be used.
    """
    data = settings.data
    own, theirs = _types_by_table(data)
    context = Context(task=data.task, target=data.target.final_name)
    said: list[dict[str, str]] = []
    table, kinds, forms = typed(_read(data.reader, raw, "data.reader", context), own, "the data", _into(said, ""))
    rows_read = len(table)
    table, cleaning = cleaned(table, settings.clean.steps)
    without = int(table[data.target.column].isna().sum()) if data.target.column in table else 0
    table, rare = with_target(table, kinds, data.target, data.task)
    source_rows = pd.DataFrame({"source_row": table.index.to_numpy(dtype="int64")})
    table = table.reset_index(drop=True)
    _tell_left_out(without, rare, data)
    lookups, lookup_kinds = {}, {}
    for name, reader in data.lookups.items():
        frame = _read(reader, raw, f"data.lookups.{name}", context)
        lookups[name], lookup_kinds[name], _forms = typed(
            frame, theirs.get(name, {}), f"lookup {name!r}", _into(said, f"{name}.")
        )
    record = {
        "reader": data.reader.name,
        "rows_read": rows_read,
        "rows_kept": len(table),
        "rows_without_target": without,
        "columns": _columns(table, kinds, forms),
        "target": _target(table, data),
        "lookups": {
            name: {"rows": len(frame), "columns": _columns(frame, lookup_kinds[name], {})}
            for name, frame in lookups.items()
        },
    }
    record |= {
        name: value for name, value in {"read": said, "cleaning": cleaning, "rare_classes": rare}.items() if value
    }
    odd = suspects(table, data.target.final_name, {data.target.column})
    for name, one in odd.items():
        log.warning("ingest: %s %s: %s", name, one["said"], line(name, one))
    told = {"data_section": sections.data(record, odd), "columns_section": sections.columns(record, settings)}
    judged = {"suspects": {"columns": odd}, "column_findings": list(findings(odd, len(table)))}
    made = {"table": table, "source_rows": source_rows, "lookups": lookups, "ingest_record": record}
    return {**made, **judged, **told}


def _tell_left_out(without: int, rare: dict[str, int], data: IngestData) -> None:
    if without:
        log.warning("ingest: %d rows without %r were left out", without, data.target.column)
    if rare:
        done = "left out" if data.target.rare == "drop" else "merged"
        log.warning("ingest: rare classes %s: %s", done, ", ".join(f"{name} ({rows})" for name, rows in rare.items()))


def _into(said: list[dict[str, str]], prefix: str) -> Callable[[str, str], None]:
    """What takes down how a column was read, and logs it."""

    def say(column: str, words: str) -> None:
        log.warning("ingest: %s%s: %s", prefix, column, words)
        said.append({"column": prefix + column, "said": words})

    return say


def _types_by_table(data: IngestData) -> tuple[dict[str, ColumnType], dict[str, dict[str, ColumnType]]]:
    """`types` for the main table, and those written `lookup.column` for each lookup."""
    own: dict[str, ColumnType] = {}
    theirs: dict[str, dict[str, ColumnType]] = {}
    for name, asked in data.types.items():
        lookup, dot, column = name.partition(".")
        if dot and lookup in data.lookups:
            theirs.setdefault(lookup, {})[column] = asked
        else:
            own[name] = asked
    return own, theirs


def _read(reader: Use, raw: Path, where: str, context: Context) -> pd.DataFrame:
    """A reader's table. What goes wrong in it is told under the settings key at which this reader stands."""
    try:
        frame = reader.make(context)(raw)
    except RegrowError as error:
        told = [Problem(each.wrong, f"{where}.{each.where}".rstrip("."), each.fix) for each in error.problems]
        raise RegrowError.of(told, error.code) from None
    if not isinstance(frame, pd.DataFrame):
        raise RegrowError(f"the reader {reader.name} returned {type(frame).__name__}, not a DataFrame", where=where)
    if not frame.shape[1] or frame.empty:
        raise RegrowError(
            "the file holds no rows of data", where=where, fix="check the file; a header alone is not enough"
        )
    return frame


def _columns(table: pd.DataFrame, kinds: dict[str, str], forms: Mapping[str, Form]) -> list[dict[str, Any]]:
    """Every column with its type, the share of its values that is missing (0 to 1), and the form that an export's
    text had."""
    shares = table.isna().mean()
    columns = [{"name": name, "type": kinds[name], "missing": round(float(shares[name]), 6)} for name in table.columns]
    return [one | {"form": forms[one["name"]].as_json()} if one["name"] in forms else one for one in columns]


def _target(table: pd.DataFrame, data: IngestData) -> dict[str, Any]:
    """What is predicted, and how it is distributed: rows and share of each class, or quantiles and mean."""
    values = table[data.target.final_name]
    about = {
        "name": data.target.final_name,
        "column": data.target.column,
        "above": data.target.above,
        "task": data.task,
    }
    if data.task == "regression":
        spread = {name: plain(values.quantile(at)) for name, at in QUANTILES.items()}
        # fsum is exact, so the mean does not depend on how a processor adds.
        return {**about, "distribution": {**spread, "mean": math.fsum(values) / len(values)}}
    counts = class_counts(values)
    classes = [{"class": name, "rows": n, "share": round(n / len(values), 6)} for name, n in counts.items()]
    return {**about, "distribution": classes}
