"""Whether dvc.lock agrees with itself, with dvc.yaml and with the settings. Reads texts; hashes and runs nothing."""

import json
import posixpath
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from regrow import layout
from regrow.base.errors import RegrowError
from regrow.base.yaml_files import ABSENT, look_up, read_yaml
from regrow.record.commit_record import Entry, Recorded, StageRecord, is_dvcs
from regrow.tools import dvc_forms
from regrow.tools.dvc_templates import ResolvedStages
from regrow.verify.claims import Listings, Read
from regrow.verify.findings import SETTINGS, STAGES, Discrepancy, Level

PARTS = 4  # of a stage that are held against dvc.yaml: commands, dependencies, outputs, keys of settings
_RERUN = "dvc repro, then commit what it changed"
_OUTPUTS = ("outs", "metrics", "plots")  # sections of a stage, also as outs_persist and the like of older DVC


def check(recorded: Recorded, read: Read, listings: Listings) -> list[Discrepancy]:
    """All contradictions. read: a file's bytes as they stand beside this dvc.lock. listings: of folders, as far as
    known."""
    stages = [*_forms(recorded, read), *_itself(recorded, listings), *_pipeline(recorded, read)]
    kinds = {STAGES: stages, SETTINGS: _settings(recorded, read)}
    return [replace(one, kind=kind) for kind, found in kinds.items() for one in found]


def _forms(recorded: Recorded, read: Read) -> Iterable[Discrepancy]:
    """DVC's files are of the form that DVC writes: a key that it does not know may have been one that it needs."""
    for path in filter(is_dvcs, recorded.files):
        data = read(path)
        document = _parsed(path, data)
        wrong = dvc_forms.problem(path, document) if data is not None and document is not None else ""
        if wrong:
            fix = f"git log -p -- {path} shows who changed it"
            yield Discrepancy(Level.MISMATCH, path, path, f"is not of DVC's form: {wrong}", fix=fix)


def _itself(recorded: Recorded, listings: Listings) -> Iterable[Discrepancy]:
    """A stage's dependency is what its producer made, or what the .dvc file says of an input."""
    made: dict[str, tuple[Entry, str]] = {}
    for entry in recorded.data:
        made[entry.path] = entry, f"{entry.path}.dvc"
    for stage in recorded.stages:
        for out in stage.outs:
            if out.path in made:
                wrong = f"is made twice: by {stage.name}, and by {made[out.path][1]}"
                yield Discrepancy(Level.MISMATCH, layout.DVC_LOCK, out.path, wrong, fix="take it out of one of them")
            made[out.path] = out, f"stage {stage.name}"
    for stage in recorded.stages:
        for dep in (*stage.deps, *stage.outs):
            if not dep.md5:
                wrong = f"stage {stage.name} records no md5 of it that can be checked"
                yield Discrepancy(
                    Level.MISMATCH, layout.DVC_LOCK, dep.path, wrong, fix="with DVC 3: dvc commit -f, commit"
                )
        for dep in stage.deps:
            source, whose = made.setdefault(dep.path, (dep, f"stage {stage.name}"))
            known = _inside(dep, made, listings)
            if known and known[0] != dep.md5:
                yield _other(dep, stage, known[0], known[1])
            elif source.md5 != dep.md5:
                yield _other(dep, stage, source.md5, whose)
            elif min(source.size, dep.size) >= 0 and source.size != dep.size:
                yield _other(dep, stage, f"{source.size} bytes", whose, f"{dep.size} bytes")
            elif min(source.files, dep.files) >= 0 and source.files != dep.files:
                yield _other(dep, stage, f"{source.files} files", whose, f"{dep.files} files")


def _inside(dep: Entry, made: Mapping[str, tuple[Entry, str]], listings: Listings) -> tuple[str, str] | None:
    """(md5, whose) of a file that lies in a folder which a stage makes, "" if it is not in there."""
    above = dep.path
    while above := posixpath.dirname(above):
        if above in made and made[above][0].md5 in listings and not dep.md5.endswith(".dir"):
            entry, whose = made[above]
            return listings[entry.md5].get(dep.path.removeprefix(f"{above}/"), ""), whose
    return None


