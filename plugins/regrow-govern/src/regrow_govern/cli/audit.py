"""`regrow audit`."""

import json

import click

from regrow_govern.cli import echo_table, today


@click.command("audit")
@click.argument("revision", metavar="REV", default="HEAD")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--prov", is_flag=True, help="Print W3C PROV, as JSON.")
def audit(revision: str, as_json: bool, prov: bool) -> None:
    """Show what happened to the bundle of REV, in order: trained, decided, signed, promoted, alarmed, rolled back."""
    from regrow.plugin.project import open_project
    from regrow_govern import timeline

    found = timeline.events(open_project(), revision, today())
    if as_json or prov:
        click.echo(json.dumps(timeline.prov(found) if prov else timeline.as_json(found), ensure_ascii=False, indent=1))
        return
    echo_table(timeline.table(found), "when", "what", "who", "told", wide="told")
