"""`regrow registry`."""

import json
import tempfile
from pathlib import Path

import click

from regrow.base.errors import Exit, RegrowError
from regrow_govern.cli import echo_table


@click.group("registry", invoke_without_command=True)
@click.option("--history", is_flag=True, help="Every move, not only where things stand.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def registry(context: click.Context, history: bool, as_json: bool) -> None:
    """Show what is where, since when, by whom, on which evidence."""
    if context.invoked_subcommand:
        return
    from regrow.plugin.project import open_project
    from regrow_govern.registry import rows

    found = rows(open_project(), history)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    if not found:
        click.echo("nothing is promoted yet: regrow promote REV --to prod; or fetch the tags: git fetch --tags")
        return
    told = [[one["stage"], one["version"] + ("" if one["now"] else " (was)"), one["since"][:16].replace("T", " "),
             one["by"].partition(" <")[0], one["bundle"][:12], _evidence(one)] for one in found]  # fmt: skip
    echo_table(told, "stage", "version", "since", "by", "bundle", "evidence", wide="evidence")


def _evidence(one: dict[str, object]) -> str:
    said = one["evidence"]
    assert isinstance(said, dict)
    signed = ", ".join(f"{each['role']} {each['name']}" for each in said.get("approvals", ()))
    parts = [f"signed by {signed}" if signed else "", f"drill {said['drill']}" if said.get("drill") else ""]
    parts += [f"replay of {said['replay'][:10]}" if said.get("replay") else ""]
    parts += [f"rolled back: {said.get('reason') or 'no reason given'}" if one["action"] == "rollback" else ""]
    return "; ".join(filter(None, [str(one["distrust"]), *parts]))


@registry.command("check")
@click.argument("what", metavar="URL|IMAGE|FILE")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(what: str, as_json: bool) -> None:
    """Say whether what runs at a URL, lies in an OCI image's folder, or is a bundle file, was promoted. If not: 2."""
    from regrow.plugin.project import open_project
    from regrow_govern import deployed, registry

    project = open_project()
    if "://" in what:
        said = deployed.claimed(what)
        with tempfile.TemporaryDirectory(prefix="regrow-registry-") as folder:
            known = registry.known(project, str(said["digest"]))
            own = registry.bundle_of(project, known.digest, Path(folder)) if known.versions else None
        found = deployed.of_url(what, said, own) if known.versions else deployed.Found(known.digest)
    else:
        place = Path(what)
        if not place.exists():
            raise RegrowError("there is no such file or folder", where=what, code=Exit.DATA_MISSING)
        found = deployed.of_image(place) if place.is_dir() else deployed.of_file(place)
        known = registry.known(project, found.digest)
    code = Exit.MISMATCH if found.differs else known.code
    if as_json:
        click.echo(json.dumps({**vars(known), **vars(found), "promoted": known.promoted, "code": int(code)}))
        raise SystemExit(int(code))
    click.echo(
        f"{what}: {'unknown: it differs from the bundle whose digest it has' if found.differs else known.sentence}"
    )
    for one in found.differs:
        click.echo(f"  differs: {one}")
    if found.same and not found.differs:
        click.echo(f"  compared: {', '.join(found.same)}")
    if found.limit:
        click.echo(f"  not shown by this: {found.limit}")
    raise SystemExit(int(code))
