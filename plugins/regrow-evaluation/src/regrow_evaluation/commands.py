"""The commands of this plugin."""

import datetime
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from regrow import RegrowError
from regrow.base.errors import Exit

if TYPE_CHECKING:
    from regrow_evaluation.noise import Floor


@click.group("decision")
def decision() -> None:
    """What was decided, and whether it still holds."""


@decision.command("check")
@click.argument("revision", required=False)
@click.option("--approved", is_flag=True, help="Fail, too, unless the decision is approved.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(revision: str | None, approved: bool, as_json: bool) -> None:
    """Hold decision.json, metrics and card against what the run recorded; of REVISION, or of the files as they lie.

    Ends in 2 for a number that is not what was measured and for a decision about something else; in 1 for a waiver that
    has ended, today or, of a commit, on its day.
    """
    from regrow.plugin.project import open_project
    from regrow_evaluation.decision_check import Files, checked, shipped

    files = Files.of(open_project(), revision)
    today = datetime.datetime.now(datetime.UTC).date()  # regrow: harmless clock
    made, problems = checked(files, files.day or today)
    scorer, more = shipped(files, made)
    problems += more
    if as_json:
        click.echo(json.dumps({"decision": made.get("decision"), "sentence": made.get("sentence"),
                               "problems": [vars(one) | {"code": int(one.code)} for one in problems]}))  # fmt: skip
        raise SystemExit(int(problems[0].code) if problems else 0)
    if problems:
        raise RegrowError.of((one.problem for one in problems), problems[0].code)
    click.echo(made["sentence"])
    click.echo(f"it holds: {len(made['judged'])} things that it cites are as they were judged")
    if scorer:
        click.echo(scorer)
    if revision is None and (warning := _looked()):
        click.echo(f"but {warning}")
    if approved and made["decision"] != "approved":
        raise RegrowError(f"the decision is {made['decision']}", where="decision.json", code=Exit.FAILURE)


def _looked() -> str:
    from regrow.plugin.project import open_project
    from regrow_evaluation.looks import counted

    try:
        return counted(open_project()).warning
    except RegrowError:  # a project without history, or a stranger's predictions
        return ""


@click.command("looks")
@click.option("--write", is_flag=True, help="Set evaluation.intervals.looks in conf/, so that intervals allow for it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def looks(write: bool, as_json: bool) -> None:
    """Count the experiments that were scored on the rows which are held out now, in every commit that a branch, a tag
    or an experiment of DVC's reaches. Who chooses among many needs wider intervals."""
    from regrow.plugin.project import open_project
    from regrow_evaluation import settings_file
    from regrow_evaluation.looks import counted

    project = open_project()
    found = counted(project)
    if as_json:
        click.echo(json.dumps(vars(found)))
    else:
        click.echo(found.sentence)
    if write and found.count > found.allowed:
        file = settings_file.write(project, "intervals.looks", str(found.count))
        click.echo(f"{file}: intervals.looks: {found.count}; next: regrow run", err=as_json)
    elif found.warning and not as_json:
        click.echo("regrow looks --write lets the intervals allow for all of them")


def _floor(_context: click.Context, _option: click.Parameter, said: str) -> "Floor":
    if said == "auto":
        return "auto"
    try:
        floor = float(said)
    except ValueError:
        raise click.BadParameter(f"{said!r} is neither a number nor auto") from None
    if not 0 <= floor < math.inf:
        raise click.BadParameter(f"{said} is below 0, or no number")
    return floor


@click.command("compare")
@click.argument("old")
@click.argument("new", default="HEAD")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page, too.")
@click.option("--noise", callback=_floor, default="auto",
              help="The least difference of the first metric that counts; auto: what searches found.")  # fmt: skip
def compare(old: str, new: str, as_json: bool, html: Path | None, noise: "Floor") -> None:
    """Compare the commits OLD and NEW (HEAD by default): metrics on the same rows with intervals, settings, data, code,
    packages."""
    from regrow.plugin.project import open_project
    from regrow_evaluation import comparison

    made = comparison.compare(open_project(), old, new, noise)
    if html is not None:
        html.write_text(comparison.page(made), encoding="utf-8")
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False, indent=1))
        return
    for line in comparison.lines(made):
        click.echo(line)


@click.command("champion")
@click.argument("revision")
def champion(revision: str) -> None:
    """Take the predictions of REVISION as those that new models are held against: data/champion.parquet, which DVC
    keeps; the source `champion` in pyproject.toml; and evaluation.champion in conf/, commit and hash. Commit them."""
    from regrow.plugin.project import open_project
    from regrow_evaluation.champion_file import pin

    for line in pin(open_project(), revision):
        click.echo(line)
