"""`regrow replay REV`."""

import os
import sys
import time
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from regrow.base import safe_text
from regrow.base.errors import Exit, RegrowError
from regrow.cli import say
from regrow.plugin.project import open_project

if TYPE_CHECKING:
    from regrow_history.replay.replay import Replay

OTHERS = "regrow.replays"  # entry points of packages that replay something else: the option's name -> a function of its
# value, which returns an exit code
PATIENCE = 2.0  # seconds without a word


def _others(command: Callable[..., Any]) -> Callable[..., Any]:
    """One option for each thing that another package replays."""
    for entry in sorted(entry_points(group=OTHERS), key=lambda one: one.name, reverse=True):
        about = f"Not a commit: what {entry.dist.name if entry.dist else entry.value} replays."
        add = click.option(f"--{entry.name}", metavar="WHICH", expose_value=False, help=about, is_eager=True,
                           callback=_replay_other(entry))  # fmt: skip
        command = add(command)
    return command


def _replay_other(entry: EntryPoint) -> Callable[..., None]:
    def replay(context: click.Context, option: click.Parameter, value: str | None) -> None:
        if value is not None:
            sys.exit(int(entry.load()(value)))

    return replay


@click.command("replay")
@_others
@click.argument("revision", required=False, metavar="REV")
@click.option("--env", type=click.Choice(["locked", "current"]), default="locked", show_default=True,
              help="Rebuild the commit's environment from its lock, or take this one.")  # fmt: skip
@click.option("--branch", metavar="NAME", help="If it is identical, leave a branch there to go on from.")
@click.option("-S", "--set-param", "overrides", multiple=True, metavar="OVERRIDE",
              help="Replay a variation, kept as a DVC experiment; as for dvc exp run.")  # fmt: skip
@click.option("--name", help="With -S: the experiment's name.")
@click.option("--all", "history", metavar="RANGE", help="Replay every commit of a range, such as main~20..main.")
@click.option("--jobs", "-j", type=click.IntRange(min=1), help="With --all: commits at once, by default one a core.")
@click.option("--here", "as_it_is", is_flag=True, help="The tree as it is, edits too, with the packages that are here.")
@click.option("--keep", is_flag=True, help="Leave the folder it ran in, and say where.")
@click.option("--report", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER",
              help="Also write replay.json, replay.md, badge.svg and badge.json there: for CI.")  # fmt: skip
@click.option("--json", "as_text", is_flag=True, help="Print JSON.")
def command(
    revision: str | None,
    env: str,
    branch: str | None,
    overrides: tuple[str, ...],
    name: str | None,
    history: str | None,
    jobs: int | None,
    as_it_is: bool,
    keep: bool,
    report: Path | None,
    as_text: bool,
) -> None:
    """Run the commit REV again in a clean place, and compare every output with what it recorded.

    The tree here, its index, dvc.lock, cache and refs stay as they are. Replaying a commit runs its code.
    """
    root = open_project().root
    if sum(map(bool, (revision, history, as_it_is))) != 1:
        raise RegrowError("say which commit, or --all RANGE, or --here", fix="such as: regrow replay HEAD~3")
    if history and (branch or overrides or keep or report):
        raise RegrowError("--all replays commits as they are: it goes with --env, --jobs and --json alone")
    if jobs and not history:
        raise RegrowError("--jobs is how many commits run at once: it goes with --all")
    if as_it_is and (branch or overrides or keep or report):
        raise RegrowError("--here is no commit yet: it goes with --json alone")
    if overrides and (branch or keep or report or as_text):
        raise RegrowError("-S keeps a variation as an experiment: it goes with --name and --env alone")
    if name and not overrides:
        raise RegrowError("--name is an experiment's, and goes with -S")
    progress = ReplayProgress()
    if history:
        code = _all(root, history, env, jobs or os.cpu_count() or 1, progress, as_text)
    elif overrides:
        code = _variation(root, str(revision), overrides, name or "", env, progress)
    elif as_it_is:
        code = _here(root, progress, as_text)
    else:
        code = _one(root, str(revision), env, branch or "", keep, progress, as_text, report)
    sys.exit(int(code))


