"""`regrow inspect REV`."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from regrow.plugin.project import open_project

if TYPE_CHECKING:
    from rich.console import Console

SHORT = 12  # of a hash, in text
MOST = 40  # rows of one table in text


@click.command("inspect")
@click.argument("revision", metavar="REV")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: all of it.")
def command(revision: str, as_json: bool) -> None:
    """Show the record of REV: assumptions, randomness, data, settings, results, implementation, environment.

    Nothing of the commit is run or imported.
    """
    from regrow.base import safe_text
    from regrow_history.experiments.summary import record

    found = record(open_project().root, revision)
    if as_json:
        click.echo(safe_text.dumps(found))
        return
    console = safe_text.console()
    _commit(found["commit"])
    for show in (_assumptions, _randomness, _data, _settings, _results, _implementation, _environment, _unproven):
        show(console, found)


def _commit(about: Mapping[str, str]) -> None:
    from regrow.base.safe_text import clean

    click.secho(f"commit {about['name']}", bold=True)
    click.echo(f"  {clean(about['author'])}, {clean(about['date'])}: {clean(about['subject'])}")


def _title(name: str, beside: str = "") -> None:
    click.echo()
    click.echo(f"{click.style(name, bold=True)}{f'  {beside}' if beside else ''}")


def _table(console: "Console", headings: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
    from rich.padding import Padding
    from rich.table import Table

    from regrow.base.safe_text import clean

    table = Table(box=None, pad_edge=False)
    for heading in headings:
        right = heading in {"size", "files", "code", "value"}
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    listed = list(rows)
    for row in listed[:MOST]:
        table.add_row(*("" if cell is None else clean(cell, 80) for cell in row))
    console.print(Padding(table, (0, 0, 0, 2), expand=False))
    if len(listed) > MOST:
        click.echo(f"  ... and {len(listed) - MOST} more: --json has all")


def _assumptions(console: "Console", found: Mapping[str, Any]) -> None:
    listed = found["assumptions"]
    _title("Assumptions", "" if listed else "none")
    if listed:
        rows = ((a["name"], a["says"], a["owner"], a["severity"], a["outcome"] or "not at hand") for a in listed)
        _table(console, ("name", "says", "owner", "severity", "outcome"), rows)


def _randomness(console: "Console", found: Mapping[str, Any]) -> None:
    seeds, stages = found["randomness"]["seeds"], found["randomness"]["stages"]
    _title("Randomness", "" if seeds else "no seed among the settings")
    if seeds:
        rows = ((key, value, ", ".join(s for s, used in stages.items() if key in used)) for key, value in seeds.items())
        _table(console, ("seed", "value", "stages"), rows)


def _files(console: "Console", files: Iterable[Mapping[str, Any]], *more: str) -> None:
    from regrow.base.safe_text import size

    rows = (
        (one["path"], *(one[key] for key in more), one["files"], size(-1 if one["size"] is None else one["size"]),
         (one["md5"] or "")[:SHORT], (one["sha256"] or "")[:SHORT])
        for one in files
    )  # fmt: skip
    _table(console, ("path", *more, "files", "size", "md5", "sha256"), rows)


def _data(console: "Console", found: Mapping[str, Any]) -> None:
    _title("Data", "" if found["data"] else "no input outside of Git")
    if found["data"]:
        _files(console, found["data"])


def _settings(console: "Console", found: Mapping[str, Any]) -> None:
    changed = found["settings"]["overrides"]
    beside = "conf/ is not recorded apart" if changed is None else f"{len(changed)} overrides of conf/"
    _title("Settings", beside if changed or changed is None else "as conf/ says")
    if changed:
        rows = ((one["key"], _flat(one["conf"]), _flat(one["here"])) for one in changed)
        _table(console, ("override", "conf/", "here"), rows)
        click.echo()
    values = found["settings"]["values"]
    _table(console, ("key", "settings"), ((key, _flat(value)) for key, value in sorted(values.items())))


def _flat(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return ", ".join(
            f"{key}: {{{_flat(one)}}}" if isinstance(one, dict) else f"{key}: {one}" for key, one in value.items()
        )
    return "(absent)" if value is None else str(value)


def _results(console: "Console", found: Mapping[str, Any]) -> None:
    _title("Results")
    metrics = found["results"]["metrics"]
    rows = [(f"{path}: {key}", value) for path, one in metrics.items() for key, value in _leaves(one)]
    if rows:
        _table(console, ("metric", "value"), rows)
        click.echo()
    _files(console, found["results"]["outputs"], "stage", "kept_by")


def _leaves(value: Any, prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, one in value.items():
        if isinstance(one, dict):
            yield from _leaves(one, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", one


def _implementation(console: "Console", found: Mapping[str, Any]) -> None:
    _title("Implementation", f"commit {found['commit']['name'][:SHORT]}")
    rows = (
        (one["name"], " && ".join(one["commands"]), len(one["stands_on"].get("code", {})) or "?",
         ", ".join(need["path"] for need in one["needs"]))
        for one in found["implementation"]["stages"]
    )  # fmt: skip
    _table(console, ("stage", "command", "code", "needs"), rows)


def _environment(console: "Console", found: Mapping[str, Any]) -> None:
    about = found["environment"]
    lock = about["requirements"]
    _title("Environment", f"Python {about['python'] or '?'}, {len(about['packages'])} packages in the fingerprints")
    if lock:
        click.echo(f"  {lock['path']}: {lock['packages']} packages locked, sha256 {lock['sha256'][:SHORT]}")
    if about["vendor"]:
        rows = ((one["path"].rpartition("/")[2], one["sha256"][:SHORT]) for one in about["vendor"])
        _table(console, ("wheel", "sha256"), rows)
    machines: dict[str, list[str]] = {}
    for stage, said in about["machine"].items():
        machines.setdefault(_flat(said), []).append(stage)
    if machines:
        _table(console, ("machine", "stages"), ((said, ", ".join(stages)) for said, stages in machines.items()))


def _unproven(console: "Console", found: Mapping[str, Any]) -> None:
    from regrow.base.safe_text import clean

    if found["unproven"]:
        _title("Not proven", "it may come out otherwise elsewhere, or on another day")
        for one in found["unproven"]:
            click.echo(f"  stage {clean(one['stage'])} {clean(one['wrong'], 500)}")
