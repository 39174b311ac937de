"""Carry out `regrow compile`: by hand (write), for CI (check), and as the pipeline's first stage (in_pipeline)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from regrow import layout
from regrow.base.atomic import write_text
from regrow.base.errors import Exit, Problem, RegrowError
from regrow.base.yaml_files import read_text
from regrow.compile import columns, dvc_yaml, files_to_write
from regrow.compile.pipeline import Pipeline
from regrow.environment.requirements import other_versions
from regrow.fingerprint.code.asks import FIXES, HARMLESS, SAYS
from regrow.layout import STRICT, WARN
from regrow.plugin.project import Project
from regrow.settings import in_force, overrides
from regrow.settings.compose import computing
from regrow.tools import declared_paths

FIX = "run: regrow compile"


def write(project: Project) -> tuple[list[str], list[str]]:
    """Write everything that compile writes. Returns (files that changed, what to tell the user).

    Overrides that params.yaml held are gone afterwards, and told. Raises RegrowError before anything but
    conf/plugins.yaml is written.
    """
    pipeline = _loaded(project)
    project = pipeline.project
    changed = _update(project, {layout.PLUGIN_DEFAULTS: files_to_write.plugin_defaults(pipeline)})
    made = files_to_write.make(pipeline)
    declared_paths.require_inside(project.root, made.stages, made.files)
    notes = [*in_force.dropped(project, made.settings), *_notes(project, made), *_read_outside(project)]
    changed += _update(project, {**_rendered(project, made), **made.files})
    for file in sorted(project.path(layout.FINGERPRINTS).glob("*.lock")):
        name = file.relative_to(project.root).as_posix()
        if name not in made.files:
            file.unlink()
            changed.append(name)
    return sorted(changed), notes


def _rendered(project: Project, made: files_to_write.Plan) -> dict[str, str]:
    """The text of each dvc.yaml; of one that is left without a stage of ours, too."""
    texts = {}
    for name in _pipelines(project, made):
        file = project.path(name)
        existing = read_text(file, name) if file.is_file() else ""
        texts[name] = dvc_yaml.render(existing, made.pipelines.get(name, {}), name)
    return texts


def _pipelines(project: Project, made: files_to_write.Plan) -> list[str]:
    """Each dvc.yaml that holds stages of ours, or is to; those of other folders lie in one at the top."""
    named = (file.parent.name for file in project.root.glob(f"*/{layout.DVC_YAML}") if _has_ours(file))
    return sorted({*made.pipelines, *map(layout.pipeline, named)})


def _has_ours(file: Path) -> bool:
    """Whether regrow wrote a stage into it, by its text: what a person keeps there is nobody's concern."""
    return f"cmd: {layout.STAGE_COMMAND}" in file.read_text(encoding="utf-8", errors="replace")


def check(project: Project) -> tuple[list[Problem], list[str]]:
    """What is not as `write` would leave it, by file; if nothing, what to tell the user. Writes nothing."""
    pipeline = _loaded(project)
    project = pipeline.project
    stale = _differing(project, {layout.PLUGIN_DEFAULTS: files_to_write.plugin_defaults(pipeline)})
    if not stale:
        made = files_to_write.make(pipeline)
        stale = _stale(project, made)
        kept = pipeline.kept if layout.PARAMS in stale else None
        if kept is not None and not _stale(project, files_to_write.make(pipeline, kept)):
            said = "\n".join(overrides.told(overrides.differences(made.base, kept)))
            wrong = f"holds an experiment's settings, which conf/ does not say:\n{said}"
            fix = "keep them: regrow adopt --name NAME --default\ngo back to conf/: regrow compile"
            return [Problem(wrong, layout.PARAMS, fix)], []
        if not stale:
            return [], [*_notes(project, made), *_read_outside(project)]
    return [Problem("is not what regrow compile would write", name, FIX) for name in stale], []


def _loaded(project: Project) -> Pipeline:
    """The pipeline, after a look at where the project's files would be written."""
    declared_paths.require_inside(project.root)
    return Pipeline.load(project)


def _read_outside(project: Project) -> Iterable[str]:
    """What no replay could have."""
    return (str(one) for one in declared_paths.read_outside(declared_paths.of_project(project.root)))


def is_compiled(pipeline: Pipeline, made: files_to_write.Plan) -> bool:
    """Whether all is as `write` would leave it. made: of what conf/ says."""
    defaults = {layout.PLUGIN_DEFAULTS: files_to_write.plugin_defaults(pipeline)}
    return not (_differing(pipeline.project, defaults) or _stale(pipeline.project, made))


