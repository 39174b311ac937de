"""Files of settings, parsed once for as long as they say the same: DVC parses params.yaml four times a stage."""

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def parsed_once() -> Iterator[None]:
    """Inside, DVC in this process reads settings as often as ever, and parses them when they are others."""
    from dvc.dependency import param

    plain, known = param.load_path, dict[str, tuple[bytes, bytes]]()

    def load(path: str, fs: Any, **options: Any) -> Any:
        if options:
            return plain(path, fs, **options)
        with fs.open(path, "rb") as stream:
            data = stream.read()
        before, parsed = known.get(path, (None, b""))
        if data != before:
            parsed = pickle.dumps(plain(path, fs))
            known[path] = data, parsed
        return pickle.loads(parsed)  # noqa: S301 - of our own; each caller may change what it gets

    param.load_path = load
    try:
        yield
    finally:
        param.load_path = plain
