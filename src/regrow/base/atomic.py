"""Write a file so that it is either there whole or not at all."""

import os
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with plain line ends, whole or not at all. A symlink there is replaced, not followed."""
    import tempfile  # shutil, random and three compressors: not for a command that writes nothing

    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".regrow-", dir=path.parent) as scratch:
        part = Path(scratch) / path.name
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, path)
