"""ok, odd or refused: what a row's values are beside those of training, the same over HTTP and in a batch."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from regrow_serve.schema import Column, Schema, Typed, shown

VERDICTS = OK, ODD, REFUSED = ("ok", "odd", "refused")
MOST_SHOWN = 20  # levels that a message lists


@dataclass(frozen=True)
class Remark:
    """One thing about one value. allowed: what would be ok."""

    column: str
    verdict: str
    reason: str
    value: Any = None
    allowed: str = ""

    def as_json(self) -> dict[str, Any]:
        """As an answer holds it."""
        found = {"column": self.column, "verdict": self.verdict, "reason": self.reason, "value": shown(self.value)}
        return found | ({"allowed": self.allowed} if self.allowed else {})


@dataclass
class Judgement:
    """A batch's verdicts. codes: per row, the place in VERDICTS. remarks: row -> what was found there."""

    codes: np.ndarray
    remarks: dict[int, list[Remark]] = field(default_factory=dict)

    def add(self, row: int, remark: Remark) -> None:
        """Take a remark in; a row's verdict is its worst."""
        self.codes[row] = max(self.codes[row], VERDICTS.index(remark.verdict))
        self.remarks.setdefault(row, []).append(remark)

    def of(self, row: int) -> str:
        """A row's verdict."""
        return VERDICTS[self.codes[row]]


@dataclass(frozen=True)
class Guard:
    """schema: the columns. policy: the settings `serving.guard`. lookups: name -> its as_of, days and stale.
    assumptions: the project's row-wise ones, each with its use, says, severity and parameters."""

    schema: Schema
    policy: Mapping[str, Any]
    lookups: Mapping[str, Mapping[str, Any]]
    assumptions: Sequence[Mapping[str, Any]]

    def judge(self, typed: Typed, today: datetime.date | None = None) -> Judgement:
        """Verdicts for all rows. today: by default, the day in UTC."""
        judgement = Judgement(np.zeros(typed.rows, dtype=np.int8))
        for column in self.schema.needed:
            for row, remark in self._of_column(column, typed):
                judgement.add(row, remark)
        for row, names in typed.extra.items():
            if self.policy["extra"] != OK:
                judgement.add(row, Remark(names[0], self.policy["extra"], "the data had no such column", None))
        for rows, remark in (*self._broken(typed), *self._stale(today, typed.rows)):
            for row in rows:
                judgement.add(int(row), remark)
        return judgement

    def verdict(self, column: str, thing: str) -> str:
        """What settings say of missing, range or level in a column."""
        own = self.policy["columns"].get(column, {}).get(thing)
        return str(own or self.policy[thing])

    def _of_column(self, column: Column, typed: Typed) -> Iterator[tuple[int, Remark]]:
        name, allowed = column.name, column.allowed
        values, missing = typed.values[name], typed.missing[name]
        absent = typed.absent.get(name, np.zeros(typed.rows, dtype=bool))
        for row in np.flatnonzero(absent).tolist():
            yield row, Remark(name, REFUSED, "is missing from the row", None, allowed + _or_null(column))
        wrong = typed.wrong.get(name, {})
        for row, value in wrong.items():
            yield row, Remark(name, REFUSED, f"is not {allowed}", value, allowed)
        here = ~missing
        here[list(wrong)] = False
        if not column.nullable and (said := self.verdict(name, "missing")) != OK:
            for row in np.flatnonzero(missing & ~absent).tolist():
                yield row, Remark(name, said, "has no value, and always had one in training", None, allowed)
        if column.low is not None and (said := self.verdict(name, "range")) != OK:
            low, high = (pd.Timestamp(b) if isinstance(b, str) else b for b in (column.low, column.high))
            for row in np.flatnonzero(here & ((values < low) | (values > high)).to_numpy(dtype=bool)).tolist():
                reach = f"{column.low} to {column.high}"
                yield row, Remark(name, said, "is out of the training rows' range", _plain(values, row), reach)
        if column.levels is not None and (said := self.verdict(name, "level")) != OK:
            for row in np.flatnonzero(here & ~values.isin(column.levels).to_numpy(dtype=bool)).tolist():
                yield row, Remark(name, said, "is a value that no training row has", values.iloc[row],
                                       _some(column.levels))  # fmt: skip

    def _broken(self, typed: Typed) -> Iterator[tuple[np.ndarray, Remark]]:
        """The project's own row-wise assumptions: broken ones of severity error refuse, others are odd."""
        for one in self.assumptions:
            columns, holds = _holds(one, typed)
            said = REFUSED if one["severity"] == "error" else ODD
            unjudged = np.zeros(typed.rows, dtype=bool)
            for name in columns:
                unjudged |= typed.missing[name]
                unjudged[list(typed.wrong.get(name, {}))] = True
            yield np.flatnonzero(~holds & ~unjudged), Remark(columns[0], said, f"breaks: {one['says']}", None, "")

    def _stale(self, today: datetime.date | None, rows: int) -> Iterator[tuple[np.ndarray, Remark]]:
        if not self.lookups:
            return
        today = today or datetime.datetime.now(datetime.UTC).date()  # regrow: harmless clock
        for name, one in self.lookups.items():
            age = (today - datetime.date.fromisoformat(one["as_of"])).days
            if age > one["days"]:
                reason = f"the lookup {name} is {age} days old"
                yield np.arange(rows), Remark(name, one["stale"], reason, one["as_of"], f"at most {one['days']} days")


def _holds(assumption: Mapping[str, Any], typed: Typed) -> tuple[list[str], np.ndarray]:
    """The columns that an assumption is about, and for each row whether it holds."""
    if assumption["use"] == "rule":
        from regrow_data.expression import parse
        from regrow_data.rules import verdict

        tree, names = parse(assumption["rule"])
        used = list(dict.fromkeys(names.values()))
        table = pd.DataFrame({name: typed.values[name] for name in used})
        return used, verdict(tree, names, table).to_numpy(dtype=bool)
    name = assumption["column"]
    values = typed.values[name]
    if assumption["use"] == "allowed":
        return [name], values.isin(assumption["values"]).to_numpy(dtype=bool)
    good = np.ones(typed.rows, dtype=bool)
    for bound, sign in ((assumption.get("min"), 1), (assumption.get("max"), -1)):
        if bound is not None:
            limit = pd.Timestamp(bound) if isinstance(bound, str) else bound
            good &= ((values >= limit) if sign > 0 else (values <= limit)).to_numpy(dtype=bool)
    return [name], good


def _or_null(column: Column) -> str:
    return ", or null" if column.nullable else ""


def _plain(values: pd.Series, row: int) -> Any:
    value = values.iloc[row]
    return value.isoformat() if isinstance(value, pd.Timestamp) else value.item() if hasattr(value, "item") else value


def _some(levels: Sequence[str]) -> str:
    more = f", and {len(levels) - MOST_SHOWN} more" if len(levels) > MOST_SHOWN else ""
    return ", ".join(str(shown(one)) for one in levels[:MOST_SHOWN]) + more
