"""The files of governance/: where they lie, how they are read, and at which commit they count."""

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from regrow import RegrowError
from regrow.base.errors import Exit, Problem
from regrow.base.yaml_files import read_yaml
from regrow.tools import git
from regrow_govern.protected import protected as protected

FOLDER = "governance"
RISK, ROLES, PROMOTION = f"{FOLDER}/risk.yaml", f"{FOLDER}/roles.yaml", f"{FOLDER}/promotion.yaml"
DRILL, REPLAY = f"{FOLDER}/drill.json", f"{FOLDER}/replay/replay.json"
#: a date, quoted in YAML or not
Day = Annotated[datetime.date, Field(strict=False)]
Model = TypeVar("Model", bound=BaseModel)


def parse(text: str, path: str, model: type[Model]) -> Model:
    """A file's text as a checked model. Raises RegrowError with every problem, each with its place."""
    content = read_yaml(text, path)
    if not isinstance(content, Mapping):
        raise RegrowError("is no mapping", where=path, fix="see docs/govern.md")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise RegrowError.of(_problem(one, path) for one in error.errors()) from None


def _problem(one: Mapping[str, Any], path: str) -> Problem:
    place = ".".join(str(part) for part in one["loc"])
    wrong = str(one["msg"]).removeprefix("Value error, ")
    missing = one["type"] == "missing"
    return Problem("is missing: it can be answered, and not be taken out" if missing else wrong,
                   f"{path}: {place}" if place else path)  # fmt: skip


def here(root: Path, path: str, model: type[Model]) -> Model:
    """Of the work tree. Raises RegrowError where it is not there or is wrong."""
    file = root / path
    if not file.is_file():
        raise _absent(path, "the project")
    return parse(file.read_text(encoding="utf-8"), path, model)


def committed(root: Path, path: str, model: type[Model]) -> Model:
    """As the protected branch holds it: an edit that is not merged there is no rule. Raises RegrowError."""
    name, commit = protected(root)
    text = git.show(root, commit, path)
    if text is None:
        raise _absent(path, f"{name} ({commit[:10]})")
    return parse(text, path, model)


def _absent(path: str, where: str) -> RegrowError:
    fix = f"regrow govern init writes it; answer it, then: git add {FOLDER} && git commit"
    return RegrowError(f"is not in {where}", where=path, fix=fix, code=Exit.DATA_MISSING)
