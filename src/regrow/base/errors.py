"""The one error of regrow: what is wrong, where, how to mend it, and the exit code it ends in."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; public, so a script may rely on them."""

    OK = 0
    FAILURE = 1
    MISMATCH = 2
    DATA_MISSING = 3
    ENVIRONMENT = 4
    UNSAFE = 5
    BUSY = 6
    EQUIVALENT = 7
    NOT_PROVEN = 8


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong. `where` is a file, key or plugin; `fix` is what to do or type."""

    wrong: str
    where: str = ""
    fix: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.wrong}" if self.where else self.wrong
        return text + "".join(f"\n    {line}" for line in self.fix.splitlines())


class RegrowError(Exception):
    """Raised for anything a user can cause or mend. Several problems that hold at once are told at once.

    The command line prints them and exits with `code`; nothing else in regrow prints errors or exits.
    """

    def __init__(self, wrong: str = "", *, where: str = "", fix: str = "", code: Exit = Exit.FAILURE) -> None:
        self.problems: tuple[Problem, ...] = (Problem(wrong, where, fix),)
        self.code = code
        super().__init__(str(self))

    @classmethod
    def of(cls, problems: Iterable[Problem], code: Exit = Exit.FAILURE) -> "RegrowError":
        """One error out of several problems (at least one)."""
        error = cls(code=code)
        error.problems = tuple(problems)
        return error

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)
