"""The way back. It imports little and asks Git little: whoever rolls back is in a hurry."""

from pathlib import Path

from regrow import RegrowError
from regrow.base.errors import Exit
from regrow.plugin.project import Project
from regrow_govern import model_tags, trusted_tags


def roll_back(
    project: Project, stage: str, to: str, reason: str, key: Path | None, by: str
) -> tuple[model_tags.Move, str]:
    """Move a stage back to what it stood at before, or to a version. Returns where it stands now, and the tag.

    Looks at nothing but the tags, so that it is quick: what it goes back to was promoted by all the rules once.
    Raises RegrowError where there is nothing to go back to.
    """
    root, model = project.root, model_tags.name_of(project)
    trusted_tags.require_key(root, key)
    past = model_tags.moves(root, stage, model)
    now = past[-1] if past else model_tags.the_current(root, stage, model)
    before = [one for one in past if one.bundle != now.bundle and to in ("", one.version)]
    if to == "" and before:
        bad = {one.evidence.get("from") for one in past if one.action == "rollback"} - {now.bundle}
        before = [one for one in before if one.bundle not in bad]
    if not before:
        told = ", ".join(dict.fromkeys(one.version for one in past)) or "none"
        wrong = (
            f"{to or 'nothing before it'} was never promoted to {stage}"
            if to
            else f"there is nothing else in {stage} to go back to"
        )
        raise RegrowError(wrong, where=model, fix=f"versions that were in {stage}: {told}", code=Exit.DATA_MISSING)
    target = before[-1]
    evidence = {**target.evidence, "action": "rollback", "reason": reason, "from": now.bundle, "by": by}
    line = f"Roll {model} in {stage} back from {now.version} to {target.version}: {reason}"
    tag = model_tags.move(root, model, stage, target.commit, line, evidence, key)
    return target, tag
