"""Text as spreadsheets and offices export it: 1.113,43 and $1,234, 12%, 7-, (7), 2 kg, 31.01.2013, 09:15, and signs
that mean "no value".

What a column is follows from all of its values. A few odd cells among numbers or dates become missing and are counted;
where two readings are possible, or more than a few cells don't fit, the column stays as it is, and that is said.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from regrow_data import clock
from regrow_data.text_types import EXACT, NUMBER, fit, infer

_WORDS = """?,-,--,---,\u2013,\u2014,.,..,*,/,n/a,na,n.a.,n.v.,k.a.,k. a.,nan,nil,null,missing,unknown,unbekannt\
,keine angabe,no data,not available,0000-00-00,#n/a,#div/0!,#value!,#ref!,#name?,#null!,#num!\
,inf,-inf,+inf,infinity,-infinity"""
#: What is no value in a column whose other cells are numbers, dates or true and false; compared in lower case.
MARKS = frozenset(_WORDS.split(","))
ODD = 0.02  # the share of cells that may fit nothing
MOST = 0.5  # the share from which on a column that stays text is told
LOOK = 500  # cells, spread over the column, that rule most columns out
FIRST = 64  # cells, the most frequent, that rule a form out
SHOWN = 3
_IDENTIFIER = re.compile(r"[+-]?[0-9]+")  # digits that no number keeps: 007, +49
OTHER = {".": ",", ",": "."}
_MONEY = r"[$€£¥₹]|EUR|USD|GBP|CHF|JPY|CAD|AUD"
_UNIT = r"[A-Za-z\u00b5\u03bc\u00b0\u00b2\u00b3/]{1,9}"
_SIGN = re.compile(
    rf"(?P<less>[-+\u2212]?)\s?(?P<before>{_MONEY})?\s?(?P<minus>[-+\u2212]?)"
    rf"(?P<digits>[0-9.,'\u2019\s]*[0-9])(?P<behind>[-\u2212]?)\s?(?P<after>%|{_MONEY}|{_UNIT})?"
)
_IN_BRACKETS = re.compile(r"\((?P<inside>[^()+\u2212-]+)\)")  # how accountants write less than nothing
#: Groups of three, told apart by one sign throughout; or no groups.
_SHAPES = {
    decimal: re.compile(
        rf"(?:[1-9][0-9]{{0,2}}(?P<group>{groups})[0-9]{{3}}(?:(?P=group)[0-9]{{3}})*|0|[1-9][0-9]*)"
        rf"(?P<fraction>{re.escape(decimal)}[0-9]+)?"
    )
    for decimal, groups in {".": "[,'\u2019\u00a0\u202f ]", ",": "[.'\u2019\u00a0\u202f ]"}.items()
}
#: Days as they are written, with a time or without: day and month may change places. 4: a year, Y: one of two digits.
_ORDERS = {"%Y-%m-%d": "4-2-2", "%d.%m.%Y": "2.2.4", "%Y/%m/%d": "4/2/2", "%d-%m-%Y": "2-2-4", "%m-%d-%Y": "2-2-4",
           "%d/%m/%Y": "2/2/4", "%m/%d/%Y": "2/2/4", "%d.%m.%y": "2.2.Y", "%d/%m/%y": "2/2/Y", "%m/%d/%y": "2/2/Y",
           "%d %b %Y": "2 M 4", "%d-%b-%Y": "2-M-4", "%d-%b-%y": "2-M-Y", "%d %B %Y": "2 M 4",
           "%b %d, %Y": "M 2, 4", "%B %d, %Y": "M 2, 4", "%a, %d %b %Y": "W, 2 M 4", "%a %d %b %Y": "W 2 M 4",
           "%A, %d %B %Y": "W, 2 M 4", "%A, %B %d, %Y": "W, M 2, 4"}  # fmt: skip
_PARTS = {"4": "[0-9]{4}", "2": "[0-9]{1,2}", "Y": "[0-9]{2}", "M": "[A-Za-z]{3,9}", "W": "[A-Za-z]{3,9}"}
_DAYS = {form: "".join(_PARTS.get(sign) or re.escape(sign) for sign in order) for form, order in _ORDERS.items()}
_CLOCK = {" %H:%M": r" [0-9]{1,2}:[0-9]{2}", " %H:%M:%S": r" [0-9]{1,2}:[0-9]{2}:[0-9]{2}"}
_HALVES = {f"{form.replace('%H', '%I')} %p": rf"{pattern} (?i:[ap]m)" for form, pattern in _CLOCK.items()}
_ZONED = {f"{form} {zone}": f"{pattern} {zone}" for form, pattern in _CLOCK.items() for zone in ("GMT", "UTC")}
_HOURS = {"": "", **_CLOCK, **_HALVES, **_ZONED}


@dataclass(frozen=True)
class Form:
    """How an export's column was read: what it takes to read a later cell to the same value (`read_alike`).

    decimal: the mark of numbers, "" of others. signs: which of money, per cent and units these have, "" for none; no
    signs: any. format: strptime's, of dates that are not ISO 8601. clock: of times, one of `clock.FORMS`.
    """

    decimal: str = ""
    signs: tuple[str, ...] = ()
    format: str = ""
    clock: str = ""

    def as_json(self) -> dict[str, Any]:
        """What is not empty, as ingest_record and a bundle's schema hold it."""
        return {name: list(one) if isinstance(one, tuple) else one for name, one in asdict(self).items() if one}

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> "Form":
        """Of what `as_json` made."""
        return cls(**{**value, "signs": tuple(value.get("signs", ()))})


