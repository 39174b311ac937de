"""Parts of a text as columns of their own: what a pattern finds (`extract`), and fields of JSON (`json_fields`)."""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from regrow import Context, RegrowError
from regrow.plugin.kinds import Derive
from regrow_features.columns import added, kind, require
from regrow_features.row_settings import Extract, JsonFields

TEXT = pd.StringDtype(na_value=math.nan)


def extract(settings: Extract, context: Context) -> Derive:
    """Adds `<column>_<group>` for each named group of a regular expression, found first anywhere in the text: numbers
    as float64, those of `texts` as text; missing where the pattern is not found, or finds no number."""
    pattern = re.compile(settings.pattern)

    def groups(cell: str) -> Mapping[str, Any]:
        found = pattern.search(cell)
        return found.groupdict() if found else {}

    return _columns(settings.column, list(pattern.groupindex), settings.texts, groups, settings.drop)


def json_fields(settings: JsonFields, context: Context) -> Derive:
    """Adds `<column>_<field>` for each field of JSON objects, `a.b` for one within another and `a.0` for the first of
    a list: `numbers` as float64 (1 and 0 for true and false), `texts` as text.

    Missing where the text is no JSON, has no such field, or holds something else there."""
    fields = [*settings.numbers, *settings.texts]

    def values(cell: str) -> Mapping[str, Any]:
        try:
            whole = json.loads(cell)
        except (ValueError, RecursionError):
            return {}
        return {name: _at(whole, name.split(".")) for name in fields}

    return _columns(settings.column, fields, settings.texts, values, settings.drop)


def _at(value: Any, path: Sequence[str]) -> Any:
    for part in path:
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _columns(
    column: str, names: Sequence[str], texts: Sequence[str], parts: Callable[[str], Mapping[str, Any]], drop: bool
) -> Derive:
    def derive(table: pd.DataFrame, lookups: dict[str, pd.DataFrame]) -> pd.DataFrame:
        require(table, [column])
        cells = table[column]
        if kind(cells) != "text" and not cells.isna().all():
            fix = f"take a text column, or give it a type: data.types.{column}: text"
            raise RegrowError(f"{column!r} is {kind(cells)}, not text", where=column, fix=fix)
        found = [parts(cell) if isinstance(cell, str) else {} for cell in cells]
        new = {f"{column}_{name}": (_text if name in texts else _number)(found, name, table.index) for name in names}
        return added(table, pd.DataFrame(new, index=table.index), drop=[column] if drop else ())

    return derive


def _text(found: Sequence[Mapping[str, Any]], name: str, index: pd.Index) -> pd.Series:
    values = [value if isinstance(value := one.get(name), str) else None for one in found]
    return pd.Series(values, index=index, dtype=TEXT)


def _number(found: Sequence[Mapping[str, Any]], name: str, index: pd.Index) -> pd.Series:
    return pd.Series([_as_number(one.get(name)) for one in found], index=index, dtype="float64")


def _as_number(value: Any) -> float:
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        return math.nan
    return number if math.isfinite(number) else math.nan
