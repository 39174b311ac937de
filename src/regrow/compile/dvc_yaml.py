"""Stages -> the text of dvc.yaml. Pure: what a person wrote in the file stays as it is, to the letter."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from io import StringIO
from pathlib import PurePosixPath
from typing import Any

from regrow import layout
from regrow.artifacts import TYPES, type_of
from regrow.base.errors import Problem, RegrowError
from regrow.plugin.components import nearest
from regrow.plugin.declare import STAGE_KINDS, Artifact, ArtifactType, Stage
from regrow.plugin.needs import Every
from regrow.plugin.project import unsafe_path

NOTE = "# The stages from here to the next note are written by `regrow compile`; edits to them are lost."
NOTE_END = "# Stages of your own; regrow leaves them as they are."
RESERVED = (
    *layout.COMPILE_DEPS,
    layout.FINGERPRINTS,
    layout.HASHES,
    layout.PARAMS,
    layout.DVC_YAML,
    layout.DVC_LOCK,
    layout.VENDOR,
)


def path_of(artifact: Artifact) -> str:
    """Where an artifact lies in the project."""
    kind = type_of(artifact)
    return artifact.path or f"{kind.folder}/{artifact.name}{kind.ending}"


def artifacts_of(stages: Mapping[str, Stage]) -> dict[str, Artifact]:
    """Every artifact that some stage makes, by name."""
    return {made.name: made for stage in stages.values() for made in stage.makes}


def ordered(
    stages: Mapping[str, Stage], sources: Mapping[str, str], types: Mapping[str, ArtifactType] | None = None
) -> list[Stage]:
    """The stages in the order they can run in; where that is free by kind, then by name. types: those of plugins.

    Raises RegrowError, all at once: an unknown artifact type, an unsafe path, two makers of one artifact or path, a
    need that nobody makes, a cycle.
    """
    types = types or {}
    problems = [
        Problem(f"artifact type {name!r} is one of regrow's own", f"module {types[name].module}", "rename it")
        for name in sorted(types.keys() & TYPES.keys())
    ]
    problems += [*_malformed(stages, sorted({*TYPES, *types})), *_twice(stages, sources), *_unmade(stages, sources)]
    if problems:
        raise RegrowError.of(problems)
    makers = {made.name: stage.name for stage in stages.values() for made in stage.makes}
    graph = {name: sorted({makers[need] for need in stages[name].inputs if need in makers}) for name in sorted(stages)}
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        raise RegrowError(f"the stages need each other in a circle: {' -> '.join(error.args[1])}") from None
    order: list[Stage] = []
    ready: set[str] = set()
    while sorter.is_active():
        ready |= set(sorter.get_ready())
        first = min(ready, key=lambda name: (STAGE_KINDS.index(stages[name].kind), name))
        order.append(stages[first])
        ready.remove(first)
        sorter.done(first)
    return order


def _unmade(stages: Mapping[str, Stage], sources: Mapping[str, str]) -> Iterable[Problem]:
    there = [*artifacts_of(stages), *sources]
    for stage in stages.values():
        for need in stage.inputs:
            if need not in there:
                wrong = f"needs {need!r}, which no stage makes and no source is"
                yield Problem(wrong, f"stage {stage.name}", nearest(need, there))


def _malformed(stages: Mapping[str, Stage], types: list[str]) -> Iterable[Problem]:
    for stage in stages.values():
        where = f"stage {stage.name}"
        if stage.name == layout.COMPILE:
            yield Problem(f"the name {layout.COMPILE!r} is taken by regrow's own stage", where, "rename it")
        for need in stage.needs:
            if isinstance(need, Every) and need.type not in types:
                yield Problem(f"needs every {need.type!r}, which is no type; {nearest(need.type, types)}", where)
        for made in stage.makes:
            if made.type not in types:
                yield Problem(
                    f"artifact {made.name!r} has unknown type {made.type!r}; {nearest(made.type, types)}", where
                )
            elif problem := unsafe_path(path_of(made), f"{where}, artifact {made.name}"):
                yield problem
            elif PurePosixPath(path_of(made)).parts[0] in RESERVED:
                yield Problem(f"artifact {made.name!r} may not lie in {path_of(made)}", where, "give it another path")


def _twice(stages: Mapping[str, Stage], sources: Mapping[str, str]) -> Iterable[Problem]:
    makers: dict[str, str] = {name: f"[tool.regrow.sources] {name}" for name in sources}
    paths: dict[PurePosixPath, str] = {
        PurePosixPath(path.casefold()): f"source {name}" for name, path in sources.items()
    }
    for stage in stages.values():
        for made in stage.makes:
            if made.name in makers:
                yield Problem(
                    f"artifact {made.name!r} is made twice", f"{makers[made.name]} and stage {stage.name}", "rename one"
                )
            makers[made.name] = f"stage {stage.name}"
            if made.type not in TYPES and not made.kept:
                continue
            path = PurePosixPath(path_of(made).casefold())  # some file systems make no difference
            for other, owner in paths.items():
                if path == other or path.is_relative_to(other) or other.is_relative_to(path):
                    yield Problem(
                        f"{path} and {other} overlap", f"stage {stage.name} and {owner}", "give one another path"
                    )
            paths[path] = f"stage {stage.name}"


def dvc_stages(
    order: Iterable[Stage], sources: Mapping[str, str], compile_deps: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """The `stages:` that regrow writes, as plain data, of each dvc.yaml by its path; `compile` first in the project's.

    Those in another folder work in the project's, too.
    """
    order = list(order)
    made = {artifact.name: path_of(artifact) for stage in order for artifact in stage.makes}
    paths = {**sources, **made}
    outs = [layout.PARAMS, layout.SETTINGS_LOCK, *(layout.fingerprint(stage.name) for stage in order)]
    files: dict[str, dict[str, Any]] = {layout.DVC_YAML: {}}
    files[layout.DVC_YAML] = {
        layout.COMPILE: {
            "desc": "Compose the settings; say what code and packages each stage stands on",
            "cmd": layout.COMPILE_COMMAND,
            "deps": list(compile_deps),
            "outs": [{path: {"cache": False, "persist": True}} for path in outs],
        }
    }
    for stage in order:
        about = stage.about.replace("${", "$ {")  # DVC would take it for one of its variables
        entry: dict[str, Any] = {"desc": about} if about else {}
        entry["cmd"] = f"{layout.STAGE_COMMAND}{stage.name}"
        entry |= {"wdir": ".."} if stage.pipeline else {}
        entry["deps"] = [*(paths[need] for need in stage.inputs), layout.fingerprint(stage.name)]
        if stage.params:
            entry["params"] = sorted(stage.params)
        for artifact in stage.makes:
            kind = type_of(artifact)
            options = {**({} if kind.cached else {"cache": False}), **artifact.options}
            entry.setdefault(kind.section, []).append({path_of(artifact): options} if options else path_of(artifact))
        entry.setdefault("outs", []).append({layout.hashes(stage.name): {"cache": False}})
        files.setdefault(layout.pipeline(stage.pipeline), {})[stage.name] = entry
    return files


def is_ours(entry: Any) -> bool:
    """Whether a stage of dvc.yaml was written by regrow."""
    command = entry.get("cmd", "") if isinstance(entry, dict) else ""
    return isinstance(command, str) and (command == layout.COMPILE_COMMAND or command.startswith(layout.STAGE_COMMAND))


def written_by_hand(document: Any) -> dict[str, Any]:
    """A person's own stages in a parsed dvc.yaml."""
    stages = document.get("stages") or {} if isinstance(document, dict) else {}
    return {name: entry for name, entry in stages.items() if not is_ours(entry)}