@dataclass(frozen=True)
class Reading:
    """What became of a text column: values, their kind, in a line what was done to the text ("" if nothing), and the
    form that it has as an export's (None: `infer` read it)."""

    values: pd.Series
    kind: str
    said: str = ""
    form: Form | None = None


@dataclass(frozen=True)
class Number:
    """One cell as a number: its value, its sign (of money, per cent or a unit), and whether it has no fraction."""

    value: float
    sign: str
    whole: bool


def read(column: pd.Series, decimal: str = ".") -> Reading:
    """A text column (missing cells NaN) by the strict rules of `infer`, and where these leave it text, as an export."""
    values, kind = infer(column, decimal)
    if kind != "text":
        return Reading(values, kind, _thousands(column, kind))
    if not looks_like_an_export(column, decimal):
        return Reading(values, kind)
    bare, marks = without_marks(column)
    values, kind = infer(bare, decimal)
    form = Form(decimal, ("",)) if kind in ("integer", "number") else Form()
    if kind != "text":
        made: Reading | None = Reading(values, kind, form=form)
    else:
        made = as_number(bare, decimal) or as_date(bare) or as_minutes(bare)
    if made is None or made.kind == "text":
        return Reading(column, "text", made.said if made else mostly(bare, decimal))
    return Reading(made.values, made.kind, "; ".join(filter(None, (made.said, marks_said(marks)))), made.form)


def read_alike(column: pd.Series, kind: str, form: Form) -> tuple[pd.Series, pd.Series]:
    """Text of later rows as the kind and in the form that a column was found to have, and a mask of what does not fit.

    The same cell gives the same value, to the bit. What means "no value" is missing, and fits.
    """
    bare = without_marks(column)[0]
    if form.clock:
        return _by_cell(bare, lambda cell: clock.minutes(cell, form.clock))
    if not form.decimal:
        return fit(bare, kind, form.format or None)
    if not form.signs:
        return fit(in_plain_digits(bare, form.decimal), kind)
    if "" not in form.signs:
        return _by_cell(bare, lambda cell: _signed(cell, kind, form))
    values, wrong = fit(bare, kind, None, form.decimal)
    if not wrong.any():
        return values, wrong
    more, wrong = _by_cell(bare.where(wrong), lambda cell: _signed(cell, kind, form))
    return values.where(more.isna(), more), wrong


def _signed(cell: str, kind: str, form: Form) -> float | None:
    one = number(cell, form.decimal)
    fits = one and one.sign in form.signs and (kind != "integer" or (one.whole and abs(one.value) <= EXACT))
    return one.value if one and fits else None


def _by_cell(column: pd.Series, value: Callable[[str], float | None]) -> tuple[pd.Series, pd.Series]:
    """float64 of what `value` gives for each different cell, and a mask of the cells for which it gives None."""
    found = {cell: got for cell in map(str, column.dropna().unique()) if (got := value(cell)) is not None}
    values = column.map(found).astype("float64")
    return values, column.notna() & values.isna()


