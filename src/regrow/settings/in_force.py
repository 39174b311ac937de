"""The settings in force: when params.yaml is kept though conf/ says otherwise, and what a compile would drop."""

import hashlib
import json
import os
import shlex
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from regrow import layout
from regrow.base.yaml_files import look_up, read_settings, read_text, read_yaml
from regrow.plugin.project import Project
from regrow.settings import overrides
from regrow.settings.compose import Settings, compose, normal, to_text
from regrow.tools import git


def in_experiment() -> bool:
    """Whether DVC is running an experiment: it has composed params.yaml already, with the overrides."""
    return bool(os.environ.get("DVC_EXP_NAME"))


def kept_settings(project: Project) -> Settings | None:
    """params.yaml as it is, where it holds an experiment's settings; None where conf/ decides."""
    if in_experiment():
        return normal(read_settings(project.path(layout.PARAMS), layout.PARAMS), project.steps)
    if not _as_recorded(project) or not project.path(layout.SETTINGS_LOCK).is_file():
        return None
    if project.path(layout.SETTINGS_LOCK).read_text(encoding="utf-8") != to_text(compose(project)):
        return None
    return normal(read_settings(project.path(layout.PARAMS), layout.PARAMS), project.steps)


def read_dvc_lock(project: Project) -> dict[str, Any]:
    """The stages of dvc.lock, {} where there is none."""
    file = project.path(layout.DVC_LOCK)
    return _stages(read_text(file, layout.DVC_LOCK)) if file.is_file() else {}


@lru_cache(maxsize=1)
def _stages(lock: str) -> dict[str, Any]:
    """Read once for all who ask the same; nobody changes it."""
    return (read_yaml(lock, layout.DVC_LOCK) or {}).get("stages") or {}


def _recorded(project: Project, path: str) -> str | None:
    """The md5 of an output of the last compile stage, None if there was none."""
    outs = read_dvc_lock(project).get(layout.COMPILE, {}).get("outs", ())
    return next((str(out.get("md5")) for out in outs if out.get("path") == path), None)


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _as_recorded(project: Project) -> bool:
    """Whether params.yaml is, byte for byte, what the last compile stage left."""
    file = project.path(layout.PARAMS)
    return file.is_file() and _recorded(project, layout.PARAMS) == _md5(file.read_bytes())


def dropped(project: Project, settings: Settings) -> Iterable[str]:
    """What params.yaml, or the last run, held against conf/ and the new `settings` no longer hold; lines for people."""
    lock = project.path(layout.SETTINGS_LOCK)
    if not lock.is_file():
        return
    base = json.loads(lock.read_text(encoding="utf-8"))
    held = _in_force(project)
    if held is None:
        return
    lost = {
        key: value for key, (_, value) in overrides.differences(base, held).items() if look_up(settings, key) != value
    }
    if not lost:
        return
    if in_experiment():
        yield "this experiment is without the overrides of the last run:"
    else:
        yield f"dropped: overrides that {layout.PARAMS} held and conf/ does not say:"
    for key, value in sorted(lost.items()):
        yield f"    {key}: {overrides.show(value)}, now {overrides.show(look_up(settings, key))}"
    said = " ".join(f"-S {shlex.quote(one)}" for one in overrides.shortest(project, base, held))
    yield f"to run with them again: dvc exp run {said}"
    yield "to keep them as a file in conf/experiment/: run that, then regrow adopt --name NAME"


def _in_force(project: Project) -> Settings | None:
    """The settings before this compile: params.yaml on disk, or what the last compile stage left of it where DVC has
    written an experiment's over it. None if that is nowhere to be had, or was compiled of another conf/."""
    if not in_experiment():
        file = project.path(layout.PARAMS)
        return read_settings(file, layout.PARAMS) if file.is_file() else None
    lock = project.path(layout.SETTINGS_LOCK).read_bytes()
    if _recorded(project, layout.SETTINGS_LOCK) != _md5(lock):
        return None
    wanted = _recorded(project, layout.PARAMS)
    text = next((text for text in _last_params(project) if _md5(text.encode()) == wanted), None)
    return None if text is None else read_yaml(text, layout.PARAMS)


def _last_params(project: Project) -> Iterable[str]:
    """Where params.yaml of the last compile stage may be: beside, in the commit, in an applied experiment."""
    file = project.path(layout.LAST_PARAMS)
    if file.is_file():
        yield read_text(file, layout.LAST_PARAMS)
    commits = [git.resolve(project.root, "HEAD") or "", *git.experiments(project.root).values()]
    yield from (text for text in git.texts(project.root, [f"{one}:{layout.PARAMS}" for one in commits if one]) if text)
