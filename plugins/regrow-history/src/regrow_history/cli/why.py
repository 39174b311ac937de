"""`regrow why OLD NEW`."""

import click

from regrow.base import safe_text
from regrow.plugin.project import open_project
from regrow_history.cli.replay import ReplayProgress


@click.command("why")
@click.argument("old")
@click.argument("new", default="HEAD", metavar="[NEW]")
@click.option("--metric", "metrics", multiple=True, metavar="NAME", help="Which, by default the one that ranks.")
@click.option("--order", metavar="FACTORS", help="One order of change, such as data,settings,code,environment; by "
              "default the mean over all.")  # fmt: skip
@click.option("--env", type=click.Choice(["locked", "current"]), default="locked", show_default=True,
              help="Build each commit's environment from its lock, or run all in this one.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every combination.")
def command(old: str, new: str, metrics: tuple[str, ...], order: str | None, env: str, as_json: bool) -> None:
    """Say what data, settings, code and environment each contribute to the change of a metric from OLD to NEW.

    Every mixture of the two commits is run in a clean place; what it shares with one of them comes from that record.
    Contributions sum to the change. Running a commit runs its code; the tree here stays as it is.
    """
    from regrow_history.why import told
    from regrow_history.why.why import why

    wanted = [name.strip() for name in order.split(",")] if order else []
    found = why(open_project().root, old, new, metrics, env=env, order=wanted, say=ReplayProgress())
    columns = [found.column(name) for name in metrics or (found.leading,)]
    if as_json:
        click.echo(safe_text.dumps(told.as_json(found, columns, wanted)))
        return
    for column in columns:
        for line in told.lines(found, column, wanted):
            click.echo(line)
