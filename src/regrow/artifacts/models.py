"""models: fitted models by name, such as one a group, a skops file each in a folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from regrow.artifacts import model, record

INDEX = "models.json"
LONGEST = 120  # characters of a file's name: a quarter of what file systems hold is left for more


def check(value: Any) -> None:
    """ValueError unless it is a dict, with at least one entry, of name (any text) -> fitted model."""
    if not isinstance(value, Mapping):
        raise ValueError(f"must be a dict of models, not {type(value).__name__}")
    if not value:
        raise ValueError("is empty")
    _check_names(list(value))
    for name, one in value.items():
        try:
            model.check(one)
        except ValueError as error:
            raise ValueError(f"model {name!r} {error}") from None


def _check_names(names: list[Any]) -> None:
    seen: dict[str, str] = {}
    for name in names:
        if not isinstance(name, str) or not name or len(_file(name)) > LONGEST:
            raise ValueError(f"has a model called {name!r}: a name is text of up to about a hundred letters")
        if (other := seen.setdefault(_file(name).casefold(), name)) != name:
            raise ValueError(f"has models called {other!r} and {name!r}, which some file systems take for one")


def _file(name: str) -> str:
    """The file of a model: letters and digits of ASCII as they are, everything else as %XX."""
    return f"{quote(name, safe='')}.skops"


def write(value: Any, path: Path) -> None:
    """Write one file a model and a list of their names."""
    path.mkdir()
    record.write({"models": sorted(value)}, path / INDEX)
    for name, one in value.items():
        model.write(one, path / _file(name))


def read(path: Path) -> Any:
    """Read them, by name. ValueError or OSError if one is missing, not whole, or holds a type that is not listed."""
    content = record.read(path / INDEX)
    names = content.get("models") if isinstance(content, dict) else None
    if not isinstance(names, list) or not names:
        raise ValueError(f"{INDEX} does not list the models")
    _check_names(names)
    return {name: model.read(path / _file(name)) for name in names}
