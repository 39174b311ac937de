"""The commands of this plugin: `regrow canary` and `regrow ablate`."""

import json
import logging
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from regrow import RegrowError
from regrow.base.errors import Exit

if TYPE_CHECKING:
    from regrow_experiment.ablation import Worth
    from regrow_experiment.in_memory import InMemory

TITLES = ("step", "gain", "low", "high", "verdict")


@click.command("canary")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def canary(as_json: bool) -> None:
    """Shuffle the target and add a random feature: what predicts it now, leaks. Exit code 2 if something does.

    Features and training run as the project has them, in memory, five times on at most 4,000 rows; the step without
    which nothing leaks any more is named.
    """
    from regrow_experiment.canary import culprits, sing
    from regrow_experiment.in_memory import InMemory

    logging.getLogger("regrow").setLevel(logging.ERROR)  # what stages warn of was told when they ran
    project = InMemory()
    data, seed = project.settings["data"], int(project.settings["seed"])
    target = data["target"].get("name") or data["target"]["column"]
    table = project.table()

    def sung(settings: Any) -> Any:
        return sing(table, target, seed, project.predictions, settings)

    found = sung({**project.settings, "search": {"use": "none"}})
    steps = {key: {**settings, "search": {"use": "none"}} for key, settings in project.steps()} if found.leaks else {}
    named = culprits(steps, sung)
    if as_json:
        told = {"mean": found.mean, "scores": found.scores, "chance": found.chance, "noise": found.noise}
        click.echo(json.dumps({**told, "leaks": found.leaks, "steps": named}))
    else:
        beats = "beats" if found.leaks else "does not beat"
        click.echo(
            f"canary: on a shuffled target the score {beats} chance: {found.mean:.3f}, where a guess has "
            f"{found.chance:g} and noise reaches {found.chance + found.noise:.3f}"
        )
    if found.leaks:
        where = ", ".join(named) or "no single step; see lookups, the model, and what they read"
        click.echo(f"it leaks in: {where}", err=as_json)
        sys.exit(int(Exit.MISMATCH))


@click.command("ablate")
@click.option("--seeds", type=click.IntRange(min=2), default=5, show_default=True, help="Each is run under so many.")
@click.option("--metric", help="By default the first that settings name.")
@click.option("--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Stages at once.")
@click.option("--name", default="ablate", show_default=True, help="The experiments are NAME-1, NAME-2, ...")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def ablate(seeds: int, metric: str | None, workers: int, name: str, as_json: bool) -> None:
    """Run the project without each of its steps, as DVC experiments, and print what each is worth against the noise.

    Each is run under several seeds, as is the project as it stands; gains are paired by seed.
    """
    from regrow_experiment import ablation, suited
    from regrow_experiment.in_memory import InMemory

    project = InMemory()
    features = project.settings.get("features") or {}
    auto = features.get("steps") == suited.AUTO
    steps = project.suiting() if auto else features.get("steps") or {}
    removals = ablation.overrides(steps, features.get("derive") or {}, auto)
    if not removals:
        raise RegrowError("there is no step to leave out", where="features", fix="steps stand in conf/features/")
    metric, higher = _metric(project, metric)
    first = int(project.settings["seed"])
    wanted = ablation.experiments(removals, range(first, first + seeds))
    rows = _swept(wanted, name, workers)
    scores = [row.get(metric) for row in rows]
    reasons = [str(row.get("failed") or "") for row in rows]
    _show(ablation.worth(list(removals), scores, reasons, seeds, higher), metric, seeds, as_json)


def _metric(project: "InMemory", asked: str | None) -> tuple[str, bool]:
    metrics = (project.settings.get("evaluation") or {}).get("metrics") or {}
    name = asked or next(iter(metrics), "")
    if name not in metrics:
        raise RegrowError(
            f"{name!r} is no metric of this project", where="--metric", fix=f"there are: {', '.join(metrics)}"
        )
    component = project.pipeline.plugins.components.get(("metric", metrics[name]["use"]))
    return name, component is None or component.better != "lower"


def _swept(wanted: list[list[str]], name: str, workers: int) -> list[dict[str, Any]]:
    """A row of `regrow sweep` for each experiment, in their order; {} for one that is not in its table."""
    with tempfile.TemporaryDirectory(prefix="regrow-") as folder:
        file = Path(folder, "ablations.yaml")
        file.write_text(json.dumps(wanted), "utf-8")
        command = [sys.executable, "-m", "regrow", "sweep", "--from", str(file), "--name", name, "--json"]
        done = subprocess.run([*command, "--workers", str(workers)], check=False, stdout=subprocess.PIPE, text=True)
    try:
        rows = json.loads(done.stdout)
    except ValueError:
        raise RegrowError("the experiments did not run; see above", where="regrow sweep") from None
    found = {row["experiment"]: {**row["values"], "failed": row.get("failed", "")} for row in rows}
    return [found.get(f"{name}-{number}", {}) for number in range(1, len(wanted) + 1)]


def _show(found: list["Worth"], metric: str, seeds: int, as_json: bool) -> None:
    rows = [
        {"step": one.step, "gain": one.gain.mean, "low": one.gain.low, "high": one.gain.high, "verdict": one.verdict}
        if one.gain
        else {"step": one.step, "verdict": one.verdict, "failed": one.failed}
        for one in found
    ]
    if as_json:
        click.echo(json.dumps({"metric": metric, "seeds": seeds, "steps": rows}))
        return
    click.echo(f"What each step brings of {metric}, over {seeds} seeds, with its 95% interval:")
    cells = [
        TITLES,
        *(
            (row["step"], *(f"{row[key]:+.4f}" if key in row else "" for key in TITLES[1:4]), row["verdict"])
            for row in rows
        ),
    ]
    widths = [max(len(str(row[place])) for row in cells) for place in range(len(TITLES))]
    for row in cells:
        click.echo("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
