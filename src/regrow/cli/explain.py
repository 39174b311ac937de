"""`regrow explain [STAGE]`."""

import json

import click

from regrow.project import open_project


@click.command("explain")
@click.argument("stage", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(stage: str | None, as_json: bool) -> None:
    """Say why STAGE, or every stage, would run again, with before and after. Runs nothing."""
    from regrow import explain

    reasons = explain.explain(open_project(), stage)
    if as_json:
        click.echo(json.dumps(explain.as_json(reasons), indent=2, ensure_ascii=False))
        return
    for name, changes in reasons.items():
        click.secho(f"{name}: {'would run again' if changes else 'up to date'}", bold=bool(changes))
        for change in changes:
            click.echo(f"  {change}")
