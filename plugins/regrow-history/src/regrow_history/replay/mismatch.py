"""Why a replayed output is not the recorded one: its first difference, how large it is, and the likely cause."""

import json
import os
import posixpath
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base.hashing import Digest
from regrow.base.safe_path import safe_join
from regrow.base.yaml_files import look_up, read_text, read_yaml
from regrow.record.commit_record import Entry, Recorded, StageRecord
from regrow_history.replay import differences
from regrow_history.replay import stage as rerun
from regrow_history.replay.stage import Ran, Task

CPU = "CPU: "
UNKNOWN = "what made it then is not in the commit: an undeclared input, another package, or an edit"


def explain(task: Task, ran: Ran, different: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Path -> difference, cause, equivalent (`replay.Compared`) of the outputs of a stage that differ."""
    outs = [out for out in ran.stage.outs if out.path in different]
    changed = [dep.path for dep in ran.stage.deps if dep.md5 and ran.inputs.get(dep.path) != dep.md5]
    changed += _other_settings(task, ran.stage)
    if ran.stage.declared not in {(), ran.stage.commands}:
        cause = f"command: {layout.DVC_YAML} does not say the one that made the recorded one"
    else:
        cause = f"input: {', '.join(changed)} differs from what was recorded" if changed else ""
    first = _set_aside(task, outs)
    again = {} if cause else rerun.run(ran.stage, task.tree, task.interpreter, place=task.place).made
    found = {out.path: _explained(task, ran, out, first[out.path], cause, again) for out in outs}
    hashes = layout.hashes(ran.stage.name)
    if others := [path for path in found if path != hashes and hashes in found]:
        before, made = task.recorded.text(hashes) or "", first[hashes]
        if made.is_file() and _but_for(before, others) == _but_for(made.read_text(encoding="utf-8"), others):
            equivalent = all(found[path].get("equivalent") for path in others)
            said = f"the hashes of {', '.join(others)}"
            found[hashes] |= {"difference": said, "cause": "they differ", "equivalent": equivalent}
    for path, kept in first.items():  # the stages that follow go on from the first run
        target = safe_join(task.tree, path)
        if kept.exists():
            rerun.remove(target)
            os.replace(kept, target)
    return found


def _other_settings(task: Task, stage: StageRecord) -> list[str]:
    """The settings, such as "params.yaml model.C", that are not what dvc.lock says the stage ran with."""
    other = []
    for name, values in stage.params.items():
        file = safe_join(task.tree, posixpath.normpath(posixpath.join(stage.folder, name)))
        if file.suffix in {".yaml", ".yml"} and file.is_file():
            now = read_yaml(read_text(file, name), name)
            found = ((key, _keys(look_up(now, key), value)) for key, value in values.items())
            other += [f"{name} {key}{inner}" for key, inners in found for inner in inners]
    return other


def _keys(now: Any, then: Any) -> list[str]:
    """The keys below a setting that differ, each with a dot before it; "" for the setting itself."""
    if now == then:
        return []
    if not isinstance(now, dict) or not isinstance(then, dict):
        return [""]
    keys = sorted({*now, *then}, key=str)
    return [f".{key}{inner}" for key in keys for inner in _keys(now.get(key), then.get(key))]


def _but_for(hashes: str, outputs: Iterable[str]) -> Any:
    """What a stage's file of hashes says of all but some outputs."""
    said = _parsed(hashes)
    told = said.get("outputs")
    return said | {"outputs": {path: told[path] for path in told.keys() - {*outputs}} if isinstance(told, dict) else 0}


def _set_aside(task: Task, outs: Iterable[Entry]) -> dict[str, Path]:
    kept = {}
    for out in outs:
        kept[out.path] = safe_join(task.place / "first", out.path)
        kept[out.path].parent.mkdir(parents=True, exist_ok=True)
        made = safe_join(task.tree, out.path)
        if made.exists():
            os.replace(made, kept[out.path])
    return kept


def _explained(
    task: Task, ran: Ran, out: Entry, made: Path, cause: str, again: Mapping[str, Digest | None]
) -> dict[str, Any]:
    if ran.made.get(out.path) is None:
        return {"difference": "was not made", "cause": cause}
    if not out.md5:
        return {"difference": "no hash was recorded", "cause": cause}
    before = recorded_version(task, out)
    if before is None:
        return {"difference": "the recorded bytes are nowhere to be had", "cause": cause}
    found = differences.first(before, made)
    where = f"{found.place}: " if found.place else ""
    said = f"{where}recorded {found.recorded}, replayed {found.replayed}"
    why = cause or _likely(task, ran, out, made, found, again)
    return {
        "difference": said + (f" ({found.magnitude})" if found.magnitude else ""),
        "cause": why,
        "by_machine": why.startswith(CPU),
        "equivalent": differences.equivalent(before, made),
    }


def recorded_version(task: Task, out: Entry) -> Path | None:
    """An output as the commit recorded it, from Git, cache or remote; None if no place has it whole."""
    target = safe_join(task.place / "recorded", out.path)
    target.parent.mkdir(parents=True, exist_ok=True)
    if out.in_git and out.path in task.recorded.files:
        target.write_bytes(task.recorded.bytes(out.path) or b"")
        return target
    files = task.supplies.files(out)
    for relative, md5 in (files or {}).items():
        path = safe_join(task.place / "recorded", f"{out.path}/{relative}" if relative else out.path)
        if task.supplies.fetch(md5, path) is None:
            return None
    return target if files is not None and target.exists() else None


def _likely(
    task: Task,
    ran: Ran,
    out: Entry,
    made: Path,
    found: differences.Difference,
    again: Mapping[str, Digest | None],
) -> str:
    """The cause where the inputs are as recorded: from a second run, the machine, and the look of the values."""
    seen = differences.likely_cause(found)
    once, twice = ran.made[out.path], again.get(out.path)
    if once and (twice is None or twice.md5 != once.md5):
        between = differences.likely_cause(differences.first(made, safe_join(task.tree, out.path))) if twice else ""
        seen = "clock" if "clock" in {seen, between} else between or seen
        return f"not deterministic, two replays differ, too: {seen or 'random numbers without a seed, or the clock'}"
    then, now = machine_of(task.recorded, ran.stage), _machine_here(task, ran.stage)
    if then and now and then != now:
        return f"{CPU}recorded on {_line(then)}, here {_line(now)}"
    return seen or UNKNOWN


def machine_of(recorded: Recorded, stage: StageRecord) -> Mapping[str, Any]:
    """What the commit says of the machine that ran a stage, {} where it says nothing."""
    return _machine(recorded.text(layout.hashes(stage.name)) or "{}")


def _machine_here(task: Task, stage: StageRecord) -> Mapping[str, Any]:
    file = task.tree / layout.hashes(stage.name)
    return _machine(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _machine(text: str) -> Mapping[str, Any]:
    machine = _parsed(text).get("machine")
    return machine if isinstance(machine, dict) else {}


def _parsed(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _line(machine: Mapping[str, Any]) -> str:
    return " ".join(str(machine[key]) for key in sorted(machine))
