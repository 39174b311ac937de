"""`regrow explain [STAGE]`."""

import json

import click

from regrow.plugin.project import open_project


@click.command("explain")
@click.argument("stage", required=False)
@click.option(
    "--io", "of_io", is_flag=True, help="Say what STAGE, or every stage, touched undeclared when it last ran."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(stage: str | None, of_io: bool, as_json: bool) -> None:
    """Say why STAGE, or every stage, would run again, with before and after. Runs nothing."""
    if of_io:
        _io(stage, as_json)
        return
    from regrow.compile import explain

    reasons = explain.explain(open_project(), stage)
    if as_json:
        click.echo(json.dumps(explain.as_json(reasons), indent=2, ensure_ascii=False))
        return
    for name, changes in reasons.items():
        click.secho(f"{name}: {'would run again' if changes else 'up to date'}", bold=bool(changes))
        for change in changes:
            click.echo(f"  {change}")


def _io(stage: str | None, as_json: bool) -> None:
    from regrow.stage.io import report

    told = report.explain_io(open_project(), stage)
    if as_json:
        click.echo(json.dumps(report.as_json(told), indent=2, ensure_ascii=False))
        return
    for line in report.lines(told):
        click.echo(line)