def _other(dep: Entry, stage: StageRecord, theirs: str, whose: str, ours: str = "") -> Discrepancy:
    wrong = f"stage {stage.name} read another version than {whose} has"
    return Discrepancy(Level.MISMATCH, layout.DVC_LOCK, dep.path, wrong, theirs, ours or dep.md5, _RERUN)


def _pipeline(recorded: Recorded, read: Read) -> Iterable[Discrepancy]:
    """The same stages, commands, dependencies, outputs and keys of settings as in dvc.yaml, with values put in."""
    locks = {f"{stage.name.rpartition(':')[0]}:" if ":" in stage.name else "" for stage in recorded.stages} | {""}
    for prefix in sorted(locks):
        file = posixpath.join(prefix.removesuffix(":"), layout.DVC_YAML)
        pipeline = recorded.pipelines.get(file, ResolvedStages({}))
        records = {
            stage.name.removeprefix(prefix): stage
            for stage in recorded.stages
            if stage.name.startswith(prefix) and ":" not in stage.name.removeprefix(prefix)
        }
        if not pipeline.stages and not pipeline.unresolved:
            if records or not prefix:
                yield Discrepancy(Level.MISMATCH, file, file, "is missing, or has no stages", fix="git log -- " + file)
            continue
        yield from _unresolved(prefix, pipeline, file)
        for name in pipeline.stages.keys() - records.keys():
            wrong = f"{file} has this stage, {layout.DVC_LOCK} no run of it"
            yield Discrepancy(Level.MISMATCH, layout.DVC_LOCK, f"stage {prefix}{name}", wrong, fix=_RERUN)
        for name, stage in records.items():
            if name in pipeline.stages:
                yield from _stage(stage, pipeline.stages[name], file)
            yield from _fingerprint(stage)
        yield from _gone(prefix, pipeline, read)


def _unresolved(prefix: str, pipeline: ResolvedStages, file: str) -> Iterable[Discrepancy]:
    for why in dict.fromkeys(pipeline.unresolved.values()):
        stages = ", ".join(f"{prefix}{name}" for name, one in pipeline.unresolved.items() if one == why)
        wrong = f"what it runs can't be told from the commit: {why}"
        fix = f"commit what {file} needs for its ${{}}, foreach and matrix; then: {_RERUN}"
        yield Discrepancy(Level.UNPROVEN, file, f"stage {stages}", wrong, fix=fix)


def _gone(prefix: str, pipeline: ResolvedStages, read: Read) -> Iterable[Discrepancy]:
    lock = posixpath.join(prefix.removesuffix(":"), layout.DVC_LOCK)
    document = _parsed(lock, read(lock))
    stages = document.get("stages") if isinstance(document, dict) else None
    for name in stages or ():
        if not pipeline.has(str(name)):
            wrong = f"{lock} keeps its last run, {layout.DVC_YAML} has it no more: not looked at"
            yield Discrepancy(Level.NOTE, lock, f"stage {name}", wrong)


def _stage(stage: StageRecord, written: Mapping[str, Any], file: str) -> Iterable[Discrepancy]:
    pairs = [
        ("cmd", stage.declared, stage.commands),
        ("deps", _paths(stage.folder, written, "deps"), tuple(sorted(dep.path for dep in stage.deps))),
        ("outs", _paths(stage.folder, written, *_OUTPUTS), tuple(sorted(out.path for out in stage.outs))),
        ("params", tuple(sorted(_keys(written))), tuple(sorted(_recorded_keys(stage, written)))),
    ]
    again = f"dvc repro {file}:{stage.name.rpartition(':')[2]}" if ":" in stage.name else "dvc repro"
    for what, theirs, ours in pairs:
        if theirs != ours:
            new, old = (sorted(set(theirs) - set(ours)), sorted(set(ours) - set(theirs)))
            wrong = f"its {what} in {layout.DVC_LOCK} are not those in {file}"
            shown = (", ".join(old), ", ".join(new)) if new or old else (", ".join(ours), ", ".join(theirs))
            forced = "" if new or what == "cmd" else " --force"  # DVC runs nothing for less than there was
            fix = f"{again}{forced}, then commit what it changed"
            yield Discrepancy(Level.MISMATCH, layout.DVC_LOCK, f"stage {stage.name}", wrong, *shown, fix)


