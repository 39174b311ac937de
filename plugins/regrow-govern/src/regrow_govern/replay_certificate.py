"""governance/replay/replay.json, as `regrow replay REV --report governance/replay` writes it: is it of this record."""

from collections.abc import Mapping

from regrow import layout
from regrow_govern import governance
from regrow_govern.record_files import Evidence

HOW = f"regrow replay HEAD --report {governance.FOLDER}/replay, and commit it"


def wrong(evidence: Evidence) -> str:
    """Why it does not say that every output of dvc.lock came out identical, or ""."""
    made = evidence.files.json(governance.REPLAY)
    if not isinstance(made, Mapping) or not isinstance(made.get("outputs"), list):
        return f"has no certificate: {HOW}"
    if made.get("exit_code") != 0 or not all(one.get("identical") for one in made["outputs"]):
        return f"does not pass: the replay of {str(made.get('commit'))[:10]} ended in {made.get('exit_code')}"
    replayed = {str(one["path"]): str(one["recorded"]) for one in made["outputs"]}
    stages = evidence.mapping(layout.DVC_LOCK).get("stages") or {}
    for stage in stages.values():
        for out in stage.get("outs", ()):
            path = str(out["path"])
            if path in replayed and out.get("md5") != replayed[path]:
                return f"is stale: it compared another {path}: {HOW}"
    if evidence.path("bundle") not in replayed:
        return f"is stale: it compared no bundle: {HOW}"
    return ""
