"""`regrow sign` and `regrow approvals`."""

import datetime
import json
from pathlib import Path

import click

from regrow.base.errors import Exit, RegrowError
from regrow_govern.cli import KEY, echo_table, now, signing_key, today
from regrow_govern.roles import ROLE_NAMES


@click.command("sign")
@click.argument("revision", metavar="REV")
@click.option("--as", "role", required=True, type=click.Choice(ROLE_NAMES), help="In which role.")
@click.option("--decision", required=True, type=click.Choice(["approve", "reject"]))
@click.option("--note", default="", help="What was looked at, or why not.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The last day on which it holds.")
@KEY
def sign(
    revision: str, role: str, decision: str, note: str, expires: datetime.datetime | None, key: Path | None
) -> None:
    """Sign a statement over the bundle and the decision of REV, and keep it in the notes of Git."""
    from regrow.plugin.project import open_project
    from regrow_govern import approvals as library

    project = open_project()
    found = signing_key(project.root, key)
    if found is None:
        fix = "--key ~/.ssh/id_ed25519, or: git config gpg.format ssh && git config user.signingkey ~/.ssh/id_ed25519"
        raise RegrowError("no key was named", where="sign", fix=fix)
    until = expires.date() if expires else None
    made = library.sign(project, revision, role, decision, note, found, now(), until)
    click.echo(f"{made.name} ({made.email}) has signed as {role}: {decision}, until {made.expires}")
    for one in made.statement["subject"]:
        click.echo(f"  {one['name']}  sha256 {one['digest']['sha256']}")
    click.echo("send it to the others: git push origin refs/notes/regrow-approvals")


@click.command("approvals")
@click.argument("revision", metavar="REV", default="HEAD")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def approvals(revision: str, as_json: bool) -> None:
    """Show each approval of REV, whether it counts, and which roles still have to sign. Ends in 1 if one has to."""
    from regrow.plugin.project import open_project
    from regrow_govern import approvals as library
    from regrow_govern.promotion import Case

    case = Case.of(open_project(), revision, today())
    found = case.approvals()
    missing = [*library.missing(found, case.roles, case.register.tier)]
    if as_json:
        told = [{key: value for key, value in vars(one).items() if key != "statement"} for one in found]
        click.echo(
            json.dumps({"tier": case.register.tier, "approvals": told, "missing": [vars(one) for one in missing]})
        )
        raise SystemExit(int(Exit.FAILURE if missing else Exit.OK))
    rows = [[one.role, one.name, one.decision, one.signed[:10], one.expires, one.wrong or "counts"] for one in found]
    echo_table(rows, "role", "who", "decision", "signed", "until", "state", wide="state")
    if missing:
        raise RegrowError.of(missing)
    click.echo(f"approved, as tier {case.register.tier} asks")
