"""The artifact type `decision`: may it be used, by which gates, and the hashes of what was judged."""

from pathlib import Path
from typing import Any

from regrow.artifacts import record
from regrow.artifacts.fields import check_choice, check_fields

FIELDS = {"decision": str, "sentence": str, "gates": list, "judged": dict}
DECISIONS = ("approved", "refused", "undecided")


def check(value: Any) -> None:
    """ValueError unless it has a decision, a sentence, gates and what was judged."""
    check_fields(value, FIELDS, {"as_of": str, "looks": int})
    check_choice(value, "decision", DECISIONS)
    record.check(value)


def write(value: Any, path: Path) -> None:
    """Write it in canonical form."""
    record.write(value, path)


def read(path: Path) -> Any:
    """Read it. ValueError if the file holds no decision."""
    value = record.read(path)
    check(value)
    return value
