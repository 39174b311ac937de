"""What is where, since when, by whom and on which evidence; and whether something that runs is what was promoted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regrow.base.errors import Exit
from regrow.plugin.project import Project
from regrow_govern import model_tags, trusted_tags
from regrow_govern.model_tags import Move


def rows(project: Project, history: bool = False) -> list[dict[str, Any]]:
    """One a stage, or with `history` one a move."""
    root, model = project.root, model_tags.name_of(project)
    now = {one.tag for one in model_tags.current(root, model=model)}
    found = model_tags.moves(root, model=model)
    return [
        row(one, one.tag in now) | {"distrust": trusted_tags.distrust(root, one)}
        for one in (found if history else [one for one in found if one.tag in now])
    ]


def row(move: Move, now: bool = True) -> dict[str, Any]:
    """A move, as plain data."""
    told = ("decision", "tier", "approvals", "drill", "replay", "reason")
    return {
        "model": move.model, "stage": move.stage, "version": move.version, "now": now, "action": move.action,
        "since": move.since, "by": str(move.evidence.get("by") or f"{move.by} <{move.email}>"), "signed": move.signed,
        "commit": move.commit, "bundle": move.bundle, "tag": move.tag,
        "evidence": {key: move.evidence[key] for key in told if key in move.evidence},
    }  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What the tags say of a digest. where: stages that stand at it now. was: that stood at it once."""

    digest: str
    versions: Sequence[str]
    where: Sequence[Mapping[str, Any]]
    was: Sequence[Mapping[str, Any]]

    @property
    def promoted(self) -> bool:
        """Whether a stage stands at it now."""
        return bool(self.where)

    @property
    def code(self) -> Exit:
        """0 for what is promoted, 2 for what is unknown, or no longer promoted."""
        return Exit.OK if self.promoted else Exit.MISMATCH

    @property
    def sentence(self) -> str:
        """In words."""
        short = self.digest[:12]
        if self.where:
            places = "; ".join(f"{one['stage']} since {one['since'][:10]}, by {one['by']}" for one in self.where)
            return f"registered as {', '.join(self.versions)}, promoted: {places}; digest {short} is equal"
        if self.versions or self.was:
            before = ", ".join(dict.fromkeys(str(one["stage"]) for one in self.was))
            return f"registered, and not promoted{f' any more (it was in {before})' if before else ''}: digest {short}"
        return f"unknown: no tag names the digest {short}"


def known(project: Project, digest: str) -> Known:
    """What is known of a bundle by its sha256."""
    root, model = project.root, model_tags.name_of(project)
    versions = [one for one, (_, said) in model_tags.versions(root, model).items() if said.get("bundle") == digest]
    moves = [one for one in rows(project, history=True) if one["bundle"] == digest]
    counts = [one["now"] and not one["distrust"] for one in moves]
    where = [one for one, now in zip(moves, counts, strict=True) if now]
    return Known(digest, versions, where, [one for one, now in zip(moves, counts, strict=True) if not now])


def bundle_of(project: Project, digest: str, folder: Path) -> bytes | None:
    """The registered bundle's bytes, to compare others with; None where no place has them."""
    import hashlib

    from regrow import RegrowError
    from regrow_history.experiments.opened import OpenProject

    model = model_tags.name_of(project)
    for commit, said in model_tags.versions(project.root, model).values():
        if said.get("bundle") == digest:
            try:
                data = OpenProject(project).at(commit).save("bundle", folder).read_bytes()
            except RegrowError:
                return None
            return data if hashlib.sha256(data).hexdigest() == digest else None
    return None
