"""The record of a commit: the seven things it says of an experiment, read from Git objects. Nothing of it is run."""

import json
import posixpath
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base import hashing
from regrow.base.errors import RegrowError
from regrow.base.yaml_files import ABSENT, look_up, read_yaml
from regrow.record.commit_record import Entry, Recorded, StageRecord, read_commit
from regrow.settings import overrides
from regrow.tools import git, stores
from regrow.verify.claims import sworn_hashes
from regrow.verify.git_files import Blobs, compose
from regrow.verify.unproven import statements

ASSUMPTIONS = "data.assumptions"
LARGEST = 10_000_000  # bytes of a record of outcomes that is read
_PIN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*(\[[^\]]*\])?\s*(==|@)", re.MULTILINE)
_SEED = re.compile(r"(^|_)(seed|random_state)$")

Json = dict[str, Any]


def record(root: Path, revision: str) -> Json:
    """assumptions, randomness, data, settings, results, implementation and environment of a commit, the commit, and
    what of it no commit can prove.

    The same on every machine and in every run, but for outcomes of assumptions, which are null where DVC's cache lacks
    them. Sizes are bytes, hashes hexadecimal; what is not known is null. Raises RegrowError as
    `regrow.record.commit_record.read_commit` does.
    """
    recorded = read_commit(root, revision)
    settings = _parsed(recorded, layout.PARAMS)
    sworn = {**_in_git(recorded), **sworn_hashes(recorded, recorded.bytes)[0]}
    return {
        "commit": {"name": recorded.commit, **git.describe(root, recorded.commit)},
        "assumptions": list(_assumptions(recorded, settings)),
        "randomness": _randomness(recorded, settings),
        "data": [_file(entry, sworn) for entry in recorded.inputs],
        "settings": {"values": settings, "overrides": _overrides(recorded, settings)},
        "results": _results(recorded, sworn),
        "implementation": {"stages": [_stage(recorded, stage, sworn) for stage in recorded.stages]},
        "unproven": [{"stage": one.stage, "wrong": one.wrong, "file": one.file} for one in statements(recorded)],
        "environment": _environment(recorded),
    }


def _parsed(recorded: Recorded, path: str) -> Json:
    """A mapping in YAML or JSON, {} if there is none that can be read."""
    try:
        found = read_yaml(recorded.text(path) or "", path)
    except RegrowError:
        return {}
    return found if isinstance(found, dict) else {}


def _in_git(recorded: Recorded) -> dict[str, tuple[str, int]]:
    """Path -> (sha256, size) of the inputs and outputs whose bytes are in the commit, as the run had them."""
    blobs = Blobs(recorded)
    entries = {one.path: one for stage in recorded.stages for one in (*stage.deps, *stage.outs) if one.in_git}
    found = blobs.digests(entries)
    for path, entry in entries.items():
        if entry.md5.endswith(hashing.FOLDER) and (whole := compose(path, recorded, blobs, {})):
            found[path] = whole
    blobs.require()
    return {path: (one.sha256, one.size) for path, one in found.items() if one.md5 == entries[path].md5 and one.sha256}


def _file(entry: Entry, sworn: Mapping[str, tuple[str, int]]) -> Json:
    size = entry.size if entry.size >= 0 else None
    sha256 = sworn.get(entry.path, (None,))[0]
    files = entry.files if entry.files >= 0 else None if entry.md5.endswith(hashing.FOLDER) else 1
    return {"path": entry.path, "md5": entry.md5 or None, "sha256": sha256, "size": size, "files": files}


def _assumptions(recorded: Recorded, settings: Json) -> Iterable[Json]:
    said = look_up(settings, ASSUMPTIONS)
    outcomes = _outcomes(recorded)
    for name, one in said.items() if isinstance(said, dict) else ():
        if isinstance(one, dict):
            about = {key: one.get(key) for key in ("says", "owner", "severity")}
            yield {"name": name, **about, "check": one.get("use"), "outcome": outcomes.get(name)}


def _outcomes(recorded: Recorded) -> dict[str, str]:
    """Assumption -> "passed" and the like, as the stage that checks them wrote it, if its bytes are at hand."""
    found: dict[str, str] = {}
    for stage in recorded.stages:
        if ASSUMPTIONS not in stage.params.get(layout.PARAMS, {}):
            continue
        for out in stage.outs:
            if not out.path.endswith(".json") or out.size > LARGEST:
                continue
            try:
                document = json.loads(_bytes(recorded, out) or b"null")
                found |= {str(one["name"]): str(one["result"]) for one in document["assumptions"]}
            except (ValueError, KeyError, TypeError):
                continue  # another of its outputs
    return found


def _bytes(recorded: Recorded, entry: Entry) -> bytes | None:
    """An output's bytes from Git or the cache, None unless they are those recorded."""
    data: bytes | None = None
    if entry.in_git:
        data = recorded.bytes(entry.path)
    elif entry.md5:
        try:
            with stores.cache(recorded.root).open(entry.md5) as stream:
                data = stream.read(LARGEST)
        except (OSError, RegrowError):
            return None
    return data if data is not None and hashing.of_bytes(data).md5 == entry.md5 else None