class ReplayProgress:
    """Says on stderr what is going on, with the seconds since the start, once two of them are over."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._held: list[str] = []

    def __call__(self, line: str) -> None:
        """Say a line now, or with the next."""
        passed = time.monotonic() - self._began
        self._held.append(f"{passed:6.1f} s  {line}")
        if passed > PATIENCE:
            for held in self._held:
                say(held)
            self._held.clear()


def _one(
    root: Path,
    revision: str,
    env: str,
    branch: str,
    keep: bool,
    progress: ReplayProgress,
    as_text: bool,
    report: Path | None,
) -> Exit:
    from regrow_history.replay import branch as going_on
    from regrow_history.replay import replay, summary

    then = going_on.at_branch(root, branch) if branch else None
    if report:
        report.mkdir(parents=True, exist_ok=True)  # rather now than after an hour
    try:
        result = replay.replay(root, revision, env=env, keep=keep, say=progress, then=then)
    except RegrowError as error:
        if report:
            summary.write(report, summary.not_replayed(revision, error))
        raise
    if report:
        summary.write(report, result)
    return _shown(result, as_text)


def _shown(result: "Replay", as_text: bool) -> Exit:
    from regrow_history.replay import replay

    if as_text:
        click.echo(safe_text.dumps(replay.as_json(result)))
    else:
        show(result)
    return result.code


def _variation(
    root: Path, revision: str, overrides: tuple[str, ...], name: str, env: str, progress: ReplayProgress
) -> Exit:
    from regrow_history.replay import variation

    for line in variation.replay(root, revision, overrides, name, env=env, say=progress):
        click.echo(line)
    return Exit.OK


def _here(root: Path, progress: ReplayProgress, as_text: bool) -> Exit:
    from regrow_history.replay.here import replay_here

    return _shown(replay_here(root, progress), as_text)


def _all(root: Path, text: str, env: str, jobs: int, progress: ReplayProgress, as_text: bool) -> Exit:
    from regrow_history.replay import history

    rows = history.replay_all(root, text, env=env, jobs=jobs, say=progress)
    if as_text:
        click.echo(safe_text.dumps(history.as_json(rows)))
    else:
        from rich.table import Table

        table = Table("commit", "outputs", "identical", "result", "subject", box=None, header_style="bold")
        for row in rows:
            table.add_row(
                row.commit[:10], str(row.outputs), str(row.identical), row.told, safe_text.clean(row.subject, 60)
            )
        safe_text.console().print(table)
    return history.code(rows)


def show(result: "Replay") -> None:
    """Print what came of a replay."""
    from rich.table import Table

    table = Table("stage", "output", "recorded", "replayed", "identical", box=None, header_style="bold")
    for row in result.rows:
        same = "yes" if row.identical else "equivalent" if row.equivalent else "NO"
        table.add_row(row.stage, row.path, row.recorded[:12], row.replayed[:12] or "-", same)
    safe_text.console().print(table)
    for row in result.rows:
        if not row.identical:
            click.echo(f"{row.path}: {safe_text.clean(row.difference, 400)}")
            click.echo(
                f"    likely cause: {safe_text.clean(row.cause, 400)}" if row.cause else "    no cause was found"
            )
    for problem in result.problems:
        click.echo(f"regrow: {problem}", err=True)
    for problem in result.unproven:
        click.echo(f"regrow: not proven: {problem}", err=True)
    for note in result.notes:
        say(f"regrow: {note}")
    identical, total = sum(row.identical for row in result.rows), result.total
    seconds = f"{sum(result.seconds.values()):.1f} s"
    claim = ", identical here, not proven elsewhere" if result.code is Exit.NOT_PROVEN else ""
    click.echo(f"{result.commit[:10]}: {identical} of {total} outputs identical in {seconds}{claim}")
    click.echo(f"environment: {result.environment}")
    if result.place:
        click.echo(f"it ran in {result.place}")
