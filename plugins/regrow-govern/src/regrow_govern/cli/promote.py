"""`regrow promote` and `regrow rollback`."""

from pathlib import Path

import click

from regrow_govern.cli import KEY, signing_key, today, who


@click.command("promote")
@click.argument("revision", metavar="REV")
@click.option("--to", "stage", required=True, help="The stage, such as prod.")
@click.option("--version", default="", help="Such as v2.1.0; by default the next whole one.")
@click.option("--dry-run", is_flag=True, help="Only say what is not in order.")
@KEY
def promote(revision: str, stage: str, version: str, dry_run: bool, key: Path | None) -> None:
    """Tag REV as what stands at a stage, if decision, approvals, drill, replay, licences and risks are in order.

    The tags are GTO's: `gto show` lists them. Each thing that is not in order is told by name, all at once.
    """
    from regrow.base.errors import RegrowError
    from regrow.plugin.project import open_project
    from regrow_govern import promotion

    project = open_project()
    case = promotion.Case.of(project, revision, today())
    if dry_run:
        if found := [*promotion.refusals(case)]:
            raise RegrowError.of(found)
        click.echo(f"{case.commit[:10]} can be promoted")
        return
    tags = promotion.promote(case, stage, version, signing_key(project.root, key), who(project.root))
    click.echo(f"{tags[0]} stands at {stage} now: bundle {case.evidence.bundle[:12]}, commit {case.commit[:10]}")
    click.echo(f"send it to the others: git push origin '{tags[0]}' '{tags[1]}'")


@click.command("rollback")
@click.option("--in", "stage", required=True, help="The stage, such as prod.")
@click.option("--to", default="", help="A version that stood there; by default the one before.")
@click.option("--reason", default="", help="Why; the tag keeps it.")
@KEY
def rollback(stage: str, to: str, reason: str, key: Path | None) -> None:
    """Move a stage back. Servers of `regrow serve --promoted` notice, and lose no request."""
    from regrow.plugin.project import open_project
    from regrow_govern.rollback import roll_back

    project = open_project()
    target, tag = roll_back(project, stage, to, reason, signing_key(project.root, key), who(project.root))
    click.echo(f"{target.version} stands at {stage} again: bundle {target.bundle[:12]}, commit {target.commit[:10]}")
    click.echo(f"send it to the others: git push origin '{tag}'")
