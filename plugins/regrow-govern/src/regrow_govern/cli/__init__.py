"""One module a command; each calls one function of the library."""

import datetime
from collections.abc import Sequence
from pathlib import Path

import click

KEY = click.option(
    "--key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="An SSH key, or its public half where an agent has the other. Default: Git's user.signingkey.",
)


def now() -> datetime.datetime:
    """By this machine's clock."""
    return datetime.datetime.now(datetime.UTC)  # regrow: harmless clock


def today() -> datetime.date:
    """By this machine's clock."""
    return now().date()


def echo_table(rows: Sequence[Sequence[str]], *columns: str, wide: str = "") -> None:
    """Print rows; the column `wide` is folded, the others are not."""
    from rich.table import Table

    from regrow.base import safe_text

    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name != wide)
    for row in rows:
        table.add_row(*(safe_text.clean(cell, 400) for cell in row))
    safe_text.console().print(table)


def signing_key(root: Path, given: Path | None) -> Path | None:
    """What --key says, else Git's user.signingkey where it is a file and Git signs by SSH."""
    from regrow_govern.git_write import configured

    if given is not None or configured(root, "gpg.format") != "ssh":
        return given
    file = Path(configured(root, "user.signingkey")).expanduser()
    return file if file.is_file() else None


def who(root: Path) -> str:
    """Who does it, as Git's settings say."""
    from regrow.tools import git

    told = (git.output(root, "var", "GIT_COMMITTER_IDENT") or b"").decode("utf-8", "replace")
    return told.rpartition(">")[0] + ">" if ">" in told else "unknown"
