"""The champion: another commit's predictions as a source of the project, which DVC keeps and pins by hash."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from regrow import RegrowError, layout
from regrow.artifacts import table
from regrow.base import hashing
from regrow.base.atomic import write_text
from regrow.plugin.project import Project
from regrow_evaluation import settings_file
from regrow_evaluation.settings import Champion

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
    pinned = f"{{commit: {at.recorded.commit}, md5: {hashing.of_path(file, project.root).md5}}}"
    conf = settings_file.write(project, SOURCE, pinned)
    yield f"{conf}: champion: {pinned}"
    yield f"next: git add {path}.dvc pyproject.toml {conf} && regrow compile && regrow run, and commit it"
    if "use: champion" not in project.path(conf).read_text(encoding="utf-8"):
        yield f"evaluation.analyses in {conf} needs an analysis: champion: {{use: champion}}"


def _name(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    if SOURCES not in text:
        text = f"{text.rstrip()}\n\n{SOURCES}\n"
    first, _, rest = text.partition(SOURCES)
    line, _, after = rest.partition("\n")
    write_text(file, f'{first}{SOURCES}{line}\n{SOURCE} = "{FILE}"\n{after}')


def predictions(given: Any, pinned: Champion | None = None) -> pd.DataFrame | None:
    """Of a source's path, or a table as it is. Raises RegrowError where it is not what `evaluation.champion` pins."""
    where = "evaluation.champion"
    if pinned is not None and given is None:
        wrong = f"there is no source {SOURCE!r} with the predictions of {pinned.commit[:10]}"
        raise RegrowError(wrong, where=where, fix=f"regrow champion {pinned.commit[:10]}")
    if (
        pinned is not None
        and isinstance(given, Path)
        and (md5 := hashing.of_path(given, given.parent).md5) != pinned.md5
    ):
        wrong = f"the predictions in {given.name} have the hash {md5}, and {pinned.md5} is pinned"
        raise RegrowError(wrong, where=where, fix=f"regrow champion {pinned.commit[:10]}")
    return table.read(given) if isinstance(given, Path) else given
