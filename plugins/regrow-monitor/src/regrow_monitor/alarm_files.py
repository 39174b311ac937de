"""Alarms as files in Git: open, acknowledged by whom, closed; the same one never twice."""

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regrow import RegrowError, nearest
from regrow.artifacts.jsontext import dumps
from regrow.base.atomic import write_text
from regrow_monitor.alarms import QUIET

OPEN, ACKNOWLEDGED, CLOSED = "open", "acknowledged", "closed"
FOLDER = "alarms"


def read(folder: Path) -> list[dict[str, Any]]:
    """All, in the order of their days. Raises RegrowError for a file that is none."""
    made = []
    for file in sorted(folder.glob("*.json")):
        try:
            one = json.loads(file.read_text(encoding="utf-8"))
            one["id"], one["subject"], one["opened"], one["state"], one["history"]
        except (ValueError, KeyError, TypeError):
            raise RegrowError("is no alarm", where=str(file), fix=f"git checkout {file}") from None
        made.append(one)
    return made


def write_new(folder: Path, found: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A file for each alarm that has none. One whose subject has an alarm that is not closed, or had one within four
    weeks, is the same alarm. Returns the new ones."""
    known, made = read(folder), []
    for one in found:
        if any(_is_same(one, other) for other in known):
            continue
        new = {**one, "state": OPEN, "history": []}
        known.append(new)
        made.append(new)
        _write(folder, new)
    return made


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    if one["subject"] != other["subject"]:
        return False
    days = [datetime.date.fromisoformat(each["opened"]) for each in (one, other)]
    return other["state"] != CLOSED or abs((days[0] - days[1]).days) <= QUIET


def change(folder: Path, name: str, state: str, by: str, day: str, note: str) -> dict[str, Any]:
    """Acknowledge or close one. Raises RegrowError for one that is not there, or is closed already."""
    known = {one["id"]: one for one in read(folder)}
    if name not in known:
        raise RegrowError(f"there is no alarm {name!r}", where=str(folder), fix=nearest(name, list(known)))
    one = known[name]
    if one["state"] == CLOSED:
        raise RegrowError(f"{name} is closed already", where=str(folder))
    one["state"] = state
    one["history"].append({"state": state, "by": by, "day": day, "note": note})
    _write(folder, one)
    return one


def _write(folder: Path, one: Mapping[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / f"{one['id']}.json", dumps(one))


def who(one: Mapping[str, Any]) -> str:
    """The last who did something about it."""
    return (
        f"{one['state']} by {one['history'][-1]['by']}, {one['history'][-1]['day']}" if one["history"] else one["state"]
    )
