"""What the project's code touches while it is imported, before its stage is known and can be watched."""

from contextlib import AbstractContextManager
from typing import Any

from regrow import io_rules as rules
from regrow.io_rules import Touch
from regrow.project import Project


class Heard:
    """`with heard.on(): ...`, then `touches`: each with its place in the code, and whether a library did it on import.

    They are not judged yet: that is the watch's.
    """

    def __init__(self, project: Project) -> None:
        self.touches: list[tuple[Touch, str, bool]] = []
        self._roots = sorted(rules.both([str(project.root)]))

    def on(self) -> AbstractContextManager[None]:
        """Listen from here on."""
        return rules.listening(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...], frame: Any) -> None:
        if rules.by_import(frame) or rules.to_show_code(frame) or not self._imports_own(frame):
            return
        place, library = rules.place(frame, (), self._roots), rules.by_library_import(frame)
        self.touches += [(touch, place, library) for touch in rules.touches(event, args, frame)]

    def _imports_own(self, frame: Any) -> bool:
        """Whether a module of the project is being imported."""
        while frame is not None:
            file = frame.f_code.co_filename
            if frame.f_code.co_name == "<module>" and rules.below(file, self._roots) and not rules.is_library(file):
                return True
            frame = frame.f_back
        return False
