"""`regrow monitor --until DAY`: the day is a setting, the pipeline runs, new alarms become files, the page is made."""

import datetime
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from regrow import RegrowError, layout
from regrow.base.atomic import write_text
from regrow.plugin.project import Project
from regrow_monitor import alarm_files
from regrow_monitor.alarms import sentence
from regrow_monitor.plugin import FOLDER
from regrow_monitor.seal import ALARMS, SOURCE

GROUP = "conf/monitor/default.yaml"
LINE = re.compile(r"^until:.*$", re.MULTILINE)
PIPELINE = layout.pipeline(FOLDER)


def monitor(project: Project, until: str) -> Iterator[str]:
    """Lines to print. Raises RegrowError where the day is none, nothing is sealed, or a stage fails."""
    try:
        datetime.date.fromisoformat(until)
    except ValueError:
        raise RegrowError(f"{until!r} is no day such as 2026-11-28", where="--until") from None
    if SOURCE not in project.sources:
        raise RegrowError("no day is sealed", where="[tool.regrow.sources] prediction_log", fix="regrow seal DAY")
    _set(project, until)
    _run(project, f"{PIPELINE}:alarms")
    record = json.loads(project.path(f"{FOLDER}/alarms.json").read_text(encoding="utf-8"))
    folder = project.path(project.sources.get(ALARMS, alarm_files.FOLDER))
    new = alarm_files.write_new(folder, record["alarms"])
    if new:
        git(project, "add", "--", *(str(folder / f"{one['id']}.json") for one in new))
    _run(project, PIPELINE)
    for one in new:
        yield f"new alarm {one['id']}: {sentence(one)}"
    if not new:
        yield "no new alarm"
    yield f"page: {FOLDER}/page.html"
    yield f"next: git add --all && git commit -m 'monitored up to {until}'"


def _set(project: Project, until: str) -> None:
    """Write the day into conf/monitor/default.yaml, which begins as the plugin's."""
    file = project.path(GROUP)
    brought = files("regrow_monitor.conf").joinpath("monitor/default.yaml").read_text(encoding="utf-8")
    text = file.read_text(encoding="utf-8") if file.is_file() else brought
    if not LINE.search(text):
        raise RegrowError("has no line `until:`", where=GROUP, fix="add: until: null")
    text = LINE.sub(
        f'until: "{until}"  # the last day that is looked at; `regrow monitor --until DAY` writes it', text, count=1
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, text)
    git(project, "add", "--", GROUP)


def git(project: Project, *arguments: str) -> str:
    """Its output. Raises RegrowError where it fails."""
    done = subprocess.run(["git", *arguments], cwd=project.root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RegrowError(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout


def _run(project: Project, target: str) -> None:
    """`regrow run TARGET`, whose own last words are about the model and not about this."""
    command: list[Any] = [sys.executable, "-m", "regrow", "run", target]
    done = subprocess.run(command, cwd=project.root, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.stdout.write(done.stdout)
        raise SystemExit(done.returncode)
