"""One stage: check what it stands on, read its inputs, call its function, check and write its outputs."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.artifacts import metrics, type_of
from regrow.artifacts.model_types import trusting
from regrow.base import hashing
from regrow.base.disk_space import require_room
from regrow.base.errors import Exit, Problem, RegrowError
from regrow.base.one_at_a_time import only_one
from regrow.base.safe_path import safe_join
from regrow.base.yaml_files import look_up, read_settings
from regrow.compile.dvc_yaml import artifacts_of, path_of
from regrow.environment import variables
from regrow.environment.variables import EXPERIMENT
from regrow.fingerprint.fingerprint import code_of, covers, fingerprint, require_recorded
from regrow.layout import STRICT
from regrow.plugin.components import load, named_uses
from regrow.plugin.context import Before
from regrow.plugin.declare import Artifact, Stage
from regrow.plugin.manager import Plugins, hook_of, load_plugins
from regrow.plugin.project import Project
from regrow.settings import in_force
from regrow.settings.compose import computing, normal, refused_for, stage_settings, subset
from regrow.settings.removable import step_keys
from regrow.stage import leftovers
from regrow.stage.io.contract import Watch, problems
from regrow.stage.io.findings import Declarations
from regrow.stage.io.imports import Heard
from regrow.stage.outputs import Remedy, check_outputs, handler, write_all, write_hashes
from regrow.stage.undeclared_types import remedy
from regrow.tools import git

NOTHING_BEFORE = Before()
WAIT = 5.0  # seconds for another process of the same stage, which may be dying


def run_stage(project: Project, name: str) -> list[str]:
    """Run the stage `name` in the project and write what it makes; returns what to tell the user.

    Either every output is written or none. Raises RegrowError for an unknown stage, settings that don't fit, code or
    packages other than recorded, inputs that are missing or broken, outputs that are missing, empty or of another type,
    and for what the stage's own function raises.
    """
    for_hooks = json.loads(os.environ.pop(layout.FOR_HOOKS, "{}"))
    heard = Heard(project)
    with heard.on():
        plugins = load_plugins(project)
    plugins.owner(name)
    require_room([project.root, project.path(".dvc/cache")])
    busy = project.path(f"{layout.SCRATCH}/{name}.running")
    with (
        only_one(busy, f"stage {name}", "wait until it has ended, or end it; then run this again", wait=WAIT),
        trusting(plugins.model_types),
    ):
        try:
            notes, told = _run(project, plugins, plugins.stages[name], heard)
        except RegrowError:
            _bring_back(project, name)
            raise
        return [*notes, *_tell_trackers(project, plugins, plugins.stages[name], told, for_hooks)]


def _bring_back(project: Project, name: str) -> None:
    """Before a stage begins, DVC removes what it made the last time. What Git keeps of it, and dvc.lock still names, is
    there again when the stage has failed; of the rest `dvc checkout` has a copy."""
    for out in in_force.read_dvc_lock(project).get(name, {}).get("outs") or ():
        path = str(out.get("path"))
        place = safe_join(project.root, path, f"stage {name}")
        data = git.output(project.root, "show", f"HEAD:./{path}") if not place.exists() else None
        if data is not None and hashlib.md5(data, usedforsecurity=False).hexdigest() == out.get("md5"):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)


def _run(project: Project, plugins: Plugins, stage: Stage, heard: Heard) -> tuple[list[str], dict[str, Any]]:
    """What to tell the user, and what to tell trackers."""
    with heard.on():
        all_settings = normal(read_settings(project.path(layout.PARAMS), layout.PARAMS), step_keys([stage]))
        settings = _settings(stage, all_settings, plugins)
    artifacts = artifacts_of(plugins.stages)
    code = code_of(plugins)
    now = fingerprint(stage, settings, all_settings, plugins, artifacts, code)
    require_recorded(project, stage, now.text)
    started = time.monotonic()
    remedies = [
        partial(remedy, settings=known, components=plugins.components)
        for known in (all_settings, subset(all_settings, stage.params))
    ]
    inputs = stage.gather(lambda need: _read(project, need, artifacts.get(need), remedies[0]))
    sources = {path: hashing.of_path(project.path(path), project.root) for path in _sources(project, stage, artifacts)}
    compute = computing(all_settings)
    watch = Watch(project, stage, _paths(project, stage, artifacts), compute["io"])
    watch.take(heard.touches)
    declared = Declarations.of(project, artifacts)
    before = _before(project, stage, now.text, subset(all_settings, stage.params), artifacts)
    compute_settings = look_up(all_settings, layout.COMPUTE)
    made = _watched(watch, declared, lambda: call(stage, inputs, settings, compute_settings, before))
    outputs = write_all(project, stage, made, remedies[1])
    machine = variables.machine(compute["portable"])
    undeclared = watch.lasting(partial(covers, now.text, code))
    write_hashes(project, stage, sources, outputs, machine, undeclared, _directions(stage, settings, made))
    leftovers.forget(before)
    told = {"seconds": time.monotonic() - started, "settings": subset(all_settings, stage.params)}
    return [str(problem) for problem in problems(watch.findings, stage, declared)], told


def _before(
    project: Project, stage: Stage, code: str, settings: Mapping[str, Any], artifacts: Mapping[str, Artifact]
) -> Before:
    """What earlier runs left, for a stage that asks for it."""
    if not stage.before:
        return NOTHING_BEFORE
    data = [hashing.of_path(project.path(path), project.root).md5 for path in _paths(project, stage, artifacts)]
    return leftovers.of_stage(project, stage, {"code": code, "settings": settings, "data": data})


def _directions(stage: Stage, settings: Any, made: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The metrics that the stage measured as settings name them, in their order, then as artifacts declare them; each
    with which way it is better, "" where nobody declares it. A metric goes by its key in settings, or by its name."""
    told: dict[str, str] = {}
    for artifact in _measured(stage):
        for key, use in named_uses(settings):
            name = next((name for name in (key, use.name) if name in made[artifact.key]), "")
            if name and use.component.kind == "metric":
                told.setdefault(name, use.component.better)
        told |= artifact.options.get("better", {})
    return list(told.items())