def _thousands(column: pd.Series, kind: str) -> str:
    """What is said of numbers with a point that may all be whole thousands: 1.234, 2.500."""
    if kind != "number":
        return ""
    for some in (column.dropna().iloc[:LOOK], column.dropna()):
        if some.nunique() < SHOWN or not some.str.fullmatch(r"-?[1-9][0-9]{0,2}\.[0-9]{3}").all():
            return ""
    return f"{some.iloc[0]} read as {float(some.iloc[0]):.15g}; {either_way('.')}"


def without_marks(column: pd.Series) -> tuple[pd.Series, dict[str, int]]:
    """The column with NaN where a cell is one of MARKS, and how often each of these occurs."""
    marked = column.str.lower().isin(MARKS)
    counts = column[marked].value_counts()
    return column.mask(marked), {str(cell): int(counts[cell]) for cell in sorted(counts.index)}


def looks_like_an_export(column: pd.Series, decimal: str) -> bool:
    """Whether cells from all over the column read, mostly, as a number, date or boolean: the rest is then looked at."""
    present = column.dropna()
    some = present.iloc[np.unique(np.linspace(0, len(present) - 1, LOOK).astype("int64"))]
    words = [cell for cell in some if cell.lower() not in MARKS]
    if not words:  # nothing but marks here: look at those that are none
        words = list(present[~present.str.lower().isin(MARKS)].iloc[:LOOK])
    readable = sum(_readable(cell, decimal) for cell in words)
    return bool(words) and readable >= MOST * len(words)


def _readable(cell: str, decimal: str) -> bool:
    written = number(cell, decimal) or number(cell, OTHER[decimal]) or _any_day().fullmatch(cell)
    return bool(written) or any(clock.minutes(cell, form) is not None for form in clock.FORMS)


def number(cell: str, decimal: str) -> Number | None:
    """A cell with its decimal mark, groups of three, a minus, one sign of money, per cent or unit; None if it is none.

    12% is 0.12; 7- and (7) are -7. Leading zeros (007), +49 and groups that are not of three (1,13,4) are no numbers.
    """
    if decimal == "." and NUMBER.fullmatch(cell):
        value = float(cell)
        return Number(value, "", cell.lstrip("-").isdigit()) if math.isfinite(value) else None
    bracketed = _IN_BRACKETS.fullmatch(cell)
    found = _SIGN.fullmatch(bracketed["inside"] if bracketed else cell)
    if not found or (found["before"] and found["after"]):
        return None
    signs = found["less"] + found["minus"] + found["behind"]
    shape = _SHAPES[decimal].fullmatch(found["digits"])
    if not shape or len(signs) > 1:
        return None
    fraction, sign = shape["fraction"] or "", found["before"] or found["after"] or ""
    if signs == "+" and not fraction and not sign:
        return None
    digits = re.sub("[^0-9]", "", found["digits"].removesuffix(fraction)) + fraction.replace(decimal, ".")
    value = float(digits) * (-1 if bracketed or signs not in ("", "+") else 1)
    return Number(value / 100 if sign == "%" else value, sign, not fraction and sign != "%")


def numbers(cells: list[str], decimal: str) -> dict[str, Number]:
    """The cells that are numbers under a decimal mark."""
    return {cell: got for cell in cells if (got := number(cell, decimal))}


def decimal_of(cells: list[str], decimal: str) -> tuple[str, bool]:
    """The decimal mark under which more of the cells are numbers, in doubt `decimal`; and whether the other one would
    give as many, but other numbers."""
    ours, theirs = numbers(cells, decimal), numbers(cells, OTHER[decimal])
    if len(theirs) > len(ours):
        return OTHER[decimal], False
    return decimal, len(theirs) == len(ours) and ours != theirs


