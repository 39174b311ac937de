"""`regrow sweep`."""

import sys
import time
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from regrow.base.errors import Exit, RegrowError
from regrow.base.safe_text import block, clean
from regrow.cli import say
from regrow.plugin.project import open_project
from regrow.warm import server_for_project

if TYPE_CHECKING:
    from regrow.plugin.project import Project
    from regrow.record.commit_record import StageRecord
    from regrow_history.sweep.prepared import Experiment
    from regrow_history.sweep.sweep import Outcome, Swept

PATIENCE = 2.0  # seconds without a word


@click.command("sweep")
@click.argument("overrides", nargs=-1, metavar="[OVERRIDE]...")
@click.option("--from", "file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="A YAML list of experiments, in place of a grid.")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Stages at once.")
@click.option("--on", metavar="SCHEME://ADDRESS", help="Experiments run there: dask://HOST:PORT with regrow-dask.")
@click.option("--name", help="The experiments are NAME-1, NAME-2, ...; by default from what is asked for.")
@click.option("--resume", is_flag=True, help="Go on with a sweep that was ended early; those that failed run again.")
@click.option("--sort-by", metavar="COLUMN", help="Of the table at the end; by default the first metric that settings "
              "name.")  # fmt: skip
@click.option("--sort-order", type=click.Choice(["asc", "desc"]), help="By default the best come first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
def command(
    overrides: tuple[str, ...],
    file: Path | None,
    workers: int,
    on: str | None,
    name: str | None,
    resume: bool,
    sort_by: str | None,
    sort_order: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Run many experiments from the commit that is checked out; each becomes a DVC experiment.

    OVERRIDE is Hydra's, with its sweeps: 'model=linear,forest' 'seed=range(0,20)' gives forty experiments. Stages that
    experiments share run once. What is edited meanwhile is no part of it.
    """
    project = open_project()
    server = nullcontext() if on else server_for_project.served(project, compiles=False, jobs=workers)
    with server:  # it loads while all else is looked at
        swept = _run(project, overrides, file, workers, on or "", name or "", resume)
    _show(project, swept, sort_by, sort_order or "", as_json, as_csv)
    failed = [outcome for outcome in swept.outcomes if outcome.reason]
    for outcome in failed:
        say(f"regrow: {clean(outcome.name)}, {clean(' '.join(outcome.overrides))}: failed\n{block(outcome.reason)}")
    if failed:
        say("regrow: what failed, and why, is kept: regrow experiments --failed\n    to try again: --resume")
    sys.exit(int(Exit.FAILURE if failed else Exit.OK))


def _run(
    project: "Project", overrides: tuple[str, ...], file: Path | None, workers: int, on: str, name: str, resume: bool
) -> "Swept":
    from regrow_history.sweep import grid, sweep

    if on and click.get_current_context().get_parameter_source("workers") is not ParameterSource.DEFAULT:
        fix = "leave it out: there it is as many as there is room for"
        raise RegrowError("is for stages that run here", where="--workers", fix=fix)
    wanted = grid.experiments(overrides, file)
    progress = SweepProgress(len(wanted))
    return sweep.run(
        project,
        wanted,
        name=name,
        workers=workers,
        on=on,
        resume=resume,
        told=progress.tell,
        begins=progress.begin,
        say=progress.say,
    )


class SweepProgress:
    """A line on stderr for each experiment that ends, with the time that is left if the others take as long; and for a
    stage that begins when nothing has been said for a while."""

    def __init__(self, number: int) -> None:
        self.number, self.ended, self.ran = number, 0, 0
        self.began = self.last = time.monotonic()

    def say(self, line: str) -> None:
        """Say a line now."""
        self.last = time.monotonic()
        say(line)

    def begin(self, stage: "StageRecord", experiment: "Experiment") -> None:
        """A stage is next."""
        if time.monotonic() - self.last > PATIENCE:
            self.say(clean(f"{self.ended}/{self.number} {experiment.name} next: stage {stage.name}"))

    def tell(self, outcome: "Outcome") -> None:
        """Say what became of an experiment."""
        self.ended += 1
        self.ran += not outcome.before
        what = "failed" if outcome.reason else "was there" if outcome.before else "done"
        line = f"{self.ended}/{self.number} {outcome.name} {what}: {' '.join(outcome.overrides) or 'as it is'}"
        if self.ran and self.ended < self.number:
            left = (time.monotonic() - self.began) / self.ran * (self.number - self.ended)
            line += f" ({_duration(left)} left)"
        self.say(clean(line))


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _show(project: "Project", swept: "Swept", sort_by: str | None, order: str, as_json: bool, as_csv: bool) -> None:
    """The table of all; those that failed come last."""
    from regrow_history.cli import experiments
    from regrow_history.experiments import table as leaderboard

    ours = {outcome.commit for outcome in swept.outcomes}
    table = leaderboard.read(project, swept.base, failed=True)
    table = replace(table, rows=[row for row in table.rows if row.commit in ours])
    by = sort_by or table.leading()
    table = leaderboard.select(table, [], by, order, 0)
    if not order:
        experiments.warn_of_no_direction(table, by)
    experiments.show(table, None, by, as_json=as_json, as_csv=as_csv)
