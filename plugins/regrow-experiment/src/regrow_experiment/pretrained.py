"""Models of other commits and projects: files of the source `pretrained`, each pinned by its hash and read as any model
is, by the types that components declare and nothing in the file."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from sklearn.frozen import FrozenEstimator

from regrow import Context, RegrowError
from regrow.artifacts import model as model_file
from regrow.plugin.components import nearest
from regrow_experiment.pretrained_settings import Pretrained

SOURCE, ENDING = "pretrained", ".skops"


def pretrained(settings: Pretrained, context: Context) -> FrozenEstimator | None:
    """The fitted model that the settings name, which no fit changes; None where they name none.

    Raises RegrowError where the file is not there, is another than was pinned, or holds a type that nobody declares.
    """
    if settings.model is None:
        return None
    if context.models is None:
        fix = "`regrow pretrained REV` puts the model of a commit there, and names the source"
        raise RegrowError(f"[tool.regrow.sources] has no {SOURCE!r}", where="pyproject.toml", fix=fix)
    file, there = context.models / f"{settings.model}{ENDING}", sorted(one.stem for one in context.models.glob("*"))
    if not file.is_file():
        raise RegrowError(f"there is no model {settings.model!r}", where=SOURCE, fix=nearest(settings.model, there))
    return FrozenEstimator(_read(file, str(settings.sha256)))


@lru_cache(maxsize=4)
def _read(file: Path, sha256: str) -> Any:
    found = digest(file)
    if found != sha256:
        fix = f"take the file that the settings were written for, or pin this one: sha256: {found}"
        raise RegrowError(f"is not the model that is pinned: its sha256 is {found}", where=file.name, fix=fix)
    try:
        return model_file.read(file)
    except ValueError as error:
        fix = "list the plugin of the other project that declares the type, in [tool.regrow] plugins"
        raise RegrowError(str(error), where=file.name, fix=fix) from None


def digest(file: Path) -> str:
    """sha256 of a file, in hex."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