def _stale(project: Project, made: files_to_write.Plan) -> list[str]:
    """The files that differ from a plan, sorted; fingerprints of stages that are gone count."""
    stale = _differing(project, made.files)
    stale += _other_stages(project, made)
    present = {file.relative_to(project.root).as_posix() for file in project.path(layout.FINGERPRINTS).glob("*.lock")}
    return sorted({*stale, *(present - set(made.files))})


def _other_stages(project: Project, made: files_to_write.Plan) -> list[str]:
    """Each dvc.yaml that does not hold exactly the stages of a plan."""
    read = files_to_write.read_dvc_yaml
    names = _pipelines(project, made)
    return [one for one in names if not dvc_yaml.matches(read(project, one), made.pipelines.get(one, {}))]


def in_pipeline(project: Project) -> list[str]:
    """The `compile` stage: settle params.yaml and the fingerprints. Returns what to tell the user.

    Under `dvc exp run`, DVC has composed params.yaml with the overrides: it is checked and kept. So it is where conf/
    still says what it said, as after `dvc exp apply`. Else conf/ decides, and what that drops is told.
    Raises RegrowError, before params.yaml is touched, also if dvc.yaml no longer fits conf/ and plugins, and for
    columns that settings name and that the data does not have.
    """
    pipeline = _loaded(project)
    project = pipeline.project
    stale = _differing(project, {layout.PLUGIN_DEFAULTS: files_to_write.plugin_defaults(pipeline)})
    made = files_to_write.make(pipeline, pipeline.kept) if not stale else None
    if made is None or _other_stages(project, made):
        raise RegrowError(
            "no longer fits conf/ and the plugins", where=layout.DVC_YAML, fix=f"{FIX}, then dvc repro again"
        )
    other = _unlocked(project, made)
    if wrong := columns.problems(pipeline, made):
        raise RegrowError.of(wrong)
    notes = [*in_force.dropped(project, made.settings), *_unfollowed(made), *_asked(project, made), *other]
    _update(project, {**made.files, layout.LAST_PARAMS: made.files[layout.PARAMS]})
    return notes


def _unlocked(project: Project, made: files_to_write.Plan) -> list[str]:
    """Packages in another version than the lock's, a line each, where the fingerprints on disk already say so.

    That is what `regrow compile` by hand leaves. Raises RegrowError for others: the lock may have come with a commit.
    """
    changed = {name: made.files[name] for name in _differing(project, made.files)}
    new: set[str] = set()
    for name, text in changed.items():
        before = read_text(project.path(name), name) if project.path(name).is_file() else ""
        changed_lines = "\n".join({*text.splitlines()} - {*before.splitlines()})
        new |= set(other_versions(project, [changed_lines]))
    if new:
        fix = f"to install what the lock says: make setup\nto run with what is installed: {FIX.removeprefix('run: ')}"
        wrong = "\n  ".join([f"the environment is not the one that {layout.REQUIREMENTS} says:", *sorted(new)])
        raise RegrowError(wrong, where="packages", fix=fix, code=Exit.ENVIRONMENT)
    return _other_versions(project, made)


def _other_versions(project: Project, made: files_to_write.Plan) -> list[str]:
    return [f"not what {layout.REQUIREMENTS} says: {line}" for line in other_versions(project, made.files.values())]


def _notes(project: Project, made: files_to_write.Plan) -> list[str]:
    return [*_unfollowed(made), *_asked(project, made), *_other_versions(project, made), *made.left]


def _asked(project: Project, made: files_to_write.Plan) -> list[str]:
    """What code asks of clock, chance and machine, each place once. Raises RegrowError under `compute.io: strict`."""
    watch = computing(made.settings)["io"]
    stages: dict[Problem, list[str]] = {}
    for ask, names_ in made.asks.items() if watch in {WARN, STRICT} else ():
        file = ask.file.resolve()
        inside = file.is_relative_to(project.root.resolve())
        shown = (
            file.relative_to(project.root.resolve()).as_posix() if inside else f"{ask.unit.partition(':')[0]}, line "
        )
        fix = f"{FIXES[ask.kind]}\n{HARMLESS.format(ask.kind)}"
        problem = Problem(SAYS[ask.kind].format(ask.what), f"{shown}{':' * inside}{ask.line}", fix)
        stages[problem] = sorted({*stages.get(problem, ()), *names_})
    told = [
        replace(one, where=f"stage{'s' * (len(by) > 1)} {', '.join(by)}, {one.where}") for one, by in stages.items()
    ]
    if told and watch == STRICT:
        raise RegrowError.of(told, Exit.UNSAFE)
    return [str(problem) for problem in told]


def _unfollowed(made: files_to_write.Plan) -> Iterable[str]:
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
