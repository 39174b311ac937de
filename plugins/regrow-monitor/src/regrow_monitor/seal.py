"""A day of the log is over: its parts are cut, hashed and put where DVC keeps them."""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from regrow import RegrowError, layout
from regrow.artifacts.jsontext import dumps
from regrow.base.atomic import write_text
from regrow.base.errors import Exit
from regrow.plugin.project import Project
from regrow_monitor.alarm_files import FOLDER
from regrow_monitor.log_files import SEAL, SEALED, Part, bundle_file, sealed
from regrow_serve.prediction_log import BUNDLES, OPEN

SOURCE, ALARMS, LABELS = "prediction_log", "alarm_files", "labels"
SOURCES = "[tool.regrow.sources]"
ABOUT = "# Alarms\n\nOne file each, written by `regrow monitor`; `regrow alarms` lists, acknowledges and closes them.\n"


def open_days(log: Path) -> list[str]:
    """Days of which lines wait to be sealed, in order."""
    return sorted({file.parent.name for file in (log / OPEN).glob("*/part-*.jsonl")})


def seal(log: Path, day: str) -> dict[str, Any]:
    """Move a day's parts from `open` to `sealed`. Returns what seal.json says. Later parts of a sealed day are added.

    Raises RegrowError (BUSY) while a server writes to one, and where there is none.
    """
    found = sorted((log / OPEN / day).glob("part-*.jsonl"))
    if not found:
        known = ", ".join(open_days(log)) or "none"
        raise RegrowError(f"no lines of {day} wait to be sealed", where=str(log / OPEN), fix=f"days that do: {known}")
    for file in found:
        _require_free(file)
    place = log / SEALED / day
    before = sealed(log / SEALED, day)[0]["parts"] if (place / SEAL).is_file() else []
    place.mkdir(parents=True, exist_ok=True)
    taken = {one["name"] for one in before}
    said, empty = list(before), 0
    for file in found:
        part = Part.read(file)
        if part is None:
            empty += 1
            continue
        said.append({**part.seal(), "name": _place(part, place, taken)})
        _keep_bundle(log, part.header["bundle"])
    seals = {"day": day, "parts": said, "rows": sum(one["rows"] for one in said),
             "half_lines": empty + sum(one["half_lines"] for one in said)}  # fmt: skip
    write_text(place / SEAL, dumps(seals))
    for file in found:  # only now: who is killed before seals again
        file.unlink()
    return seals


def _require_free(file: Path) -> None:
    """RegrowError while a server holds it."""
    with file.open("rb") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fix = "end the server, or wait until its day is over (UTC)"
            raise RegrowError("a server still writes to it", where=str(file), fix=fix, code=Exit.BUSY) from None


def _place(part: Part, place: Path, taken: set[str]) -> str:
    """Write the whole lines of a part under a name that none has; its name."""
    number, name = 1, part.file.name
    while name in taken:
        number += 1
        name = f"part-{number:04d}.jsonl"
    taken.add(name)
    with (place / name).open("wb") as file:
        file.write(part.data)
        file.flush()
        os.fsync(file.fileno())
    return name


def _keep_bundle(log: Path, digest: str) -> None:
    kept = log / SEALED / BUNDLES / f"{digest}.bundle"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_suffix(".part")
        shutil.copyfile(bundle_file(log, digest), part)
        part.replace(kept)


def into_project(project: Project, log: Path) -> Iterator[str]:
    """Let DVC keep the sealed days, and pyproject.toml name them; says what to do next.

    Raises RegrowError for a log outside of the project.
    """
    if not log.resolve().is_relative_to(project.root.resolve()):
        raise RegrowError("lies outside of the project", where=str(log), fix="say --log of a folder in it")
    path = (log / SEALED).resolve().relative_to(project.root.resolve()).as_posix()
    done = subprocess.run([sys.executable, "-m", "dvc", "add", "--quiet", path], cwd=project.root, capture_output=True,
                          text=True, check=False)  # fmt: skip
    if done.returncode:
        raise RegrowError(f"dvc add failed: {done.stderr.strip()}", where=path)
    wanted = {SOURCE: path, ALARMS: FOLDER}
    new = {name: one for name, one in wanted.items() if name not in project.sources}
    if ALARMS in new:
        write_text(project.path(f"{FOLDER}/README.md"), ABOUT)
    if new:
        _name(project.root / layout.PYPROJECT, new)
        yield f"pyproject.toml: {SOURCES} " + ", ".join(f'{name} = "{one}"' for name, one in new.items())
    more = f" {FOLDER} pyproject.toml && regrow compile" if new else ""
    yield f"next: git add {path}.dvc{more} && regrow monitor --until DAY"


def _name(file: Path, sources: dict[str, str]) -> None:
    """Add sources to pyproject.toml."""
    text = file.read_text(encoding="utf-8")
    if SOURCES not in text:
        text = f"{text.rstrip()}\n\n{SOURCES}\n"
    first, _, rest = text.partition(SOURCES)
    line, _, after = rest.partition("\n")
    lines = "".join(f'{name} = "{path}"\n' for name, path in sources.items())
    write_text(file, f"{first}{SOURCES}{line}\n{lines}{after}")
