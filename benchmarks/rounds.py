"""Measure in rounds: everybody once, then everybody again, so that a busy minute hits all alike."""

import statistics
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.shell import FailedError, Shell


@dataclass
class Row:
    """Something that is timed.

    who: the command, or what stands for it. take: from the number of the round to seconds. what, size: what is done,
    where that is not the same for a whole part. multiplied: how often the time counts, where a few of many were done.
    once: only in the first round. note: said below the table.
    """

    who: str
    take: Callable[[int], float]
    what: str = ""
    size: int = 0
    multiplied: int = 1
    once: bool = False
    note: str = ""
    seconds: list[float] = field(default_factory=list)
    failed: str = ""

    def told(self) -> dict[str, Any]:
        """What is kept of it."""
        kept = {"who": self.who, "what": self.what, "size": self.size, "note": self.note}
        kept["failed"] = self.failed.partition("\n")[0]
        return {**{key: value for key, value in kept.items() if value}, "seconds": self.seconds}


def command(shell: Shell, *words: str) -> Callable[[int], float]:
    """Take a command's time, the same in every round."""
    return lambda _: shell.seconds(words)


def say(text: str) -> None:
    """Progress."""
    print(text, file=sys.stderr, flush=True)


def measure(part: str, rows: Iterable[Row], times: int) -> list[Row]:
    """The same rows, with seconds. One that fails is told, and the others go on; it is left out when it fails again."""
    rows, out = list(rows), list[Row]()
    for number in range(times):
        for row in rows:
            if row in out or (row.once and number):
                continue
            try:
                row.seconds.append(round(row.multiplied * row.take(number), 4))
            except FailedError as error:
                out += [row] if row.failed else []
                row.failed = str(error)
                say(f"{part}: {row.who} failed: {error}")
                continue
            about = " ".join(str(one) for one in (row.what, row.size or "") if one)
            say(f"{part} {number + 1}/{times}: {row.who}{f', {about}' if about else ''}: {row.seconds[-1]:.3f} s")
    return rows


def median(row: Mapping[str, Any]) -> float:
    """Of a row as it is kept."""
    return statistics.median(row["seconds"])