def as_number(column: pd.Series, decimal: str) -> Reading | None:
    """A column of numbers as they are exported, marks taken out before; None where too many cells are none.

    Per cent stands in all cells or in none, money and units are of one kind: where they mix, the rarer are odd.
    """
    counts = column.value_counts()
    cells = [str(cell) for cell in counts.index]
    mark, doubtful = decimal_of(cells, decimal)
    found, signs = _of_one_kind(numbers(cells, mark), counts)
    odd = [str(cell) for cell in counts.index if cell not in found]
    if not found or _too_many(odd, counts) or any(_IDENTIFIER.fullmatch(cell) for cell in odd):
        return None
    whole = all(one.whole for one in found.values())
    if any(one.whole and abs(one.value) > EXACT for one in found.values()):
        return None  # a float would change a digit
    values = column.map({cell: one.value for cell, one in found.items()}).astype("float64")
    told = []
    if written := next((cell for cell in column.dropna() if cell in found and not _plain(cell, decimal)), None):
        told = [f"{written} read as {found[written].value:.15g}"]
        if doubtful:
            told.append(either_way(decimal))
    said = "; ".join([*told, *_odd(odd, column)])
    values = values.astype("int64") if whole and values.notna().all() else values
    return Reading(values, _kind(whole), said, Form(mark, signs))


def either_way(decimal: str) -> str:
    """What is said where the decimal mark could be the other one."""
    return f"if {OTHER[decimal]!r} is the decimal mark, say {{type: number, decimal: '{OTHER[decimal]}'}}"


def _kind(whole: bool) -> str:
    return "integer" if whole else "number"


def _plain(cell: str, decimal: str) -> bool:
    return bool(NUMBER.fullmatch(cell if decimal == "." else cell.replace(decimal, ".")))


def in_plain_digits(column: pd.Series, decimal: str) -> pd.Series:
    """The same text, numbers with their groups and signs undone and a point as decimal mark."""
    plain = {}
    for cell in map(str, column.dropna().unique()):
        if one := number(cell, decimal):
            plain[cell] = str(int(one.value)) if one.whole and abs(one.value) <= EXACT else repr(one.value)
    return column.replace(plain)


def _of_one_kind(found: dict[str, Number], counts: pd.Series) -> tuple[dict[str, Number], tuple[str, ...]]:
    """The numbers of the sign that most cells have, and which signs these are."""
    rows: dict[str, int] = {}
    for cell, one in found.items():
        rows[one.sign] = rows.get(one.sign, 0) + int(counts[cell])
    if not rows:
        return found, ("",)
    first = max(rows, key=lambda sign: rows[sign])
    money = max((sign for sign in rows if sign not in ("", "%")), key=lambda sign: rows[sign], default="")
    kept = {"%"} if first == "%" else {"", money}
    return {cell: one for cell, one in found.items() if one.sign in kept}, tuple(sorted(kept))


def as_date(column: pd.Series) -> Reading | None:
    """A column of dates that are not ISO 8601, in the one order of day and month that all have; None otherwise."""
    counts = column.value_counts()
    cells = [str(cell) for cell in counts.index]
    fits = {}
    for form in (day + hours for day in _DAYS for hours in _HOURS):
        if not any(_day(form).fullmatch(cell) for cell in cells[:FIRST]):
            continue
        right = [cell for cell in cells if _day(form).fullmatch(cell)]
        if right:
            parsed = pd.to_datetime(pd.Series(right, index=right), format=form, errors="coerce").dropna()
            if not _too_many([cell for cell in cells if cell not in parsed.index], counts):
                fits[form] = parsed
    most = max(map(len, fits.values()), default=0)
    best = [form for form, parsed in fits.items() if len(parsed) == most]
    best = [form for place, form in enumerate(best) if not any(fits[form].equals(fits[it]) for it in best[:place])]
    if not best:
        return None
    if len(best) > 1:
        forms = " or ".join(f'"{form}"' for form in best)
        return Reading(
            column, "text", f"stays text: {cells[0]} is a date in two ways; say {{type: date, format: {forms}}}"
        )
    parsed = fits[best[0]]
    values = pd.to_datetime(column.map(parsed)).dt.as_unit("us")
    example = next(cell for cell in column.dropna() if cell in parsed.index)
    odd = [cell for cell in cells if cell not in parsed.index]
    said = f"{example} read as the date {parsed[example].isoformat().removesuffix('T00:00:00')}"
    return Reading(values, "date", "; ".join([said, *_odd(odd, column)]), Form(format=best[0]))


def clock_form(column: pd.Series) -> str:
    """The one of `clock.FORMS` that most of a column's cells have."""
    counts = column.value_counts()
    rows = {form: int(counts[[clock.minutes(str(cell), form) is not None for cell in counts.index]].sum())
            for form in clock.FORMS}  # fmt: skip
    return max(clock.FORMS, key=lambda form: rows[form])


