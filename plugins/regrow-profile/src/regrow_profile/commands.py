"""`regrow profile-pin`: the profile of a commit becomes what later data are held against."""

import json

import click

from regrow import RegrowError

PLACE = "data/profile_before.json"
SOURCE = f'profile_before = "{PLACE}"'


@click.command("profile-pin")
@click.argument("revision", default="HEAD", metavar="[REV]")
def pin(revision: str) -> None:
    """Write the profile that REV recorded to data/profile_before.json. Git keeps it; the stage depends on its hash."""
    from regrow.base.atomic import write_text
    from regrow.plugin.project import open_project
    from regrow_history.experiments.opened import open_here

    project = open_project()
    commit = open_here().at(revision)
    try:
        record = commit["profile"]
    except RegrowError:
        fix = "run the stage profile there first, and commit"
        raise RegrowError("recorded no profile", where=revision, fix=fix) from None
    found = {"commit": commit.recorded.commit, **record}
    write_text(project.path(PLACE), json.dumps(found, indent=1, sort_keys=True) + "\n")
    click.echo(f"{PLACE} holds the profile of {commit.recorded.commit[:10]}")
    if "profile_before" not in project.sources:
        click.echo(f"add to pyproject.toml, under [tool.regrow.sources]:  {SOURCE}")