def _watched(watch: Watch, declared: Declarations, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What the stage's function returns. Raises RegrowError (exit code UNSAFE) for what strict mode refused it."""
    try:
        with watch.on():
            made = work()
    except RegrowError:
        if watch.mode != STRICT or not watch.findings:
            raise
    finally:
        watch.save(problems(watch.findings, watch.stage, declared))
    if watch.mode == STRICT and watch.findings:
        raise RegrowError.of(problems(watch.findings, watch.stage, declared), Exit.UNSAFE)
    return made


def _paths(project: Project, stage: Stage, artifacts: Mapping[str, Artifact]) -> list[str]:
    """The paths of all that the stage needs."""
    return [path_of(artifacts[need]) if need in artifacts else project.sources[need] for need in stage.inputs]


def _sources(project: Project, stage: Stage, artifacts: Mapping[str, Artifact]) -> list[str]:
    """The paths of what the stage needs and no stage makes."""
    return [project.sources[need] for need in stage.inputs if need not in artifacts]


def _settings(stage: Stage, settings: Any, plugins: Plugins) -> Any:
    try:
        return stage_settings(stage, settings, plugins.components)
    except ValueError as error:
        fix = "mend conf/ and run: regrow compile"
        where = f"{layout.PARAMS}, stage {stage.name}"
        raise RegrowError.of(Problem(wrong, where, fix) for wrong in refused_for(error)) from None


def _read(project: Project, need: str, artifact: Artifact | None, remedies: Remedy) -> Any:
    """An input as its type gives it; a source as the path it lies at."""
    relative = path_of(artifact) if artifact else project.sources.get(need, "")
    if not relative:
        raise RegrowError(f"needs {need!r}, which no stage makes and no source is", fix="run: regrow compile")
    path = safe_join(project.root, relative, f"input {need}")
    if not path.exists():
        raise RegrowError("is missing", where=relative, fix="get it: dvc pull, or dvc repro to make it")
    if artifact is None:
        return path
    try:
        return handler(type_of(artifact)).read(path)
    except Exception as error:  # as for writing
        fix = "it is damaged, or was written by something else: dvc checkout, or dvc repro --force"
        wrong = f"can't be read as a {artifact.type}: {error}"
        raise RegrowError(wrong, where=relative, fix="\n".join(filter(None, [fix, remedies(error)]))) from None


def call(
    stage: Stage, inputs: Mapping[str, Any], settings: Any, compute: Any = None, before: Before = NOTHING_BEFORE
) -> dict[str, Any]:
    """Call a stage's function and check what it returns against what the stage says it makes.

    Raises RegrowError naming stage and artifact; an exception of the function is told by its type, message and line.
    """
    where = f"stage {stage.name} ({stage.run})"
    try:
        function = load(stage.run)
    except (ImportError, AttributeError) as error:
        raise RegrowError(f"its function can't be loaded: {error}", where=where) from None
    extra: dict[str, Any] = {"compute": compute if isinstance(compute, dict) else {}} if stage.compute else {}
    extra |= {"before": before} if stage.before else {}
    try:
        made = function(**inputs, settings=settings, **extra)
    except RegrowError as error:
        raise RegrowError.of(
            [Problem(p.wrong, f"stage {stage.name}, {p.where}".strip(", "), p.fix) for p in error.problems]
        ) from None
    except SystemExit as error:
        raise RegrowError(f"its function called sys.exit({error.code!r})", where=where, fix=_last_line(error)) from None
    except Exception as error:
        raise RegrowError(f"{type(error).__name__}: {error}", where=where, fix=_last_line(error)) from error
    check_outputs(stage, made)
    return dict(made)


def _last_line(error: BaseException) -> str:
    """Where an exception came from: the innermost line of code that is not a library's."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        if "site-packages" not in code.co_filename and "regrow/stage/run_stage.py" not in code.co_filename:
            place = f"raised at {Path(code.co_filename).name}:{trace.tb_lineno}, in {code.co_name}"
        trace = trace.tb_next
    hint = "" if os.environ.get("REGROW_TRACEBACK") else "for the whole traceback: REGROW_TRACEBACK=1"
    return f"{place}\n{hint}".strip()


def _tell_trackers(
    project: Project, plugins: Plugins, stage: Stage, told: Mapping[str, Any], variables: Mapping[str, str]
) -> list[str]:
    """Call the plugins' regrow_recorded; what fails there is told and changes nothing. variables: as they are there."""
    if not plugins.manager.hook.regrow_recorded.get_hookimpls():
        return []
    paths = {made.name: path_of(made) for made in stage.makes}
    record = {
        "stage": stage.name,
        **told,
        "outputs": paths,
        "metrics": {one.name: metrics.read(project.path(paths[one.name])) for one in _measured(stage)},
        "experiment": variables.get(EXPERIMENT, ""),
        "commit": git.resolve(project.root, "HEAD") or "",
    }
    notes = []
    before = dict(os.environ)
    os.environ.update(variables)
    for name, module in plugins.manager.list_name_plugin():
        try:
            hook_of(plugins.manager, module, "regrow_recorded")(record=record)
        except Exception as error:
            notes.append(f"plugin {name}: regrow_recorded failed: {type(error).__name__}: {error}")
    os.environ.clear()
    os.environ.update(before)
    return notes


def _measured(stage: Stage) -> list[Artifact]:
    return [artifact for artifact in stage.makes if artifact.type == "metrics"]
