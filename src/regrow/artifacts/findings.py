"""findings: judgements with their evidence, a JSON list; what was checked, and whether it passed."""

from pathlib import Path
from typing import Any

from regrow.artifacts import record
from regrow.artifacts.fields import check_choice, check_fields, is_number
from regrow.artifacts.jsontext import plain

SEVERITIES = ("critical", "major", "minor", "info")
VERDICTS = ("failed", "not enough data", "passed")
NEEDED = {"code": str, "title": str, "severity": str, "verdict": str}
OPTIONAL = {"seen": str, "numbers": dict, "n": int, "owner": str, "docs": str}
NUMBER = {"value": float, "unit": str, "interval": list, "from": dict}


def check(value: Any) -> None:
    """ValueError unless it is a list, possibly empty, of findings with codes of their own; see `check_one`."""
    if not isinstance(value, list | tuple):
        raise ValueError(f"must be a list of findings, not {type(value).__name__}")
    codes: set[str] = set()
    for position, finding in enumerate(plain(value, "")):
        try:
            check_one(finding)
        except ValueError as error:
            raise ValueError(f"finding {position} {error}") from None
        if finding["code"] in codes:
            raise ValueError(f"finding {position} has the code {finding['code']!r}, which another one has, too")
        codes.add(finding["code"])


def check_one(value: Any) -> None:
    """ValueError unless it is a finding: code, title, severity (critical, major, minor, info), verdict (failed, not
    enough data, passed); and, where there are any: seen, numbers (by name, see `check_number`), n, owner, docs."""
    check_fields(value, NEEDED, OPTIONAL)
    check_choice(value, "severity", SEVERITIES)
    check_choice(value, "verdict", VERDICTS)
    for name, number in (value.get("numbers") or {}).items():
        if not is_number(number):
            try:
                check_number(number)
            except ValueError as error:
                raise ValueError(f"has a number {name!r} that {error}") from None


def check_number(value: Any) -> None:
    """ValueError unless it has a `value`, or says by `from` in which artifact and at which place of it the value stands
    ("folds.roc_auc.std"); and, where there are any, `unit` and `interval`, [low, high]."""
    check_fields(value, {}, NUMBER)
    if value.get("from") is not None:
        check_fields(value["from"], {"artifact": str, "place": str})
    elif value.get("value") is None:
        raise ValueError("has neither a 'value' nor, by 'from', an artifact and a place")
    interval = value.get("interval")
    if interval is not None and not (
        len(interval) == 2 and all(map(is_number, interval)) and interval[0] <= interval[1]
    ):
        raise ValueError(f"has 'interval': {interval!r}, which is not [low, high]")


def write(value: Any, path: Path) -> None:
    """Write them in canonical form, in their order."""
    record.write(value, path)


def read(path: Path) -> Any:
    """Read them. ValueError if the file holds no whole list of findings."""
    value = record.read(path)
    check(value)
    return value