def _randomness(recorded: Recorded, settings: Json) -> Json:
    seeds = {key: value for key, value in _leaves(settings) if _SEED.search(key.rpartition(".")[2])}
    stages = {
        stage.name: sorted(
            seed
            for seed in seeds
            if any(seed == key or seed.startswith(f"{key}.") for key in stage.params.get(layout.PARAMS, {}))
        )
        for stage in recorded.stages
    }
    return {"seeds": seeds, "stages": {name: used for name, used in stages.items() if used}}


def _leaves(value: Any, prefix: str = "") -> Iterable[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{prefix}.{key}" if prefix else str(key))
    else:
        yield prefix, value


def _overrides(recorded: Recorded, settings: Json) -> list[Json] | None:
    """What this commit's settings say otherwise than its conf/; None if the commit does not tell what conf/ says."""
    if layout.SETTINGS_LOCK not in recorded.files:
        return None
    base = _parsed(recorded, layout.SETTINGS_LOCK)
    found = overrides.differences(base, settings)
    return [{"key": key, "conf": _plain(one), "here": _plain(two)} for key, (one, two) in sorted(found.items())]


def _plain(value: Any) -> Any:
    return None if value is ABSENT else value


def _results(recorded: Recorded, sworn: Mapping[str, tuple[str, int]]) -> Json:
    metrics = {path: _parsed(recorded, path) for path in _metric_files(recorded) if path in recorded.files}
    outputs = [
        {"stage": stage.name, "kept_by": "git" if out.in_git else "dvc", **_file(out, sworn)}
        for stage in recorded.stages
        for out in stage.outs
    ]
    return {"metrics": metrics, "outputs": sorted(outputs, key=lambda one: str(one["path"]))}


def _metric_files(recorded: Recorded) -> list[str]:
    made = recorded.makers
    found = set()
    for path in recorded.files:
        if posixpath.basename(path) != layout.DVC_YAML:
            continue
        stages = _parsed(recorded, path).get("stages")
        for stage in stages.values() if isinstance(stages, dict) else ():
            listed = stage.get("metrics") if isinstance(stage, dict) else None
            folder = posixpath.join(posixpath.dirname(path), str(stage.get("wdir") or "")) if listed else ""
            for item in listed if isinstance(listed, list) else ():
                name = next(iter(item), "") if isinstance(item, dict) else item
                found.add(posixpath.normpath(posixpath.join(folder, str(name))))
    return sorted(found & made.keys())


def _stage(recorded: Recorded, stage: StageRecord, sworn: Mapping[str, tuple[str, int]]) -> Json:
    folder, _, name = stage.name.rpartition(":")
    return {
        "name": stage.name,
        "commands": list(stage.commands),
        "folder": stage.folder or ".",
        "needs": [_file(dep, sworn) for dep in stage.deps],
        "makes": [out.path for out in stage.outs],
        "settings": {file: dict(values) for file, values in stage.params.items()},
        "stands_on": _fingerprint(recorded.text(posixpath.join(folder, layout.fingerprint(name))) or ""),
    }


def _fingerprint(text: str) -> Json:
    """kind of line -> name -> value, as in fingerprints/STAGE.lock."""
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        kind, _, rest = line.partition(" ")
        if rest and not line.startswith("#"):
            name, _, value = rest.rpartition(" ")
            found.setdefault(kind, {})[name or kind] = value
    return found


def _environment(recorded: Recorded) -> Json:
    texts = [recorded.text(path) or "" for path in sorted(recorded.files) if _is_fingerprint(path)]
    lines = sorted({line for text in texts for line in text.splitlines() if line.startswith(("package ", "python "))})
    packages: dict[str, list[str]] = {}
    for kind, *rest in (line.split(" ") for line in lines):
        packages.setdefault(rest[0] if kind == "package" and len(rest) > 1 else kind, []).append(rest[-1])
    python = packages.pop("python", [])
    wheels = [path for path in sorted(recorded.files) if path.startswith(f"{layout.VENDOR}/") and path.endswith(".whl")]
    files = Blobs(recorded)
    blobs = files.digests([layout.REQUIREMENTS, *wheels])
    files.require()
    lock = blobs.get(layout.REQUIREMENTS)
    return {
        "python": ", ".join(python) or None,
        "packages": {name: ", ".join(versions) for name, versions in packages.items()},
        "requirements": {
            "path": layout.REQUIREMENTS,
            "sha256": lock.sha256,
            "size": lock.size,
            "packages": len(_PIN.findall(recorded.text(layout.REQUIREMENTS) or "")),
        }
        if lock
        else None,
        "vendor": [
            {"path": path, "sha256": blobs[path].sha256, "size": blobs[path].size} for path in wheels if path in blobs
        ],
        "machine": dict(_machines(recorded)),
    }


def _is_fingerprint(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return posixpath.basename(folder) == layout.FINGERPRINTS and name.endswith(".lock")


def _machines(recorded: Recorded) -> Iterable[tuple[str, Json]]:
    """Stage -> on what it ran, as it said itself."""
    for stage in recorded.stages:
        folder, _, name = stage.name.rpartition(":")
        said = _parsed(recorded, posixpath.join(folder, layout.hashes(name))).get("machine")
        if isinstance(said, dict):
            yield stage.name, said
