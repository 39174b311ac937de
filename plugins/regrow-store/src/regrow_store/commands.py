"""`regrow store`: the store online, out of the project's own definitions and lookups."""

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from regrow import RegrowError

if TYPE_CHECKING:
    from regrow_store.settings import FeatureView

HOME = ".dvc/tmp/regrow/store/online.sqlite"  # ignored by Git through DVC's own .gitignore
FILE = click.Path(path_type=Path, dir_okay=False)


@click.group("store")
def store() -> None:
    """Features of entities online: one SQLite file, by the definitions in features.derive."""


@store.command("materialise")
@click.option("--at", "moment", help="As of when: a date, or a number. By default the latest in the lookup.")
@click.option("-o", "--out", type=FILE, help="The SQLite file.")
def materialise(moment: str | None, out: Path | None) -> None:
    """Write the values of all entities of every view."""
    from regrow_store import online

    views, lookups, home = _project()
    with _opened(out or home, make=True) as connection:
        for name, view in views.items():
            at = _latest(view, lookups) if moment is None else _moment(moment)
            count = online.materialise(connection, name, view, lookups, at)
            click.echo(f"{name} {view.version}: {count} of {view.entity}, as of {at}")
    click.echo(str(out or home))


@store.command("get")
@click.argument("view")
@click.argument("key", nargs=-1, required=True)
@click.option("-f", "--file", type=FILE, help="The SQLite file.")
def get(view: str, key: tuple[str, ...], file: Path | None) -> None:
    """Print the values of one entity as JSON; KEY: its parts, in the order of the view's `by`."""
    from regrow_store import online

    with _opened(file or _home()) as connection:
        tried = [[*map(_plain, key)], list(key)]
        found = next((one for parts in tried if (one := online.get(connection, view, parts)) is not None), None)
    if found is None:
        raise RegrowError(f"{view} knows no {', '.join(key)}", where=str(file or _home()))
    click.echo(json.dumps({name: None if number != number else number for name, number in found.items()}))


@store.command("check")
@click.option("-f", "--file", type=FILE, help="The SQLite file.")
def check(file: Path | None) -> None:
    """Compute every value anew, and compare to the bit. Ends in 1 if one differs."""
    from regrow_store import online
    from regrow_store.views import values

    views, lookups, home = _project()
    wrong = []
    with _opened(file or home) as connection:
        for name, view in views.items():
            keys = online.entities(view, lookups)
            anew = values(view, keys.assign(**{view.at: online.moment_of(connection, name)}), lookups)
            differ = online.differing(connection, name, keys, anew)
            click.echo(f"{name} {view.version}: {len(keys) - len(differ)} of {len(keys)} the same to the bit")
            wrong += [f"{name} {key}" for key in differ]
    if wrong:
        fix = "write it anew: regrow store materialise"
        raise RegrowError(f"differs from its definition: {', '.join(wrong[:5])}", where=str(file or home), fix=fix)


def _project() -> tuple[dict[str, "FeatureView"], dict[str, Any], Path]:
    """The project's views and lookups, and where its store lies."""
    from regrow.artifacts import tables
    from regrow.compile.pipeline import Pipeline
    from regrow.plugin.project import open_project
    from regrow.settings.compose import stage_settings

    pipeline = Pipeline.load(open_project())
    stage = pipeline.plugins.stages["store"]
    views = stage_settings(stage, pipeline.settings, pipeline.plugins.components).views
    path = pipeline.project.path(pipeline.paths["lookups"])
    if not path.is_dir():
        raise RegrowError("there are no lookups yet", where=str(path), fix="regrow run")
    return views, tables.read(path), pipeline.project.path(HOME)


def _home() -> Path:
    from regrow.plugin.project import open_project

    return open_project().path(HOME)


@contextlib.contextmanager
def _opened(path: Path, make: bool = False) -> Iterator[sqlite3.Connection]:
    if make:
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not path.is_file():
        raise RegrowError("there is no store", where=str(path), fix="regrow store materialise")
    with contextlib.closing(sqlite3.connect(path)) as connection:
        yield connection


def _latest(view: "FeatureView", lookups: dict[str, Any]) -> Any:
    from regrow_features.join import lookup_called

    return lookup_called(view.table, lookups)[view.known or view.at].max()


def _moment(text: str) -> Any:
    import pandas as pd

    try:
        return float(text)
    except ValueError:
        return pd.Timestamp(text)


def _plain(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text