def _fingerprint(stage: StageRecord) -> Iterable[Discrepancy]:
    ours_only = [one for one in stage.commands if one.startswith(layout.STAGE_COMMAND)]
    fingerprint = posixpath.join(stage.folder, layout.fingerprint(stage.name.rpartition(":")[2]))
    if ours_only and fingerprint not in {dep.path for dep in stage.deps}:
        wrong = f"does not stand on {fingerprint}: its code and packages are not recorded"
        yield Discrepancy(
            Level.MISMATCH, layout.DVC_LOCK, f"stage {stage.name}", wrong, fix=f"regrow compile; {_RERUN}"
        )
    name, made = stage.name.rpartition(":")[2], {out.path for out in stage.outs}
    is_compile = name == layout.COMPILE and posixpath.join(stage.folder, layout.PARAMS) in made
    if is_compile or fingerprint in {dep.path for dep in stage.deps}:
        alone = layout.COMPILE_COMMAND if is_compile else f"{layout.STAGE_COMMAND}{name}"
        if stage.declared == stage.commands != (alone,):
            wrong, ran = "runs other commands than regrow compile writes for it", "; ".join(stage.commands)
            fix = f"regrow compile; {_RERUN}"
            yield Discrepancy(Level.MISMATCH, layout.DVC_LOCK, f"stage {stage.name}", wrong, alone, ran, fix)


def _listed(written: Mapping[str, Any], *sections: str) -> Iterable[Any]:
    for section, items in written.items():
        if section.partition("_")[0] in sections and isinstance(items, list):
            yield from items


def _paths(folder: str, written: Mapping[str, Any], *sections: str) -> tuple[str, ...]:
    named = (str(next(iter(item), "")) if isinstance(item, dict) else str(item) for item in _listed(written, *sections))
    return tuple(sorted(posixpath.normpath(posixpath.join(folder, one)) for one in named))


def _keys(written: Mapping[str, Any]) -> Iterable[str]:
    for item in _listed(written, "params"):
        for file, keys in item.items() if isinstance(item, dict) else ((layout.PARAMS, [item]),):
            yield from (f"{file}:{key}" for key in keys or ("",))


def _recorded_keys(stage: StageRecord, written: Mapping[str, Any]) -> Iterable[str]:
    """Keys as dvc.yaml would name them: a file that is named as a whole there, is here as well."""
    whole = {key.removesuffix(":") for key in _keys(written) if key.endswith(":")}
    yield from (f"{file}:" for file in whole & stage.params.keys())
    yield from (f"{file}:{key}" for file, values in stage.params.items() if file not in whole for key in values)


def _settings(recorded: Recorded, read: Read) -> Iterable[Discrepancy]:
    """Each stage ran with the settings that stand in the files."""
    for stage in recorded.stages:
        for name, values in stage.params.items():
            file = posixpath.normpath(posixpath.join(stage.folder, name))
            if posixpath.splitext(file)[1] not in _READERS:
                wrong = f"the settings that stage {stage.name} takes from it are not compared: no YAML, JSON or TOML"
                fix = "put them into a file of one of these forms; a replay compares what they make"
                yield Discrepancy(Level.UNPROVEN, file, file, wrong, fix=fix)
                continue
            document = _parsed(file, read(file))
            for key, value in values.items():
                now = document.get(key, ABSENT) if isinstance(document, dict) else ABSENT
                now = look_up(document, key) if now is ABSENT else now
                if _text(now) != _text(value):
                    wrong = f"stage {stage.name} ran with another value of {key}"
                    fix = f"git checkout the {file} of the run, or: {_RERUN}"
                    yield Discrepancy(Level.MISMATCH, file, file, wrong, _text(value), _text(now), fix)


def _text(value: Any) -> str:
    """Equal only for equal values of equal types."""
    return "(absent)" if value is ABSENT else json.dumps(value, sort_keys=True, default=repr, ensure_ascii=False)


def _toml(text: str, name: str) -> Any:
    return tomllib.loads(text)


_READERS = {".yaml": read_yaml, ".yml": read_yaml, ".json": lambda text, name: json.loads(text), ".toml": _toml}


def _parsed(file: str, data: bytes | None) -> Any:
    """None for what is not there, or can't be read."""
    reader = _READERS.get(posixpath.splitext(file)[1], read_yaml)
    try:
        return None if data is None else reader(data.decode("utf-8", "replace"), file)
    except (RegrowError, ValueError):
        return None
