"""tables: named DataFrames, possibly none, one Parquet file each in a folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regrow.artifacts import record, table
from regrow.plugin.declare import NAME

INDEX = "tables.json"  # so that an empty folder is told from a lost one


def check(value: Any) -> None:
    """ValueError unless it is a dict of name -> DataFrame; a frame may be without rows."""
    if not isinstance(value, Mapping):
        raise ValueError(f"must be a dict of DataFrames, not {type(value).__name__}")
    for name, frame in value.items():
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise ValueError(f"has a table called {name!r}, which is no name")
        try:
            table.check_frame(frame)
        except ValueError as error:
            raise ValueError(f"table {name!r} {error}") from None


def write(value: Any, path: Path) -> None:
    """Write one Parquet file a table and a list of their names."""
    path.mkdir()
    record.write({"tables": sorted(value)}, path / INDEX)
    for name, frame in sorted(value.items()):
        table.write(frame, path / f"{name}.parquet")


def read(path: Path) -> Any:
    """Read them, by name. ValueError or OSError if one is missing or not whole."""
    content = record.read(path / INDEX)
    listed = content.get("tables") if isinstance(content, dict) else None
    if not isinstance(listed, list) or not all(isinstance(name, str) and NAME.fullmatch(name) for name in listed):
        raise ValueError(f"{INDEX} does not list the tables")
    return {name: table.read(path / f"{name}.parquet") for name in listed}
