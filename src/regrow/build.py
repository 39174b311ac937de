"""Carry out `regrow compile`: by hand (write), for CI (check), and as the pipeline's first stage (in_pipeline)."""

import copy
import hashlib
import json
import os
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from regrow import compile, names, overrides, plan
from regrow.errors import Problem, RegrowError
from regrow.files import write_text
from regrow.project import Project
from regrow.settings import Settings, compose, normal, to_text
from regrow.yaml_files import look_up, read_settings, read_text, read_yaml

FIX = "run: regrow compile"


def write(project: Project) -> tuple[list[str], list[str]]:
    """Write everything that compile writes. Returns (files that changed, what to tell the user).

    Overrides that params.yaml held are gone afterwards, and told. Raises RegrowError before anything but
    conf/plugins.yaml is written.
    """
    plugins = plan.load(project)
    plugins.require_sound()
    changed = _update(project, {names.PLUGIN_DEFAULTS: plan.plugin_defaults(project, plugins)})
    made = plan.make(project, plugins)
    notes = [*_dropped(project, made.settings), *_unfollowed(made)]
    file = project.path(names.DVC_YAML)
    existing = read_text(file, names.DVC_YAML) if file.is_file() else ""
    changed += _update(project, {names.DVC_YAML: compile.render(existing, made.stages), **made.files})
    for file in sorted(project.path(names.FINGERPRINTS).glob("*.lock")):
        name = file.relative_to(project.root).as_posix()
        if name not in made.files:
            file.unlink()
            changed.append(name)
    return sorted(changed), notes


def check(project: Project) -> list[str]:
    """The files that `write` would change; empty if all is compiled. Writes nothing."""
    plugins = plan.load(project)
    plugins.require_sound()
    stale = _differing(project, {names.PLUGIN_DEFAULTS: plan.plugin_defaults(project, plugins)})
    if stale:
        return stale
    made = plan.make(project, plugins)
    stale = _differing(project, made.files)
    if not compile.matches(plan.read_dvc_yaml(project), made.stages):
        stale.append(names.DVC_YAML)
    present = {file.relative_to(project.root).as_posix() for file in project.path(names.FINGERPRINTS).glob("*.lock")}
    return sorted({*stale, *(present - set(made.files))})


def in_pipeline(project: Project) -> list[str]:
    """The `compile` stage: settle params.yaml and the fingerprints. Returns what to tell the user.

    Under `dvc exp run`, DVC has composed params.yaml with the overrides: it is checked and kept. So it is where conf/
    still says what it said, as after `dvc exp apply`. Else conf/ decides, and what that drops is told.
    Raises RegrowError, before params.yaml is touched, also if dvc.yaml no longer fits conf/ and plugins.
    """
    plugins = plan.load(project)
    plugins.require_sound()
    settings = kept_settings(project)
    stale = _differing(project, {names.PLUGIN_DEFAULTS: plan.plugin_defaults(project, plugins)})
    made = plan.make(project, plugins, settings) if not stale else None
    if made is None or not compile.matches(plan.read_dvc_yaml(project), made.stages):
        raise RegrowError(
            "no longer fits conf/ and the plugins", where=names.DVC_YAML, fix=f"{FIX}, then dvc repro again"
        )
    notes = [*_dropped(project, made.settings), *_unfollowed(made)]
    _update(project, made.files)
    return notes


def kept_settings(project: Project) -> Settings | None:
    """params.yaml as it is, where it holds an experiment's settings; None where conf/ decides."""
    if os.environ.get("DVC_EXP_NAME"):
        return normal(read_settings(project.path(names.PARAMS), names.PARAMS))
    if not _as_recorded(project) or not project.path(names.SETTINGS_LOCK).is_file():
        return None
    if project.path(names.SETTINGS_LOCK).read_text(encoding="utf-8") != to_text(compose(project)):
        return None
    return normal(read_settings(project.path(names.PARAMS), names.PARAMS))


def read_dvc_lock(project: Project) -> dict[str, Any]:
    """The stages of dvc.lock, {} where there is none."""
    file = project.path(names.DVC_LOCK)
    document = read_yaml(read_text(file, names.DVC_LOCK), names.DVC_LOCK) if file.is_file() else None
    return (document or {}).get("stages") or {}


def _as_recorded(project: Project) -> bool:
    """Whether params.yaml is, byte for byte, what the last compile stage left."""
    outs = read_dvc_lock(project).get(names.COMPILE, {}).get("outs", ())
    recorded = [out.get("md5") for out in outs if out.get("path") == names.PARAMS]
    file = project.path(names.PARAMS)
    return file.is_file() and recorded == [hashlib.md5(file.read_bytes(), usedforsecurity=False).hexdigest()]


def _dropped(project: Project, settings: Settings) -> Iterable[str]:
    """What params.yaml on disk, or the last run, held against conf/ and the new settings no longer hold."""
    lock = project.path(names.SETTINGS_LOCK)
    if not lock.is_file():
        return
    base = json.loads(lock.read_text(encoding="utf-8"))
    held = _in_force(project, base)
    lost = {
        key: value for key, (_, value) in overrides.differences(base, held).items() if look_up(settings, key) != value
    }
    if not lost:
        return
    yield f"dropped: settings that {names.PARAMS} or the last run held, and neither conf/ nor this experiment says"
    for key, value in sorted(lost.items()):
        yield f"    {key}: {overrides.show(value)}, now {overrides.show(look_up(settings, key))}"
    said = " ".join(f"-S {shlex.quote(one)}" for one in overrides.shortest(project, base, held))
    yield f"to run with them again: dvc exp run {said}"
    yield "to keep them as a file in conf/experiment/: run that, then regrow adopt --name NAME"


def _in_force(project: Project, base: Settings) -> Settings:
    """The settings before this compile: params.yaml on disk.

    Where an experiment has replaced it, what dvc.lock recorded.
    """
    if not os.environ.get("DVC_EXP_NAME"):
        file = project.path(names.PARAMS)
        return read_settings(file, names.PARAMS) if file.is_file() else base
    merged = copy.deepcopy(base)
    for stage in read_dvc_lock(project).values():
        for key, value in (stage.get("params", {}).get(names.PARAMS) or {}).items():
            _put(merged, key, value)
    return merged


def _put(settings: Settings, key: str, value: Any) -> None:
    *above, last = key.split(".")
    for part in above:
        settings = settings.setdefault(part, {})
    settings[last] = value


def _unfollowed(made: plan.Plan) -> Iterable[str]:
    for stage, places in made.dynamic.items():
        for place, taken in places.items():
            yield f"stage {stage}: {place} {taken}"


def _differing(project: Project, files: Mapping[str, str]) -> list[str]:
    def now(name: str) -> str | None:
        file = project.path(name)
        return file.read_bytes().decode("utf-8", "replace") if file.is_file() else None

    return [name for name, text in files.items() if now(name) != text]


def _update(project: Project, files: Mapping[str, str]) -> list[str]:
    """Write the files whose text is new; the others keep their time stamp."""
    changed = _differing(project, files)
    for name in changed:
        write_text(project.path(name), files[name])
    return changed


def problem_if_stale(stale: list[str]) -> None:
    """Raise RegrowError naming the files that are not what compile would write."""
    if stale:
        raise RegrowError.of([Problem("is not what regrow compile would write", name, FIX) for name in stale])
