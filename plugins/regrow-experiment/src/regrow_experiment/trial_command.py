"""`regrow trial N`: a trial of the last search as a DVC experiment of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from regrow import RegrowError
from regrow.base.errors import Exit
from regrow.base.yaml_files import read_settings
from regrow.plugin.project import Project, open_project

if TYPE_CHECKING:
    import pandas as pd

LEDGER = "ledgers/trials.parquet"
TIMES = ".dvc/tmp/regrow/scratch/train/times.json"
#: Of the settings of a search, those that decide what a trial's scores are.
KEPT = ("folds", "splitter", "metric", "metrics", "positive", "trial")


@click.command("trial")
@click.argument("number", type=click.IntRange(min=0), required=False, metavar="[N]")
@click.option("--name", help="The experiment's; by default trial-N.")
@click.option("--branch", metavar="BRANCH", help="Make this branch of it, too.")
@click.option("--dry-run", is_flag=True, help="Say which settings would be changed, and run nothing.")
def command(number: int | None, name: str | None, branch: str | None, dry_run: bool) -> None:
    """Train as trial N of the last search did: a DVC experiment with its settings and its scores, bit for bit.

    N is its number in the ledger, ledgers/trials.parquet. Without it, all trials are listed: what they scored, and what
    they took; a star is on the front of Pareto, where no other is as good, as cheap to fit, to ask and to keep.
    """
    project = open_project()
    ledger = _ledger(project)
    if number is None:
        click.echo(_listed(ledger, _times(project)))
        return
    row = _row(ledger, number)
    told = overrides(project, row)
    if dry_run:
        click.echo("\n".join(told) or "nothing: these are the settings as they stand")
        return
    name = name or f"trial-{number}"
    _dvc(project, "exp", "run", "--name", name, *(part for one in told for part in ("-S", one)))
    if branch:
        _dvc(project, "exp", "branch", name, branch)
    _compare(row, _ledger(project), name)


def overrides(project: Project, row: dict[str, Any]) -> list[str]:
    """What is changed of conf/ for a trial. Raises RegrowError for one that settings can't say."""
    from regrow.settings.compose import compose
    from regrow.settings.overrides import as_overrides

    if row["repeat"]:
        fix = "a trial of its own is, for example, number 0"
        wrong = "is the settings as they stand, with another seed for folds and model"
        raise RegrowError(wrong, where=_name(row), fix=fix)
    settings = read_settings(project.path("params.yaml"), "params.yaml")
    search = settings.get("search", {})
    kept = {key: search[key] for key in KEPT if search.get(key) is not None}
    wanted = _changed(settings, json.loads(row["params"]))
    share = {"share": row["share"]} if row["share"] < 1 and "model." not in row["resource"] else {}
    wanted["search"] = {"use": "fixed", **kept, "noise": 1, **share}
    return as_overrides(compose(project), wanted)


def _changed(settings: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Settings with a trial's changes; what is changed to null as a whole is left out."""
    made: dict[str, Any] = json.loads(json.dumps(settings))
    for key, value in changes.items():
        *above, last = key.split(".")
        node = made
        for part in above:
            node = node.setdefault(part, {})
        if value is None and key.startswith("features.steps.") and len(above) == 2:
            node.pop(last, None)
        else:
            node[last] = value
    return made


def _ledger(project: Project) -> "pd.DataFrame":
    from regrow.artifacts import ledger

    path = project.path(LEDGER)
    if not path.exists():
        raise RegrowError("there is no ledger", where=LEDGER, fix="search first: dvc exp run -S search=random")
    return ledger.read(path)


def _row(ledger: "pd.DataFrame", number: int) -> dict[str, Any]:
    rows = ledger[ledger["trial"] == number]
    if not len(rows):
        fix = f"there are 0 to {len(ledger) - 1}" if len(ledger) else "the last run searched nothing"
        raise RegrowError(f"there is no trial {number}", where=LEDGER, fix=fix)
    row: dict[str, Any] = rows.iloc[0].to_dict()
    params = json.loads(row["params"])
    row["resource"] = " ".join(params)
    return row


def _name(row: dict[str, Any]) -> str:
    return f"trial {row['trial']}"


def _compare(row: dict[str, Any], now: "pd.DataFrame", name: str) -> None:
    """Says whether the scores are the same. Raises RegrowError (exit code MISMATCH) if not."""
    again = now[(now["search"] == row["search"]) & (now["number"] == 0)]
    values = json.loads(row["values"])
    made = json.loads(again.iloc[0]["values"]) if len(again) else {}
    if made != values:
        wrong = f"experiment {name} scores {made.get('score')}, and the ledger says {values.get('score')}"
        raise RegrowError(wrong, where=_name(row), fix="was the code or the data changed since?", code=Exit.MISMATCH)
    click.echo(f"{_name(row)} is experiment {name}: score {values.get('score')}, identical on every fold")


def _times(project: Project) -> dict[int, dict[str, Any]]:
    """Trial -> what it took, where this machine ran the search."""
    file = project.path(TIMES)
    told = json.loads(file.read_text(encoding="utf-8")) if Path(file).exists() else {}
    return dict(enumerate(one for search in told.values() for one in search))


def _listed(ledger: "pd.DataFrame", times: dict[int, dict[str, Any]]) -> str:
    lines = [f"{'trial':>5} {'score':>10} {'fit s':>8} {'ms/1000':>8} {'MB':>7}    settings"]
    for row in ledger.to_dict("records"):
        took = times.get(row["trial"], {})
        cost = [took.get(key) for key in ("fit_seconds", "predict_seconds", "size")]
        shown = [f"{one * by:.3g}" if one is not None else "" for one, by in zip(cost, (1, 1000, 1e-6), strict=True)]
        what = row["params"] if row["state"] == "complete" else f"{row['params']} {row['state']}: {row['reason']}"
        what += f" (seed {row['repeat']})" if row["repeat"] else ""
        what += f" (with {row['share']:.2g} of all)" if row["share"] < 1 else ""
        star = "*" if took.get("best") else " "
        lines.append(
            f"{row['trial']:>5} {row['score']:>10.6g} {shown[0]:>8} {shown[1]:>8} {shown[2]:>7} {star}  {what}"
        )
    return "\n".join(lines)


def _dvc(project: Project, *arguments: str) -> None:
    """A command of DVC's. Raises RegrowError where it fails; what it said has been shown."""
    done = subprocess.run([sys.executable, "-m", "dvc", *arguments], cwd=project.root, check=False)
    if done.returncode:
        raise RegrowError(f"dvc {' '.join(arguments[:2])} failed", where="DVC", fix="see what it said above")
