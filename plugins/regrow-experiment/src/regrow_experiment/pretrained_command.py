"""`regrow pretrained`: the model of a commit, of this project or another, as a file that DVC keeps."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from regrow import RegrowError, layout
from regrow.base.atomic import write_text
from regrow.plugin.project import Project, open_project
from regrow_experiment.pretrained import ENDING, SOURCE, digest

FOLDER = "data/pretrained"
SOURCES = "[tool.regrow.sources]"


@click.command("pretrained")
@click.argument("revision")
@click.option(
    "--project", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Another project's folder."
)
@click.option("--name", default="earlier", show_default=True, help="What settings call the model.")
def command(revision: str, project: Path | None, name: str) -> None:
    """Take the model of REVISION as one to begin with: data/pretrained/NAME.skops, which DVC keeps, and the source
    `pretrained` in pyproject.toml. Prints the settings that pin it."""
    if not name.replace("-", "_").isidentifier():
        raise RegrowError(f"{name!r} is no name", where="--name", fix="letters, digits, _ and -")
    here = open_project()
    for line in taken(here, open_project(project) if project else here, revision, name):
        click.echo(line)


def taken(here: Project, of: Project, revision: str, name: str) -> Iterator[str]:
    """Raises RegrowError where the commit recorded no model, it is nowhere to be had, or DVC can't keep it."""
    from regrow_history.experiments.opened import OpenProject

    at, folder = OpenProject(of).at(revision), here.sources.get(SOURCE, FOLDER)
    target = here.path(folder) / f"{name}{ENDING}"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="regrow-") as place:
        shutil.copyfile(at.save("model", place), target)
    added = [sys.executable, "-m", "dvc", "add", "--quiet", folder]
    done = subprocess.run(added, cwd=here.root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RegrowError(f"dvc add failed: {done.stderr.strip()}", where=folder)
    yield f"{name}: the model of commit {at.recorded.commit[:10]}, in {folder}/{name}{ENDING} and {folder}.dvc"
    if SOURCE not in here.sources:
        _declare(here.root / layout.PYPROJECT, folder)
        yield f"pyproject.toml: {SOURCES} {SOURCE} = {folder!r}"
    pinned = f"model: {name}, sha256: {digest(target)}"
    yield f"a step:   features.steps.earlier: {{use: transfer, {pinned}}}"
    yield f"a start:  model: {{use: warm_start, of: {{use: mlp}}, {pinned}}}"
    ignored = Path(folder).with_name(".gitignore").as_posix()
    yield f"next: git add {folder}.dvc {ignored} pyproject.toml, one of these in conf/, regrow compile, regrow run"


def _declare(file: Path, folder: str) -> None:
    """Put the source first below its heading, which is added where there is none."""
    text = file.read_text(encoding="utf-8")
    if SOURCES not in text:
        text = f"{text.rstrip()}\n\n{SOURCES}\n"
    first, _, rest = text.partition(SOURCES)
    line, _, after = rest.partition("\n")
    write_text(file, f'{first}{SOURCES}{line}\n{SOURCE} = "{folder}"\n{after}')
