"""What fingerprints say, for those who need not make one."""

from collections.abc import Iterable
from pathlib import Path

from regrow.environment.variables import THIS_CPU


def is_portable(fingerprint: Path) -> bool:
    """What a fingerprint's `environment` line says; yes where there is none."""
    return f"\nenvironment {THIS_CPU} " not in _text(fingerprint)


def packages(fingerprints: Iterable[Path]) -> set[str]:
    """The distributions that fingerprints name."""
    lines = (line.split(" ") for file in fingerprints for line in _text(file).splitlines())
    return {line[1] for line in lines if len(line) == 3 and line[0] == "package"}


def modules(fingerprints: Iterable[Path]) -> set[str]:
    """The modules whose code fingerprints name."""
    lines = (line.split(" ") for file in fingerprints for line in _text(file).splitlines())
    return {line[1].partition(":")[0] for line in lines if len(line) == 3 and line[0] == "code"}


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
