"""What earlier runs of a stage left: what a killed one had done so far, and what it chose in the commit."""

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base.atomic import write_text
from regrow.base.errors import RegrowError
from regrow.compile.dvc_yaml import path_of
from regrow.plugin.context import Before
from regrow.plugin.declare import Stage
from regrow.plugin.project import Project
from regrow.tools import git

log = logging.getLogger("regrow")
TERMS = "terms.json"


def of_stage(project: Project, stage: Stage, terms: Mapping[str, Any]) -> Before:
    """What is left of a run on the same terms.

    terms: what a killed run's work holds for, by name (code, settings, data), as JSON values. Where one is another,
    that work is removed, and the user is told why. Raises RegrowError where the commit's choices can't be read.
    """
    folder = project.path(f"{layout.UNFINISHED}/{stage.name}")
    before = Before(folder / "unfinished", _recorded(project, stage) if layout.AS_RECORDED in os.environ else None)
    now = {name: hashlib.sha256(json.dumps(terms[name], sort_keys=True).encode()).hexdigest() for name in terms}
    changed = _other_terms(folder, now) if (folder / "unfinished").exists() else []
    if changed:
        log.warning("%s: begins anew, not where a killed run was: other %s", stage.name, " and ".join(changed))
        forget(before)
    (folder / "unfinished").mkdir(parents=True, exist_ok=True)
    write_text(folder / TERMS, json.dumps(now, sort_keys=True) + "\n")
    return before


def _other_terms(folder: Path, now: Mapping[str, str]) -> list[str]:
    try:
        then = json.loads((folder / TERMS).read_text(encoding="utf-8"))
        return [name for name in now if then.get(name) != now[name]]
    except (OSError, ValueError, AttributeError):
        return ["terms, which can't be read"]


def forget(before: Before) -> None:
    """Remove what would be taken up: the stage has ended well."""
    if before.scratch:
        shutil.rmtree(before.scratch, ignore_errors=True)


def _recorded(project: Project, stage: Stage) -> Mapping[str, Any] | None:
    """What the stage chose in the commit that is checked out; None if it holds none."""
    for path in (path_of(made) for made in stage.makes if made.type == "choices"):
        data = git.output(project.root, "show", f"HEAD:./{path}")
        try:
            value = json.loads(data) if data is not None else None
        except ValueError as error:
            raise RegrowError(f"is no whole JSON in the commit: {error}", where=path) from None
        return value if isinstance(value, dict) else None
    return None
