"""bundle: one archive that scores raw rows; as a value, its bytes when written, and a `Bundle` when read."""

from pathlib import Path
from typing import Any


def check(value: Any) -> None:
    """ValueError unless these are the bytes of a bundle."""
    from regrow_serve.archive import unpack

    if not isinstance(value, bytes):
        raise ValueError(f"must be the bytes of a bundle, not {type(value).__name__}")
    unpack(value)


def write(value: bytes, path: Path) -> None:
    """Write it."""
    path.write_bytes(value)


def read(path: Path) -> Any:
    """A `regrow_serve.Bundle`. ValueError for what is none."""
    from regrow import RegrowError
    from regrow_serve.bundle import Bundle

    try:
        return Bundle.load(path)
    except RegrowError as error:
        raise ValueError(str(error)) from None