def as_minutes(column: pd.Series) -> Reading | None:
    """A column of times of day, or of durations, as minutes: a number that models and `cyclic` take; None of others."""
    counts = column.value_counts()
    form = clock_form(column)
    cells = [str(cell) for cell in counts.index]
    right = {cell: got for cell in cells if (got := clock.minutes(cell, form)) is not None}
    odd = [cell for cell in cells if cell not in right]
    if not right or _too_many(odd, counts) or (form == "duration" and not any(map(clock.compound, right))):
        return None
    example = next(cell for cell in column.dropna() if cell in right)
    since = "minutes" if form == "duration" or max(right.values()) > clock.DAY else "minutes since midnight"
    said = f"{example} read as {right[example]:.15g} {since}"
    return Reading(column.map(right).astype("float64"), "number", "; ".join([said, *_odd(odd, column)]),
                   Form(clock=form))  # fmt: skip


@cache
def _day(form: str) -> re.Pattern[str]:
    day = next(day for day in sorted(_DAYS, key=len, reverse=True) if form.startswith(day))
    return re.compile(_DAYS[day] + _HOURS[form.removeprefix(day)])


@cache
def _any_day() -> re.Pattern[str]:
    days = "|".join([*dict.fromkeys(_DAYS.values()), "true|false|True|False|TRUE|FALSE"])
    return re.compile(rf"(?:{days})(?:[T ][0-9:.Z+-]+(?: (?:(?i:[ap]m)|GMT|UTC))?)?")


def _too_many(odd: list[str], counts: pd.Series) -> bool:
    return int(counts[odd].sum()) > ODD * int(counts.sum())


def _odd(odd: list[str], column: pd.Series) -> list[str]:
    """What is said of the cells that fit nothing: how many, and the first."""
    if not odd:
        return []
    rows = column[column.isin(odd)]
    first = ", ".join(f"row {row}: {cell!r}" for row, cell in rows.iloc[:SHOWN].items())
    return [f"{len(rows)} {'cells fit' if len(rows) > 1 else 'cell fits'} nothing and became missing: {first}"]


def marks_said(marks: dict[str, int]) -> str:
    """What is said of marks that were taken for missing values."""
    cells = ", ".join(f"{cell!r} ({count})" for cell, count in marks.items())
    return f"{cells} read as missing" if marks else ""


def mostly(column: pd.Series, decimal: str) -> str:
    """What is said of a column that stays text though most of its cells are numbers or dates; "" of others."""
    counts = column.value_counts()
    cells = [str(cell) for cell in counts.index]
    dates = {cell for cell in cells if _any_day().fullmatch(cell)}
    if len(dates) == len(cells):
        return f"{_not_in_one_way(column, 'dates')}; say {{type: date}}"
    digits = set(_of_one_kind(numbers(cells, decimal_of(cells, decimal)[0]), counts)[0])
    times = {cell for cell in cells if any(clock.minutes(cell, form) is not None for form in clock.FORMS[:2])}
    if cells and len(times) == len(cells):
        return _not_in_one_way(column, "times")
    for what, right in (("numbers", digits), ("dates", dates), ("times", times)):
        odd = [cell for cell in cells if cell not in right]
        share = 1 - int(counts[odd].sum()) / int(counts.sum())
        digits_only = all(map(_IDENTIFIER.fullmatch, odd))
        if MOST <= share < 1 and not (what == "numbers" and digits_only):
            rows = column[column.isin(odd)]
            first = ", ".join(f"row {row}: {cell!r}" for row, cell in rows.iloc[:SHOWN].items())
            said = f"stays text, though {share:.0%} of its cells read as {what}; not so {len(rows)}: {first}"
            return f"{said} (a spreadsheet counts days from 1899-12-30)" if what == "dates" and digits_only else said
    return ""


def _not_in_one_way(column: pd.Series, what: str) -> str:
    """What is said of dates or times that are not all written alike: one of each of the first shapes."""
    shapes: dict[str, str] = {}
    for row, cell in column.dropna().items():
        shapes.setdefault(re.sub("[0-9]+", "0", cell), f"row {row}: {cell!r}")
    first = ", ".join(list(shapes.values())[:SHOWN])
    calendar = ", or not in the calendar" if what == "dates" else ""
    return f"stays text: {what} not all written in one way{calendar} ({first})"
