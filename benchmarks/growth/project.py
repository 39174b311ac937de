"""A project of regrow whose stages are written by hand in dvc.yaml: regrow and DVC are measured in the same tree."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.peers.dvc import REPRO, Dvc
from benchmarks.peers.regrow import RUN, begin_dvc
from benchmarks.place import Place
from benchmarks.rounds import Row, command
from benchmarks.shell import Shell

OURS, THEIRS = "regrow run", "dvc repro"
FILES = {
    "pyproject.toml": "[tool.regrow]\nplugins = []\n",
    "conf/config.yaml": "defaults:\n  - plugins\n  - _self_\n\ncompute:\n  n_jobs: 1\n",
    ".gitignore": "work/\n",
}


def project(place: Place, name: str, files: Mapping[str, str]) -> Shell:
    """A new one with these files beside its own; its compile stage is the only one, and was run."""
    shell = place.own().at(place.work / name)
    for path, text in {**FILES, **files}.items():
        file = shell.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    shell.git("init", "--quiet", "--initial-branch", "main")
    begin_dvc(shell)
    shell.run("regrow", "compile")
    shell.commit("the project")
    shell.run(*RUN)
    return shell


def write_stages(folder: Path, written: Mapping[str, Any]) -> None:
    """Put stages into dvc.yaml below regrow's own."""
    from regrow.base.yaml_files import read_yaml
    from regrow.tools.dvc_patches import lockfile

    document = read_yaml((folder / "dvc.yaml").read_text(encoding="utf-8"), "dvc.yaml")
    document["stages"].update(written)
    (folder / "dvc.yaml").write_text(lockfile.text(document), encoding="utf-8")


def nothing_to_do(place: Place, shell: Shell, size: int) -> list[Row]:
    """Both commands, which find nothing to do."""
    shell.commit("the results")
    shell.run(*RUN)
    rows = [Row(OURS, command(shell, *RUN), size=size)]
    if theirs := place.shell(Dvc.name, Dvc.packages):
        there = theirs.at(shell.folder)
        there.run(*REPRO)
        rows.append(Row(THEIRS, command(there, *REPRO), size=size))
    return rows
