"""`regrow readiness`."""

import datetime
import json

import click


@click.command("readiness")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--at-least", type=click.FloatRange(0, 7), help="Fail, too, if the score is less.")
def readiness(as_json: bool, at_least: float | None) -> None:
    """The 28 tests of the ML Test Score for HEAD: automatic, by hand, or no; each with its evidence and its age.

    The score is the least of four sections of seven tests: 1 for what evidence shows that a run made or that was tried
    now, a half for what a note in governance/readiness/ says was done by hand.
    """
    from regrow import RegrowError
    from regrow.plugin.project import open_project
    from regrow_govern.readiness import score

    today = datetime.datetime.now(datetime.UTC).date()  # regrow: harmless clock
    made = score.assess(open_project(), today)
    if as_json:
        click.echo(json.dumps(made.as_json(), ensure_ascii=False, indent=1))
    else:
        for line in score.lines(made):
            click.echo(line)
    if at_least is not None and made.score < at_least:
        raise RegrowError(f"the score is {made.score:g}, and {at_least:g} is asked for", where="readiness")
