"""What a plugin's stage may touch while the contract kit runs it, and what it must leave as it found it.

The rules are those of `regrow.stage.io.rules`; here everything else is refused.
"""

import os
import random
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from regrow.stage.io import arrow, rules
from regrow.stage.io.rules import RefusedError, Touch


class Guard:
    """Inside `with guard.on():` files may be read below `readable`, written below `writable`; nothing else is touched.

    `seen` gathers what was refused, also where the stage went on without it.
    """

    def __init__(self, readable: Iterable[str], writable: Iterable[str]) -> None:
        self._writable = rules.both([*writable, os.devnull])
        self._readable = self._writable | rules.both([*rules.installed(), *rules.SYSTEM, *readable])
        self.seen: dict[str, None] = {}

    @contextmanager
    def on(self) -> Iterator[None]:
        """Refuse from here on. Bytecode is not written meanwhile: it is Python's doing, not the stage's."""
        before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        arrow.tell()
        try:
            with rules.listening(self._hear):
                yield
        finally:
            sys.dont_write_bytecode = before

    def _hear(self, event: str, args: tuple[Any, ...], frame: Any) -> None:
        wrong = f"uses the network: {event}" if event in rules.NETWORK else ""
        for touch in () if wrong else rules.touches(event, args, frame):
            wrong = wrong or self._judge(event, touch)
        if wrong:
            told = f"{wrong} ({rules.place(frame)})"
            self.seen[told] = None
            raise RefusedError(told)

    def _judge(self, event: str, touch: Touch) -> str:
        if touch.what in {"reads", "lists"}:
            if not rules.is_there(touch) or self._holds(self._readable, touch):
                return ""
            return f"{touch.what} {touch.target}, which it did not declare"
        if touch.what == "writes":
            if self._holds(self._writable, touch):
                return ""
            verb = "opens {} for writing" if event == "open" else f"calls {event} on {{}}"
            return verb.format(touch.target)
        return f"starts a process: {touch.target}" if touch.what == "starts" else f"uses the network: {touch.target}"

    def _holds(self, roots: set[str], touch: Touch) -> bool:
        forms = rules.absolute(touch.target), rules.real(touch.target, touch.follow)
        return any(rules.below(form, roots) for form in forms if form)


def global_state() -> dict[str, Any]:
    """What is shared by all code of the process and must be after a call what it was before."""
    state: dict[str, Any] = {
        "os.environ": dict(os.environ),
        "the current folder": str(Path.cwd()),
        "warnings.filters": list(warnings.filters),
        "the global state of random": random.getstate(),
    }
    if "numpy" in sys.modules:
        import numpy as np

        drawn = np.random.get_state(legacy=False)
        state["numpy's global random state"] = repr({**drawn["state"], "key": drawn["state"]["key"].tobytes()})
        state["numpy's error handling"] = np.geterr()
    return state


def reset(state: dict[str, Any]) -> None:
    """Put back what `global_state` told, but random numbers: those begin where no stage would have them begin."""
    os.environ.clear()
    os.environ.update(state["os.environ"])
    os.chdir(state["the current folder"])
    warnings.filters[:] = state["warnings.filters"]  # type: ignore[index]
    random.seed(86_421_357)
    if "numpy" in sys.modules:
        import numpy as np

        np.random.seed(86_421_357)
        np.seterr(**state.get("numpy's error handling", {}))
