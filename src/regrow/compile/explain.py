"""Why a stage would run again: settings, code, packages, data, each named with before and after.

Data first, text second.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from regrow import layout
from regrow.base.errors import RegrowError
from regrow.base.yaml_files import ABSENT, look_up
from regrow.compile import files_to_write
from regrow.compile.pipeline import Pipeline
from regrow.fingerprint import fingerprint
from regrow.plugin.components import nearest
from regrow.plugin.project import Project
from regrow.settings import overrides
from regrow.tools import dvc, git


@dataclass(frozen=True)
class Change:
    """kind: python, settings, command, code, package, data, output, upstream or new. before, after: as text, "" for
    absent."""

    kind: str
    name: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        subject = f"{self.kind}: {self.name}" if self.name else self.kind
        if not self.before and not self.after:
            return subject
        return f"{subject}: {self.before or '(absent)'} -> {self.after or '(absent)'}"


def explain(project: Project, only: str | None = None) -> dict[str, list[Change]]:
    """Stage -> why it would run again, in pipeline order, then a person's own; an empty list for one that would not.

    Compares what is here now (conf/, code, environment, files) with what dvc.lock recorded. Runs nothing, writes
    nothing. Raises RegrowError for an unknown stage, or if the project doesn't compile.
    """
    pipeline = Pipeline.load(project)
    made = files_to_write.make(pipeline, pipeline.kept)
    there = project.path(layout.DVC_YAML).is_file()
    found = dvc.changes(project.root, {layout.PARAMS: made.files[layout.PARAMS]}) if there else {}
    own = {name: change for name, change in found.items() if name not in made.stages}
    if only and only not in made.stages and only not in own:
        raise RegrowError(f"no stage is called {only!r}; {nearest(only, [*made.stages, *own])}")
    makes = {name: tuple(_outs(entry)) for name, entry in made.stages.items() if name != layout.COMPILE}
    makes |= {name: change.makes for name, change in own.items()}
    makers = {out: name for name, outs in makes.items() for out in outs}
    needs = {name: change.needs for name, change in own.items()}
    reasons: dict[str, list[Change]] = {}
    locked = pipeline.lock
    for stage in (one for one in made.order if not one.pipeline):
        entry = locked.get(stage.name)
        needs[stage.name] = tuple(made.stages[stage.name]["deps"])
        reasons[stage.name] = [] if entry else [NEW]
        if entry:
            reasons[stage.name] += _settings(entry, stage.params, made.settings)
            reasons[stage.name] += _stands_on(project, entry, stage.name, made.files)
            reasons[stage.name].sort(key=lambda change: change.kind != fingerprint.PYTHON)
            reasons[stage.name] += _files(found[stage.name].files if stage.name in found else (), makers)
    reasons |= {name: list(_own(change, makers, made.files)) for name, change in own.items()}
    _upstream(reasons, {name: {_maker(dep, makers) for dep in deps} - {""} for name, deps in needs.items()})
    return {only: reasons[only]} if only else reasons


NEW = Change("new", "dvc.lock has no record of it")


def _maker(path: str, makers: Mapping[str, str]) -> str:
    """The stage that makes a path, or what is in it, or what it is in; "" if none."""
    around = (who for out, who in makers.items() if out.startswith(f"{path}/") or path.startswith(f"{out}/"))
    return makers.get(path) or next(around, "")


def _upstream(reasons: dict[str, list[Change]], needs: Mapping[str, set[str]]) -> None:
    """Add that a stage before it would run again."""
    again = {name for name, changes in reasons.items() if changes}
    while more := {name for name in reasons if name not in again and needs[name] & again}:
        again |= more
    for name, changes in reasons.items():
        if changes != [NEW]:
            before = sorted(needs[name] & again - {name})
            changes += [Change("upstream", f"stage {one} would run again, and may make it anew") for one in before]


def _own(stage: dvc.StageChange, makers: Mapping[str, str], settled: Mapping[str, str]) -> Iterable[Change]:
    """Of a person's own stage. settled: path -> text of what a compile writes."""
    if not stage.record:
        yield NEW
        return
    if stage.record.get("cmd") != stage.cmd:
        yield Change("command", "cmd", _line(stage.record.get("cmd")), _line(stage.cmd))
    for key, (before, after) in stage.params.items():
        for leaf, (one, two) in overrides.differences({key: before}, {key: after}).items():
            yield Change("settings", leaf, _shown(one), _shown(two))
    yield from _files((change for change in stage.files if change.path not in settled), makers)
    recorded = {dep.get("path"): dep.get("md5", "") for dep in stage.record.get("deps") or ()}
    for path in stage.needs:
        if path in settled and recorded.get(path, "") != _md5(settled[path]):
            yield Change("data", path, recorded.get(path, ""), _md5(settled[path]))


def _line(command: Any) -> str:
    return command if isinstance(command, str) else " && ".join(map(str, command or ()))


def _outs(entry: Mapping[str, Any]) -> Iterable[str]:
    for section in ("outs", "metrics", "plots"):
        for out in entry.get(section, ()):
            yield out if isinstance(out, str) else next(iter(out))


def _settings(entry: Mapping[str, Any], keys: Iterable[str], settings: Any) -> Iterable[Change]:
    recorded = (entry.get("params") or {}).get(layout.PARAMS) or {}
    for key in sorted({*keys, *recorded}):
        before, after = recorded.get(key, ABSENT), look_up(settings, key) if key in keys else ABSENT
        for leaf, (one, two) in overrides.differences({key: before}, {key: after}).items():
            yield Change("settings", leaf, _shown(one), _shown(two))


def _shown(value: Any) -> str:
    return "" if value is ABSENT else overrides.show(value)


def _stands_on(project: Project, entry: Mapping[str, Any], stage: str, files: Mapping[str, str]) -> Iterable[Change]:
    name = layout.fingerprint(stage)
    recorded = next((dep.get("md5", "") for dep in entry.get("deps", ()) if dep.get("path") == name), "")
    now = files[name]
    if _md5(now) == recorded:
        return
    before = _recorded_text(project, name, recorded)
    if before is None:
        yield Change("code", f"{name}, whose recorded text is not to be found", recorded, _md5(now))
        return
    for key, (one, two) in fingerprint.differences(before, now).items():
        kind, _, unit = key.partition(" ")
        if kind == "types":  # the settings that changed are named already, with their values
            continue
        if kind == "package":
            one, two = fingerprint.words(key, one, two)
        yield Change(kind, unit, one, two)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _recorded_text(project: Project, name: str, md5: str) -> str | None:
    """The fingerprint as the last run saw it: on disk, or in some commit."""
    file = project.path(name)
    if file.is_file() and _md5(text := file.read_text(encoding="utf-8")) == md5:
        return text
    texts = (git.show(project.root, commit, name) for commit in git.history_of(project.root, name))
    return next((text for text in texts if text is not None and _md5(text) == md5), None)


def _files(changes: Iterable[dvc.FileChange], makers: Mapping[str, str]) -> Iterable[Change]:
    for change in changes:
        if change.path.startswith(f"{layout.FINGERPRINTS}/") or (not change.is_output and change.path in makers):
            continue
        kind = "output" if change.is_output else "data"
        if change.files:
            for inner, (one, two) in change.files.items():
                yield Change(kind, f"{change.path}/{inner}", one, two)
        else:
            yield Change(kind, change.path, change.before, change.after)


def as_json(reasons: Mapping[str, list[Change]]) -> dict[str, Any]:
    """For `--json`."""
    return {stage: [asdict(change) for change in changes] for stage, changes in reasons.items()}