def matches(document: Any, stages: Mapping[str, Any]) -> bool:
    """Whether a parsed dvc.yaml holds exactly these stages of ours, whatever else a person put there."""
    present = document.get("stages") or {} if isinstance(document, dict) else {}
    return {name: entry for name, entry in present.items() if is_ours(entry)} == dict(stages)


def render(existing: str, stages: Mapping[str, Any], file: str = layout.DVC_YAML) -> str:
    """dvc.yaml with our stages renewed. Raises RegrowError if a person's stage has the name of one of ours."""
    from regrow.base.yaml_files import blocks

    before, own, after, indent = blocks(existing, "stages", file)
    kept: list[str] = []
    for name, (entry, lines) in own.items():
        if is_ours(entry):
            continue
        if name in stages:
            fix = f"rename the one in {file}"
            raise RegrowError(f"stage {name!r} is there already, written by hand", where=file, fix=fix)
        kept.append("".join(line for line in lines.splitlines(keepends=True) if line.strip() not in {NOTE, NOTE_END}))
    margin = " " * indent
    ours = "".join(f"{margin}{line}" if line.strip() else line for line in _dump(stages).splitlines(keepends=True))
    tail = f"{margin}{NOTE_END}\n{''.join(kept)}" if kept else ""
    return f"{before}stages:\n{margin}{NOTE}\n{ours}{tail}{after}"


def _dump(data: Mapping[str, Any]) -> str:
    from ruamel.yaml import YAML

    writer = YAML()
    writer.width = 4096
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = StringIO()
    writer.dump(dict(data), stream)
    return stream.getvalue()
