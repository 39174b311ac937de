"""What the project's code touches while it is imported, before its stage is known and can be watched."""

from contextlib import AbstractContextManager
from typing import Any

from regrow.plugin.project import Project
from regrow.stage.io import rules
from regrow.stage.io.rules import Touch


class Heard:
    """`with heard.on(): ...`, then `touches`: each with its place in the code, and the line of the module that does it.

    They are not judged yet: that is the watch's.
    """

    def __init__(self, project: Project) -> None:
        self.touches: list[tuple[Touch, str, tuple[str, int]]] = []
        self._roots = sorted(rules.both([str(project.root)]))

    def on(self) -> AbstractContextManager[None]:
        """Listen from here on."""
        return rules.listening(self._hear)

    def _hear(self, event: str, args: tuple[Any, ...], frame: Any) -> None:
        at = None if rules.by_import(frame) or rules.to_show_code(frame) else rules.import_at(frame)
        if at and (place := rules.place(frame, (), self._roots)) != rules.LIBRARY:
            self.touches += [(touch, place, at) for touch in rules.touches(event, args, frame)]
