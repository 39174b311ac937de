"""The prediction log: what was asked and answered, a line a row, in files of one day that are only ever added to.

    FOLDER/open/2026-11-28/part-0001.jsonl      one server's lines of a day; while it writes there it holds a lock
    FOLDER/bundles/<sha256>.bundle              what answered

The first line of a part is its header, which names the bundle. A row's line is written before its answer leaves, so
that a server that is killed has lost no line of an answer that somebody got; what waits is brought to the disk by one
`fsync`. Nothing here but the standard library and orjson: a bundle by itself writes the same log.
"""

import asyncio
import datetime
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from regrow_serve.answers import Answer
    from regrow_serve.bundle import Bundle

FORMAT = 1
OPEN, BUNDLES, PART = "open", "bundles", "part-{:04d}.jsonl"
ALL, SAMPLE, NONE = "all", "sample", "none"
NOT_SAID: Mapping[str, Any] = {"inputs": ALL, "share": 0.1, "key": None, "privacy": {}, "drop": ["personal"]}
SORTED = orjson.OPT_SORT_KEYS


def utc_now() -> datetime.datetime:
    """The server's clock."""
    return datetime.datetime.now(datetime.UTC)  # regrow: harmless clock


def canonical(value: Any) -> bytes:
    """JSON of one form: the same value gives the same bytes, floats to the bit."""
    return orjson.dumps(value, option=SORTED, default=str)


@dataclass(frozen=True)
class Kept:
    """What of a row may be written. inputs: all, sample, none. share: of requests under `sample`. key: the column by
    which labels are joined, or None. dropped: columns of a privacy class that is not kept. known: the data's."""

    inputs: str
    share: float
    key: str | None
    dropped: tuple[str, ...]
    known: frozenset[str]

    @classmethod
    def of(cls, said: Mapping[str, Any], known: Iterable[str]) -> "Kept":
        """said: `log` of serving.json. known: the columns that the data had."""
        said, known = {**NOT_SAID, **said}, frozenset(known)
        drop = {name for name in known for pattern, kind in said["privacy"].items()
                if fnmatchcase(name, pattern) and kind in said["drop"]}  # fmt: skip
        return cls(said["inputs"], said["share"], said["key"], tuple(sorted(drop)), known)

    def row(self, request: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """Of a raw row: what stands in its line, the inputs or their hash. Values of columns that the data did not have
        are never written, as nobody said what they are: their names are, for the guard has judged them."""
        inputs = {name: value for name, value in row.items() if name in self.known and name not in self.dropped}
        extra = sorted(name for name in row if name not in self.known)
        whole = self.inputs == ALL or (self.inputs == SAMPLE and _drawn(request) < self.share)
        made: dict[str, Any] = {"row": inputs} if whole else {"sha256": hashlib.sha256(canonical(inputs)).hexdigest()}
        made |= {"extra": extra} if extra else {}
        return made | ({"key": row.get(self.key)} if self.key is not None and self.key not in self.dropped else {})


def _drawn(request: str) -> float:
    """In [0, 1), by the request's id: a replay draws the same."""
    return int.from_bytes(hashlib.sha256(request.encode()).digest()[:6], "big") / 2**48


@dataclass
class PredictionLog:
    """One server's log. folder: where. digest: of the bundle that answers. instead: why it stands in for another.
    lost: rows that could not be written. now: the clock, in UTC."""

    folder: Path
    digest: str
    kept: Kept
    instead: str = ""
    now: Callable[[], datetime.datetime] = utc_now
    lost: int = 0
    _day: str = ""
    _part: int | None = None
    _dirty: bool = False
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, folder: Path, bundle: "Bundle", file: Path, instead: str = "", **options: Any) -> "PredictionLog":
        """Begin one, with a copy of the bundle beside it. options: `inputs`, `share` in place of what settings say.

        Raises OSError where the folder can't be written.
        """
        made = cls.about(folder, bundle, instead, **options)
        made.keep(file)
        return made

    @classmethod
    def about(cls, folder: Path, bundle: "Bundle", instead: str = "", **options: Any) -> "PredictionLog":
        """As `of`, and nothing is written yet."""
        said = {**orjson.loads(bundle.members["serving.json"]).get("log", {}),
                **{name: value for name, value in options.items() if value is not None}}  # fmt: skip
        return cls(folder, bundle.digest, Kept.of(said, bundle.schema.known()), instead)

    def keep(self, file: Path) -> None:
        """Make the folders, and lay a copy of the bundle's file there. Raises OSError."""
        for name in (OPEN, BUNDLES):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
            (self.folder / name / ".gitignore").write_text("*\n", encoding="utf-8")
        copy = self.folder / BUNDLES / f"{self.digest}.bundle"
        if not copy.exists():
            part = copy.with_name(f"{copy.name}.{os.getpid()}.part")  # regrow: harmless machine
            shutil.copyfile(file, part)
            part.replace(copy)

    def write(
        self, request: str, rows: Sequence[Mapping[str, Any]], answers: Mapping[int, "Answer"], seconds: float
    ) -> None:
        """The lines of one request. answers: by place of the row. A full disk keeps nobody from answering: counted."""
        at = self.now()
        said = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        lines = []
        for place, answer in answers.items():
            about = {name: value for name, value in answer.as_json().items() if name != "remarks"}
            line = {"id": f"{request}:{place}", "at": said, "ms": round(seconds * 1000, 3)}
            lines.append(canonical({**line, **self.kept.row(request, rows[place]), "answer": about}) + b"\n")
        try:
            self._add(at.date().isoformat(), b"".join(lines))
        except OSError:
            self.lost += len(lines)
            self.close()
        else:
            self._flush()

    def _add(self, day: str, data: bytes) -> None:
        if self._part is None or day != self._day:
            self.close()
            self._day, self._part = day, self._begin(day)
        if os.write(self._part, data) != len(data):  # a half line: the next part begins anew, and sealing cuts it
            raise OSError("only a part of the lines was written")

    def _begin(self, day: str) -> int:
        """A part that nobody else has, locked while this server writes to it."""
        place = self.folder / OPEN / day
        place.mkdir(parents=True, exist_ok=True)
        number = 1 + max((int(one.stem.rpartition("-")[2]) for one in place.glob("part-*.jsonl")), default=0)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL
        while (place / PART.format(number)).exists():
            number += 1
        part = os.open(place / PART.format(number), flags, 0o644)
        fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
        header = {"regrow_log": FORMAT, "day": day, "bundle": self.digest, "inputs": self.kept.inputs,
                  "dropped": list(self.kept.dropped), "key": self.kept.key, "instead": self.instead}  # fmt: skip
        os.write(part, canonical(header) + b"\n")
        return part

    def _flush(self) -> None:
        """Bring what waits to the disk, beside the answers: one at a time, so that many lines share one."""
        self._dirty = True
        if self._task is None or self._task.done():
            with suppress(RuntimeError):  # nobody's loop: whoever closes it does that
                self._task = asyncio.get_running_loop().create_task(self._flushed())

    async def _flushed(self) -> None:
        while self._dirty and self._part is not None:
            self._dirty = False
            with suppress(OSError):
                await asyncio.to_thread(os.fsync, self._part)

    def close(self) -> None:
        """All on the disk, and the day free to be sealed."""
        part, self._part = self._part, None
        if part is not None:
            with suppress(OSError):
                os.fsync(part)
            os.close(part)

    async def stop(self) -> None:
        """As `close`, once nobody writes."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        self.close()
