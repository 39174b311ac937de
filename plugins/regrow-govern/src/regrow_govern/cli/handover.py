"""`regrow handover`."""

import datetime
from pathlib import Path

import click


@click.command("handover")
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), default=Path("handover.html"),
              show_default=True, help="Where it goes: .html or .md; the other one is written beside it.")  # fmt: skip
def handover(out: Path) -> None:
    """Write one page for whoever takes over: what it does, who knows what, how to run, replay, roll back and retrain,
    runbooks, open risks. As HTML and as Markdown."""
    from regrow.base.atomic import write_text
    from regrow.plugin.project import open_project
    from regrow_govern.handover.page import page

    made = page(open_project(), datetime.datetime.now(datetime.UTC).date())  # regrow: harmless clock
    for file, text in ((out.with_suffix(".html"), made.html), (out.with_suffix(".md"), made.markdown)):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_text(file, text)
        click.echo(str(file))
