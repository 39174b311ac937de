"""Whether bytecode that Python would run is what its source compiles to."""

import importlib.util
import marshal
import sys
import warnings
from pathlib import Path

ENDING = f".{sys.implementation.cache_tag}.pyc"
HEAD = 16  # bytes: kind of Python, flags, and date and size of the source, or its hash


def is_read(name: str) -> bool:
    """Whether this Python would look at it."""
    return name.endswith(ENDING) and "/__pycache__/" in name


def is_true(file: Path) -> bool:
    """Whether Python would not run it, or it does what the source says."""
    source = file.parent.parent / f"{file.name.removesuffix(ENDING)}.py"
    try:
        data, text, about = file.read_bytes(), source.read_bytes(), source.stat()
    except OSError:
        return True  # without a source it is not looked at
    date = int(about.st_mtime).to_bytes(8, "little")[:4] + about.st_size.to_bytes(8, "little")[:4]
    if data[:4] != importlib.util.MAGIC_NUMBER or (data[4:8] == b"\0\0\0\0" and data[8:HEAD] != date):
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code = marshal.loads(data[HEAD:])  # noqa: S302 - it is compared, not run
            return bool(code == compile(text, str(source), "exec", dont_inherit=True))
    except (ValueError, EOFError, TypeError, SyntaxError):
        return False
