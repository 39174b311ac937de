"""Columns that are no features as they are: constants, identifiers, free text, copies; found in the table."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from regrow_data.structured import structure

LEAST_ROWS = 20  # below, everything is unique
UNIQUE = 0.95  # share of distinct values from which on a text identifies its row
WORDS = 3  # a value of so many words on average is a sentence
LEVELS = 100
EQUAL = 1 - 1e-9  # correlation of what is the same but for unit and zero
IDENTIFIES = re.compile(r"(?i)(?:^|[_ .-])(?:id|uuid|guid|key|nr|no|number|nummer|index)$|^id[_ .-]|[a-z]I[dD]$")
#: what it is -> (what is said of it, severity of the finding)
KINDS = {
    "empty": ("has no value in any row", "minor"),
    "constant": ("has the same value in every row", "minor"),
    "identifier": ("is another in nearly every row: it names the row", "minor"),
    "free_text": ("is free text: nearly no value occurs twice", "minor"),
    "copy": ("holds the values of another column", "minor"),
    "target_copy": ("says what the target says", "major"),
    "many_levels": (f"has more than {LEVELS} levels", "info"),
}


def suspects(table: pd.DataFrame, target: str, hidden: set[str]) -> dict[str, dict[str, str]]:
    """Column -> `what` it is (one of KINDS), and `said`, for each that is one; not the target, nor `hidden`.

    `step`: the setting that takes a text apart which holds several values.
    """
    found: dict[str, dict[str, str]] = {}
    seen: dict[int, str] = {}
    for name in table.columns:
        if name == target or name in hidden:
            continue
        column = table[name]
        what, more = _alone(str(name), column)
        if what not in ("empty", "constant"):
            like = seen.setdefault(_digest(column), str(name))
            if like != name and column.equals(table[like]):
                what, more = "copy", f" ({like!r})"
            elif _says_the_target(column, table[target]):
                what, more = "target_copy", f" ({target!r})"
        if what:
            found[str(name)] = {"what": what, "said": KINDS[what][0] + more}
        many = what in ("free_text", "identifier", "many_levels") and isinstance(column.dtype, pd.StringDtype)
        if held := structure(str(name), column.dropna()) if many else None:
            found[str(name)] = {"what": what, "said": held[0] + more, "step": held[1]}
    return found


def identifies(name: str) -> bool:
    """Whether a column's name says that it names things: customer_id, Matrikel-Nr, userId."""
    return bool(IDENTIFIES.search(name))


def _alone(name: str, column: pd.Series) -> tuple[str, str]:
    present = column.dropna()
    if present.empty:
        return "empty", ""
    distinct, whole = int(present.nunique()), len(present) == len(column)
    if distinct == 1 and whole:
        return "constant", f" ({present.iloc[0]!r})" if isinstance(present.iloc[0], str) else f" ({present.iloc[0]})"
    if isinstance(column.dtype, pd.StringDtype):
        return _text(present, distinct)
    if not pd.api.types.is_integer_dtype(column) or distinct < len(column) or distinct < LEAST_ROWS:
        return "", ""
    ends = (int(column.min()), int(column.max()))
    if identifies(name) or ends in ((0, distinct - 1), (1, distinct)):
        return "identifier", f" ({distinct} values)"
    return "", ""


def _text(present: pd.Series, distinct: int) -> tuple[str, str]:
    if len(present) < LEAST_ROWS:
        return "", ""
    words = float((present.iloc[:1000].str.count(r"\s+") + 1).mean())
    if distinct >= UNIQUE * len(present):
        return ("free_text" if words >= WORDS else "identifier"), f" ({distinct} values in {len(present)} rows)"
    if words >= WORDS + 1 and distinct > LEVELS and distinct > 0.3 * len(present):
        return "free_text", f" ({distinct} values in {len(present)} rows)"
    return ("many_levels", f" ({distinct})") if distinct > LEVELS else ("", "")


def _digest(column: pd.Series) -> int:
    return hash((str(column.dtype), pd.util.hash_pandas_object(column, index=False).to_numpy().tobytes()))


def _says_the_target(column: pd.Series, target: pd.Series) -> bool:
    """Whether each value goes with one of the target's and the other way round, or both lie on one line."""
    pair = pd.DataFrame({"a": column, "b": target}).dropna()
    if len(pair) < LEAST_ROWS or len(pair) < len(target) / 2:
        return False
    numeric = [pd.api.types.is_numeric_dtype(one) for one in (column, target)]
    distinct = [int(one.nunique()) for one in (pair["a"], pair["b"])]
    if all(numeric) and min(distinct) > 2:
        a, b = (pair[name].to_numpy(dtype="float64") for name in ("a", "b"))
        with np.errstate(all="ignore"):
            return bool(abs(np.corrcoef(a, b)[0, 1]) >= EQUAL)
    # where hardly a value occurs twice, any two columns go one by one
    repeats = 1 < distinct[0] <= len(pair) / 2
    return repeats and distinct[0] == distinct[1] and len(pair.drop_duplicates()) == distinct[0]


def line(name: str, one: Mapping[str, str]) -> str:
    """The line of conf/ that handles such a column, an entry of `suspects`."""
    what = one["what"]
    if "step" in one:
        return f"{one['step']}, or features.exclude: [{name}]"
    if what == "target_copy":
        return f"data.leaks: [{name}]"
    if what == "many_levels":
        return f"features.steps: {{levels: {{use: encode_target, columns: [{name}]}}}}, or features.exclude: [{name}]"
    return f"features.exclude: [{name}], or {what} in features.leave_out"


def findings(found: dict[str, dict[str, str]], rows: int) -> Iterator[dict[str, Any]]:
    """A finding for each."""
    for name, one in found.items():
        yield {
            "code": f"column.{one['what']}.{name}",
            "title": f"The column {name} {one['said']}",
            "severity": KINDS[one["what"]][1],
            "verdict": "failed",
            "seen": line(name, one),
            "n": rows,
        }
