"""The champion: another commit's predictions as a source of the project, which DVC keeps and pins by hash."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from regrow import RegrowError, layout
from regrow.artifacts import table
from regrow.base.atomic import write_text
from regrow.plugin.project import Project

SOURCE, FILE = "champion", "data/champion.parquet"
SOURCES = "[tool.regrow.sources]"


def pin(project: Project, revision: str) -> Iterator[str]:
    """Raises RegrowError where the commit recorded no predictions, or they are nowhere to be had."""
    from regrow_history.experiments.opened import OpenProject

    at = OpenProject(project).at(revision)
    predictions = at["predictions"]
    path = project.sources.get(SOURCE, FILE)
    file = project.path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    table.write(predictions, file)
    done = subprocess.run([sys.executable, "-m", "dvc", "add", "--quiet", path], cwd=project.root, capture_output=True,
                          text=True, check=False)  # fmt: skip
    if done.returncode:
        raise RegrowError(f"dvc add failed: {done.stderr.strip()}", where=path)
    yield f"champion: {len(predictions)} rows of commit {at.recorded.commit[:10]}, in {path} and {path}.dvc"
    if SOURCE not in project.sources:
        _name(project.root / layout.PYPROJECT)
        yield f"pyproject.toml: {SOURCES} {SOURCE} = {path!r}"
    yield f"next: git add {path}.dvc pyproject.toml && regrow compile && regrow run, and commit it"
    yield "evaluation.analyses needs an analysis `champion`"


def _name(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    if SOURCES not in text:
        text = f"{text.rstrip()}\n\n{SOURCES}\n"
    first, _, rest = text.partition(SOURCES)
    line, _, after = rest.partition("\n")
    write_text(file, f'{first}{SOURCES}{line}\n{SOURCE} = "{FILE}"\n{after}')


def predictions(given: Any) -> pd.DataFrame | None:
    """Of a source's path, or a table as it is."""
    return table.read(given) if isinstance(given, Path) else given
