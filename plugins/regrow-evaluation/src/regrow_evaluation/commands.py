"""The commands of this plugin."""

import datetime
import json
from pathlib import Path

import click

from regrow import RegrowError
from regrow.base.errors import Exit


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
    from regrow_evaluation.decision_check import Files, checked

    files = Files.of(open_project(), revision)
    today = datetime.datetime.now(datetime.UTC).date()  # regrow: harmless clock
    made, problems = checked(files, files.day or today)
    if as_json:
        click.echo(json.dumps({"decision": made.get("decision"), "sentence": made.get("sentence"),
                               "problems": [vars(one) | {"code": int(one.code)} for one in problems]}))  # fmt: skip
        raise SystemExit(int(problems[0].code) if problems else 0)
    if problems:
        raise RegrowError.of((one.problem for one in problems), problems[0].code)
    click.echo(made["sentence"])
    click.echo(f"it holds: {len(made['judged'])} things that it cites are as they were judged")
    if approved and made["decision"] != "approved":
        raise RegrowError(f"the decision is {made['decision']}", where="decision.json", code=Exit.FAILURE)


@click.command("compare")
@click.argument("old")
@click.argument("new", default="HEAD")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page, too.")
@click.option("--noise", type=float, default=0.0, help="The smallest difference of the first metric that counts.")
def compare(old: str, new: str, as_json: bool, html: Path | None, noise: float) -> None:
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
    """Take the predictions of REVISION as those that new models are held against: champion/predictions.parquet, which
    DVC keeps, pinned by its hash; and the source `champion` in pyproject.toml. Commit them."""
    from regrow.plugin.project import open_project
    from regrow_evaluation.champion_file import pin

    for line in pin(open_project(), revision):
        click.echo(line)
