"""The I/O contract: what a stage's function reads, lists, writes, connects to or starts that the stage didn't declare.

A file that a compiled library other than pyarrow opens by itself, and what joblib's workers do, is not seen.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.machinery import all_suffixes
from importlib.util import source_from_cache
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base import loaded_modules
from regrow.base.atomic import write_text
from regrow.base.errors import Problem
from regrow.layout import STRICT, WARN
from regrow.plugin.declare import Stage
from regrow.plugin.project import Project
from regrow.stage.io import arrow, places, rules
from regrow.stage.io.findings import Undeclared
from regrow.stage.io.findings import problems as problems  # for callers
from regrow.stage.io.places import Places
from regrow.stage.io.record import lasting
from regrow.stage.io.rules import RefusedError, Touch

CODE = (*all_suffixes(), ".pyi")


class Watch:
    """Sees what a stage's function touches: `with watch.on(): ...`, then `findings` and `project_files`.

    paths_of_needs: relative to the project; a folder stands for all below. mode: "warn" notes what is undeclared,
    "strict" also refuses it (RefusedError, a PermissionError) before anything is read, "off" (or "none") looks away,
    but in a replay.
    """

    def __init__(self, project: Project, stage: Stage, paths_of_needs: Iterable[str], mode: str) -> None:
        self.project, self.stage, self.mode = project, stage, mode
        self._watches = mode in {WARN, STRICT} or layout.WATCHED in os.environ
        self.project_files: set[str] = set()
        root, scratch = str(project.root), str(project.path(layout.SCRATCH))
        temp = [tempfile.gettempdir(), rules.SHARED_MEMORY]
        source = project.path(layout.SOURCE)
        needs = [str(project.path(path)) for path in paths_of_needs]
        needs += [str(source / package) for package in self._fingerprinted()]
        readable, writable = places.of_libraries(root)
        self._own = places.code_folders([stage.run.partition(":")[0].partition(".")[0]])
        self._roots = sorted(rules.both([root]))
        self._source = sorted(rules.both([str(source)]))
        self._readable = Places(root, [scratch, *needs, *readable, *writable])
        self._writable = Places(root, [scratch, *temp, *writable, *rules.SCREEN])
        self._installed = Places(root, rules.installed())
        self._temp = Places(root, temp)
        self._made: set[str] = set()  # below the temporary folder, by the stage itself
        self._fine: set[tuple[str, str]] = set()  # absolute paths that were judged and may be touched again
        self._before: dict[str, tuple[Any, str]] = {}  # path given to pyarrow -> its state at first, and by whom
        self._found: dict[tuple[str, str, str], Undeclared] = {}
        self._lasting: set[tuple[Undeclared, tuple[str, int] | None]] = set()

    @property
    def findings(self) -> list[Undeclared]:
        """What was undeclared, sorted; each touch of one place of the code once."""
        return sorted(self._found.values())

    def lasting(self, covers: Callable[[str, int], bool]) -> list[dict[str, str]]:
        """What of it the stage's record tells, [] where `compute.io` has nobody watch.

        covers: whether the stage stands on what a module, by its dotted name, runs in a line when it is imported. What
        it does not stand on, such as a library's own reading, is not done in every process, or changes without a new
        run.
        """
        if self.mode not in {WARN, STRICT}:
            return []
        return lasting(one for one, at in self._lasting if at is None or covers(self._module(at[0]), at[1]))

    def _module(self, file: str) -> str:
        """The dotted name of a module of the project's, "" for another's."""
        source = next((folder for folder in self._source if rules.below(file, [folder])), "")
        parts = Path(file).relative_to(source).with_suffix("").parts if source else ()
        return ".".join(parts[:-1] if parts[-1:] == ("__init__",) else parts)

    def take(self, touches: Iterable[tuple[Touch, str, tuple[str, int]]]) -> None:
        """Judge what was touched before the watch began: see `regrow.stage.io.imports`."""
        for touch, place, at in touches if self._watches else ():
            if not self._allowed(touch, None):
                self._add(touch, place, at)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Watch from here on. Bytecode is not written meanwhile: it is Python's doing, not the stage's."""
        if not self._watches:
            yield
            self._note_modules()
            return
        before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
        arrow.tell()
        try:
            with rules.listening(self._hear):
                yield
        finally:
            sys.dont_write_bytecode = before
            self._note_modules()
            self._compare()

    def save(self, problems: Iterable[Problem] = ()) -> None:
        """Keep what this run touched, for `regrow explain --io` and replays; whole or not at all.

        problems: the findings with what to write so that they are declared.
        """
        notes = {
            "stage": self.stage.name,
            "mode": self.mode if self.mode in {WARN, STRICT} or not self._watches else WARN,
            "findings": [asdict(finding) for finding in self.findings],
            "problems": [asdict(problem) for problem in problems],
            "project_files": sorted(self.project_files),
        }
        text = json.dumps(notes, sort_keys=True, indent=2, ensure_ascii=False)
        write_text(self.project.path(f"{layout.IO_NOTES}/{self.stage.name}.json"), text + "\n")

    def _fingerprinted(self) -> list[str]:
        """The project's packages whose other files are in the stage's fingerprint, since its code reads them."""
        file = self.project.path(layout.fingerprint(self.stage.name))
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
        return [line.split(" ")[1].partition(".")[0] for line in lines if line.startswith("data ")]

    def _hear(self, event: str, args: tuple[Any, ...], frame: Any) -> None:
        for touch in rules.touches(event, args, frame):
            if event == rules.COMPILED and touch.what != "connects":
                self._remember(touch, frame)
            if (touch.what, touch.target) not in self._fine and not self._allowed(touch, frame):
                finding = self._add(touch, self._place(frame), rules.import_at(frame))
                if self.mode == STRICT:
                    raise RefusedError(f"{finding} ({finding.place})")

    def _allowed(self, touch: Touch, frame: Any) -> bool:
        if touch.what == "writes":
            real = rules.real(touch.target, touch.follow)
            if self._temp.hold(real):
                self._made.add(real)
            return self._writable.hold(real)
        return touch.what in {"reads", "lists"} and self._may_read(touch, frame)

    def _may_read(self, touch: Touch, frame: Any) -> bool:
        near = rules.absolute(touch.target)
        if self._declared(near, touch, frame):
            return True
        there, real = rules.is_there(touch), rules.real(near)
        if self._temp.hold(real):
            if not there:  # pyarrow is to write it, or nothing is read
                self._made.add(real)
            if not there or self._is_made(real):
                return True
        if not there or self._declared(real, touch, frame):
            return True
        self._note(near)
        return False

    def _declared(self, path: str, touch: Touch, frame: Any) -> bool:
        if self._readable.hold(path):
            if touch.what == "reads":
                self._note(path)
            if touch.target == path:
                self._fine.add((touch.what, path))
            return True
        if touch.what == "lists":
            return rules.by_import(frame)
        if rules.below(path, self._source) and (path.endswith(CODE) or rules.by_import(frame)):
            self._note(path)
            return True
        return path.endswith(CODE) and rules.to_show_code(frame)

    def _is_made(self, path: str) -> bool:
        """Whether the stage itself wrote a path below the temporary folder, or a folder above it."""
        while path not in self._made and path != os.path.dirname(path):  # noqa: PTH120
            path = os.path.dirname(path)  # noqa: PTH120
        return path in self._made

    def _note(self, path: str) -> None:
        """Add a file that is there to the project's files, unless it is an installed package's or scratch."""
        source = _source_of(path) if path.endswith(".pyc") else path
        relative = self._relative(source)
        apart = not relative or relative.startswith(f"{layout.SCRATCH}/") or self._installed.hold(path)
        if not apart and os.path.isfile(path):  # noqa: PTH113
            self.project_files.add(relative)

    def _relative(self, path: str) -> str:
        """A path from the project's root on with forward slashes, "" if it lies outside."""
        for root in self._roots:
            if path.startswith(root + os.sep):
                return path[len(root) + 1 :].replace(os.sep, "/")
        return "." if path in self._roots else ""

    def _note_modules(self) -> None:
        """Imports of this run, and of before: a module that is loaded already is not opened again."""
        for file in loaded_modules.files():
            if not self._installed.hold(file) and (path := rules.absolute(file)):
                self._note(path)

    def _compare(self) -> None:
        """Pyarrow does not say what it opens for writing: see what is new or has changed."""
        for path, (state, place) in self._before.items():
            now = _state(path)
            if now is not None and now != state:
                self._add(Touch("writes", path), place)

    def _remember(self, touch: Touch, frame: Any) -> None:
        path = rules.absolute(touch.target)
        if path not in self._before and not self._writable.hold(rules.real(path)):
            self._before[path] = (_state(path), self._place(frame))

    def _place(self, frame: Any) -> str:
        return rules.place(frame, self._own, self._roots)

    def _add(self, touch: Touch, place: str, at: tuple[str, int] | None = None) -> Undeclared:
        """at: see `rules.import_at`."""
        inside, target = "", touch.target
        if touch.what in {"reads", "lists", "writes"}:
            near = rules.absolute(target)
            inside = self._relative(near) or self._relative(rules.real(near, touch.follow))
            target = inside or near or target
        # one connection is told by its name, and not by the address that the name stands for, too
        same = target.rpartition(":")[2] if touch.what == "connects" else target
        found = self._found.setdefault((touch.what, same, place), Undeclared(touch.what, target, place, bool(inside)))
        self._lasting.add((found, at))
        return found


def _state(path: str) -> tuple[int, int, int] | None:
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _source_of(path: str) -> str:
    """The source of bytecode."""
    try:
        return source_from_cache(path)
    except ValueError:
        return path
