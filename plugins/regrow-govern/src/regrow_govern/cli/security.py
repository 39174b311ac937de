"""`regrow security`: what is asked of commits, of files and of today's databases; the stage asks the model."""

import json

import click


@click.group("security")
def security() -> None:
    """What is in a commit that should not be. What can be done to the model is looked at by the stage `security`."""


@security.command("diff")
@click.argument("old")
@click.argument("new", default="HEAD")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(old: str, new: str, as_json: bool) -> None:
    """Training data of two commits: rows added, removed and relabelled, and who changed them."""
    from regrow.plugin.project import open_project
    from regrow_govern.security import training_data

    made = training_data.compare(open_project(), old, new)
    _print(made, training_data.lines(made), as_json)


@security.command("scan")
@click.argument("revision", default="HEAD")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def scan(revision: str, as_json: bool) -> None:
    """Look for pickles in every file of a commit and of its data that lie here. Ends in 5 if there is one."""
    from regrow.base.errors import Exit
    from regrow.base.safe_text import clean
    from regrow.plugin.project import open_project
    from regrow_govern.security import pickles

    made = pickles.scan(open_project(), revision)
    told = [f"{clean(one.path)}: {_pickle(one)}" for one in made.found]
    count = f"{len(made.found)} pickles" if made.found else "no pickle"
    told.append(f"{count} in {made.files:,} files of {made.commit[:10]}")
    if made.not_here:
        told.append(f"not looked at, as they do not lie here: {', '.join(made.not_here)}")
    told.append(f"Limit: {pickles.LIMIT}")
    plain = {"commit": made.commit, "files": made.files, "found": [vars(one) for one in made.found],
             "not_here": made.not_here, "limit": pickles.LIMIT}  # fmt: skip
    _print(plain, told, as_json)
    if made.found:
        raise SystemExit(int(Exit.UNSAFE))


def _pickle(one: object) -> str:
    imports, about = getattr(one, "imports", ()), getattr(one, "about", "")
    said = f"a pickle; loading it imports {', '.join(imports)}" if imports else "a pickle"
    return f"{said}: {about}" if about else said


@security.command("audit")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def audit(as_json: bool) -> None:
    """Ask pip-audit what is known today against the packages of requirements.lock.

    Ends in 0 if they are clean, 1 if something is known against one, 8 if they were not audited.
    """
    from regrow.plugin.project import open_project
    from regrow_govern.security import packages

    made = packages.audit(open_project())
    told = [f"{made.result}: {made.said}", *(f"  {name}: {known}" for name, known in made.known)]
    if made.not_audited:
        told.append(f"not audited, as they come from vendor/: {', '.join(made.not_audited)}")
    told.append(f"Limit: {packages.LIMIT}")
    _print({**vars(made), "limit": packages.LIMIT}, told, as_json)
    raise SystemExit(int(made.code))


@security.command("sbom")
@click.argument("old")
@click.argument("new", default="HEAD")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def sbom(old: str, new: str, as_json: bool) -> None:
    """Packages of two bundles, by their SBOMs: files, or commits."""
    import tempfile
    from pathlib import Path

    from regrow.plugin.project import open_project
    from regrow_govern.security import packages

    project = open_project()
    with tempfile.TemporaryDirectory(prefix="regrow-") as folder:
        pair = [packages.document(project, one, Path(folder) / str(n)) for n, one in enumerate((old, new))]
    made = packages.compare(*pair)
    _print(made, packages.lines(made), as_json)


def _print(made: object, lines: object, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False, indent=1))
        return
    for line in lines:  # type: ignore[attr-defined]
        click.echo(line)
