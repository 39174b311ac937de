"""DVC's templates in a dvc.yaml, resolved by DVC itself from texts that are handed in. Nothing is run."""

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from regrow.base.errors import RegrowError
from regrow.base.yaml_files import read_yaml

Read = Callable[[str], bytes | None]  # a file by its path in the project
CONFIG = ".dvc/config"
VALUE = re.compile(r"(?<!\\)\$\{(.*?)\}")
GENERATING = {"foreach", "matrix", "vars"}


@dataclass(frozen=True)
class ResolvedStages:
    """What a dvc.yaml says. stages: by name, with values put in. unresolved: a stage, or the name before @ of many, ->
    why DVC can't tell what it is. files: those that say what is put in, or would if they were there."""

    stages: Mapping[str, Any]
    unresolved: Mapping[str, str] = field(default_factory=dict)
    files: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        """Whether a stage of this name is, or may be, one of it."""
        return name in self.stages or name in self.unresolved or name.partition("@")[0] in self.unresolved


def is_templated(written: Any) -> bool:
    """Whether what DVC runs is something else than what is written."""
    return isinstance(written, dict) and (not GENERATING.isdisjoint(written) or "${" in str(written))


def on_disk(root: Path) -> Read:
    """The files of a tree."""
    return lambda path: (root / path).read_bytes() if (root / path).is_file() else None


def sources(root: Path, file: str) -> set[str]:
    """The files whose values are put into a dvc.yaml of a tree, or would be if they were there."""
    text = (on_disk(root)(file) or b"").decode("utf-8", "replace")
    if "${" not in text:
        return set()
    folder = file.rpartition("/")[0]
    try:
        return set(resolve(read_yaml(text, file), folder, on_disk(root)).files)
    except RegrowError:
        return set()  # whoever reads it says what is wrong


def keys(stages: Any) -> list[str]:
    """The dotted keys that stages of a dvc.yaml put in, as far as they name settings."""
    return [key.replace("[", ".").replace("]", "").strip() for key in VALUE.findall(str(stages))]


def resolve(document: Any, folder: str, read: Read) -> ResolvedStages:
    """The stages of a parsed dvc.yaml that lies in `folder` of the project."""
    written = document.get("stages") if isinstance(document, dict) else None
    if not isinstance(written, dict) or not any(map(is_templated, written.values())):
        return ResolvedStages(written if isinstance(written, dict) else {})
    files = _files(read)
    stages: dict[str, Any] = {}
    unresolved: dict[str, str] = {}
    try:
        resolver = _resolver(document, folder, files)
        wrong = ""
    except Exception as error:  # whatever DVC meets in somebody's text
        wrong = _told(error)
    for name, definition in written.items():
        if not is_templated(definition):
            stages[name] = definition
        elif wrong:
            unresolved[name] = wrong
        else:
            try:
                stages |= _resolved(resolver, name)
            except Exception as error:  # as above
                unresolved[name] = _told(error)
    return ResolvedStages(stages, unresolved, frozenset(files.asked))


def _resolver(document: Mapping[str, Any], folder: str, files: Any) -> Any:
    from dvc.parsing import DataResolver

    return DataResolver(SimpleNamespace(fs=files, config={"parsing": _options(files)}), folder, document)


def _resolved(resolver: Any, name: str) -> dict[str, Any]:
    definition = resolver.definitions[name]
    generated = getattr(definition, "get_generated_names", lambda: [name])()
    return {one: resolver.resolve_one(one)[one] for one in generated}


def _options(files: Any) -> Mapping[str, str]:
    """How mappings and lists become options of a command, as the project's settings of DVC have it."""
    from configobj import ConfigObj

    text = files.open(CONFIG).read() if files.exists(CONFIG) else ""
    return {key: str(value).lower() for key, value in ConfigObj(text.splitlines()).get("parsing", {}).items()}


def _told(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _files(read: Read) -> Any:
    """What DVC takes for a file system, of the files that `read` has. asked: those that it looked for."""
    from dvc.fs import MemoryFileSystem

    class Files(MemoryFileSystem):  # type: ignore[misc]  # it ships no types
        asked: set[str] = set()

        def exists(self, path: str, *_: Any, **__: Any) -> bool:
            self.asked.add(path)
            return read(path) is not None

        def isdir(self, path: str) -> bool:
            return False

        def open(self, path: str, mode: str = "r", **_: Any) -> io.StringIO:
            return io.StringIO((read(path) or b"").decode("utf-8"))

    files = Files(global_store=False)
    files.asked = set()
    return files
