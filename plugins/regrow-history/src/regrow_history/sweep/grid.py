"""What is asked for becomes one list of overrides for each experiment."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from regrow.base.errors import RegrowError
from regrow.base.yaml_files import read_text, read_yaml
from regrow_history.tools import grid_grammar

Overrides = tuple[str, ...]
MOST = 10_000
FORM = "a list; each item a mapping such as {model: linear, seed: 3}, or a list of overrides such as [model=linear]"


def experiments(arguments: Sequence[str], file: Path | None = None) -> list[Overrides]:
    """The overrides of each experiment, in order, each list once. `file`: a YAML list of them, in place of a grid; the
    arguments then go for all. Raises RegrowError for none, too many, or what is no override."""
    grid = grid_grammar.combinations(arguments)
    listed = _listed(file) if file else [()]
    found = list(dict.fromkeys((*one, *other) for one in listed for other in grid))
    if not file and not arguments:
        fix = "such as: regrow sweep 'model=linear,forest' 'seed=range(0,20)'"
        raise RegrowError("says nothing to vary", where="sweep", fix=fix)
    if len(found) > MOST:
        raise RegrowError(f"{len(found):,} experiments are more than {MOST:,}", where="sweep", fix="ask for fewer")
    return found


def _listed(file: Path) -> list[Overrides]:
    try:
        document = read_yaml(read_text(file, file.name), file.name)
    except OSError as error:
        raise RegrowError(f"can't be read: {error.strerror}", where=str(file)) from None
    if not isinstance(document, list) or not document:
        raise RegrowError("holds no list of experiments", where=file.name, fix=f"it is {FORM}")
    return [one for number, item in enumerate(document, 1) for one in _one(item, f"{file.name}, item {number}")]


def _one(item: object, where: str) -> list[Overrides]:
    if isinstance(item, dict):
        item = [f"{key}={json.dumps(value) if not isinstance(value, str) else value}" for key, value in item.items()]
    if isinstance(item, str):
        item = [item]
    if not isinstance(item, list) or not all(isinstance(one, str) for one in item):
        raise RegrowError("is no experiment", where=where, fix=f"the file is {FORM}")
    return grid_grammar.combinations(item)


def name_of(experiments: Iterable[Overrides], base: str) -> str:
    """A name that the same experiments of the same commit always get."""
    told = json.dumps([base, list(experiments)])
    return f"sweep-{hashlib.sha256(told.encode()).hexdigest()[:6]}"
