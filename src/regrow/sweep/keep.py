"""A finished experiment becomes a commit under refs/exps, its outputs objects in the cache: as DVC itself leaves it."""

from collections.abc import Iterable, Mapping
from typing import Any

from regrow import hashing, names
from regrow.recorded import Entry, Recorded
from regrow.sweep.frozen import Experiment
from regrow.tools import git, lockfile
from regrow.yaml_files import look_up, read_yaml


def reference(base: str, name: str) -> str:
    """The name that DVC finds an experiment of a commit by."""
    return f"refs/exps/{base[:2]}/{base[2:]}/{name}"


def commit(recorded: Recorded, experiment: Experiment, known: Mapping[str, Entry], blobs: Mapping[str, bytes]) -> str:
    """Make the commit: the base with settings, fingerprints, dvc.lock and the outputs that Git keeps. Its full name.

    Raises RegrowError if Git refuses.
    """
    files = {path: text.encode() for path, text in experiment.files.items()}
    for stage in recorded.stages:
        files |= {out.path: blobs[known[out.path].md5] for out in stage.outs if out.in_git and out.path not in files}
    files[names.DVC_LOCK] = lock(recorded, experiment, known).encode()
    return git.add_commit(
        recorded.root,
        reference(recorded.commit, experiment.name),
        recorded.commit,
        f"regrow sweep: {' '.join(experiment.overrides) or 'as it is'}\n",
        files,
    )


def lock(recorded: Recorded, experiment: Experiment, known: Mapping[str, Entry]) -> str:
    """The text of dvc.lock, as DVC writes it after it has run these stages."""
    document = read_yaml(recorded.text(names.DVC_LOCK) or "", names.DVC_LOCK)
    for stage in recorded.stages:
        written = document["stages"][stage.name]
        for section in ("deps", "outs"):
            if section in written:
                written[section] = [_item(item, known[str(item["path"])]) for item in written[section]]
        for file, values in (written.get("params") or {}).items():
            if file == names.PARAMS:
                written["params"][file] = {key: look_up(experiment.settings, key) for key in values}
    return lockfile.text(document)


def _item(written: Mapping[str, Any], entry: Entry) -> dict[str, Any]:
    told: dict[str, Any] = {"path": written["path"], "hash": "md5", "md5": entry.md5, "size": entry.size}
    if entry.files >= 0:
        told["nfiles"] = entry.files
    return told | ({"isexec": True} if written.get("isexec") else {})


def as_entry(path: str, digest: hashing.Digest, in_git: bool) -> Entry:
    """An output by its hashes."""
    return Entry(path, digest.md5, digest.size, in_git, files=len(digest.files) if digest.files else -1)


def compiled(experiment: Experiment) -> Iterable[Entry]:
    """What the compile stage makes of an experiment."""
    for path, text in experiment.files.items():
        yield as_entry(path, hashing.of_bytes(text.encode()), True)
