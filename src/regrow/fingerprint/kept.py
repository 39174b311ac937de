"""What a stage's code reaches, kept from one process to the next for as long as the files say the same.

To follow code is to read the syntax trees of some hundred modules: seconds, in each process of a pipeline. A result is
kept with all that it stands on: a hash of each file that was read, and each name that was looked for in vain. It is
taken if all of that is as it was, under the same Python, by the same rules; else the code is followed again. So it is
if the file with the result is not as it was written. A replay takes nothing from here: what it proves is to stand on
nothing that another process worked out.
"""

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base import atomic, find_source
from regrow.base.errors import RegrowError
from regrow.base.user_cache import cache_home
from regrow.fingerprint import code as rules
from regrow.fingerprint.code.asks import Ask
from regrow.fingerprint.code.lookup import Code, Fact, Looked
from regrow.fingerprint.code.reach import Reach

FOLDER = "reach"
MOST = 500  # files; the ones that were used least recently go
OF_ONE = 8  # of the same stage with other code: other projects, other commits


def reach(code: Code, starts: Sequence[str]) -> Reach:
    """All that can be reached from some "module:name" and "module"; taken from earlier processes if it can be."""
    folder = (
        _folder() if type(code) is Code and layout.WATCHED not in os.environ else None
    )  # a commit's lies in no files
    key = _hash([*starts, sys.version, _rules()])
    for file in _newest_first(folder, key) if folder else ():
        if (read := _read(file)) and all(code.fact(looked) == said for looked, said in _facts(read["facts"])):
            with suppress(OSError):
                os.utime(file)
            return _from_text(code, read)
    found, looked = code.noting(lambda: _followed(code, starts))
    if folder:
        _keep(folder, key, _to_text(found, {one: code.fact(one) for one in looked}))
    return found


def _followed(code: Code, starts: Sequence[str]) -> Reach:
    found = Reach(code)
    for path in starts:
        found.follow(path)
    return found


@cache
def _rules() -> str:
    """A hash of the code that follows code."""
    files = [Path(__file__), Path(find_source.__file__), *sorted(Path(rules.__path__[0]).glob("*.py"))]
    return _hash([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:32]


def _folder() -> Path | None:
    """None where nothing can be kept; who else needs the folder says why."""
    try:
        return cache_home() / FOLDER
    except RegrowError:
        return None


def _newest_first(folder: Path, key: str) -> list[Path]:
    return sorted(folder.glob(f"{key}-*.json"), key=_used, reverse=True)


def _used(file: Path) -> float:
    """When it was used last, in seconds; another process may have removed it."""
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _read(file: Path) -> dict[str, Any] | None:
    """What was kept; None if it is not as it was written."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    digest, _, rest = text.partition("\n")
    return json.loads(rest) if digest == _hash(rest) else None


def _keep(folder: Path, key: str, rest: str) -> None:
    """Write it beside the others, and remove those that are too many. A full disk keeps nothing."""
    digest = _hash(rest)
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        atomic.write_text(folder / f"{key}-{digest[:16]}.json", f"{digest}\n{rest}")
        others = sorted(folder.glob("*.json"), key=_used, reverse=True)
        for file in [*_newest_first(folder, key)[OF_ONE:], *others[MOST:]]:
            file.unlink(missing_ok=True)


def _facts(kept: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[Looked, str]]:
    """Those that are most likely to be other ones first: sources."""
    for fact, names in kept.items():
        yield from (((Fact(fact), name), said) for name, said in names.items())


def _to_text(found: Reach, facts: Mapping[Looked, str]) -> str:
    by_fact: dict[str, dict[str, str]] = {fact: {} for fact in Fact}
    for (fact, name), said in sorted(facts.items()):
        by_fact[fact][name] = said
    asks = [(*ask[:3], "", *ask[4:]) for ask in sorted(found.all_asks)]  # where files lie is found again
    return json.dumps(
        {
            "facts": by_fact,
            "units": found.units,
            "imports": sorted(found.imports),
            "dynamic": found.dynamic,
            "data": found.data,
            "seeds": sorted(found.seeds),
            "asks": asks,
        }
    )


def _from_text(code: Code, read: Mapping[str, Any]) -> Reach:
    asks = {Ask(*ask) for ask in read["asks"]}
    placed = {ask._replace(file=code.file_of(ask.unit.partition(":")[0]) or Path()) for ask in asks}
    return Reach(
        code, read["units"], set(read["imports"]), read["dynamic"], read["data"], set(read["seeds"]), all_asks=placed
    )
