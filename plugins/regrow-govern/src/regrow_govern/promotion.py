"""What has to be in order before a commit is promoted, each refusal by its name; and the move."""

import datetime
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regrow import RegrowError
from regrow.base.errors import Problem
from regrow.plugin.project import Project
from regrow.tools import git
from regrow_govern import approvals, governance, mitigations, model_tags, replay_certificate, trusted_tags
from regrow_govern.promotion_settings import Promotion
from regrow_govern.record_files import Evidence
from regrow_govern.risk_register import Register
from regrow_govern.roles import Roles


@dataclass(frozen=True)
class Case:
    """A commit that is to be promoted, and the rules as the protected branch has them."""

    project: Project
    revision: str
    commit: str
    evidence: Evidence
    roles: Roles
    register: Register
    rules: Promotion
    today: datetime.date

    @classmethod
    def of(cls, project: Project, revision: str, today: datetime.date) -> "Case":
        """Raises RegrowError for a revision that is no commit, and where a file of governance/ is missing or wrong."""
        evidence = Evidence.of(project, revision)
        root = project.root
        return cls(project, revision, git.resolve(root, revision) or revision, evidence,
                   governance.committed(root, governance.ROLES, Roles),
                   governance.committed(root, governance.RISK, Register),
                   governance.committed(root, governance.PROMOTION, Promotion), today)  # fmt: skip

    def approvals(self) -> list[approvals.Approval]:
        """Those of the commit."""
        return approvals.read(self.project, self.revision, self.roles, self.today)


def refusals(case: Case) -> Iterator[Problem]:
    """Everything that is not in order."""
    yield from _decision(case)
    yield from approvals.missing(case.approvals(), case.roles, case.register.tier)
    if wrong := _drill(case):
        yield Problem(wrong, "drill", f"regrow drill -o {governance.DRILL}, and commit it")
    if case.rules.replay and (wrong := replay_certificate.wrong(case.evidence)):
        yield Problem(wrong, "replay", replay_certificate.HOW)
    yield from _bundle(case)
    yield from mitigations.unanswered(case.register)
    yield from mitigations.problems(case.register, case.evidence, case.today)


def _decision(case: Case) -> Iterator[Problem]:
    from regrow_evaluation.decision_check import checked

    try:
        made, wrong = checked(case.evidence.files, case.today)
    except RegrowError as error:
        yield from error.problems
        return
    yield from (one.problem for one in wrong)
    if made["decision"] != "approved":
        failed = [one for one in made.get("gates", ()) if one["verdict"] != "passed"]
        for gate in failed:
            yield Problem(
                f"gate failed: {gate['verdict']}: {gate['seen']}", f"gate {gate['name']}", f"owner: {gate['owner']}"
            )
        if not failed:
            yield Problem(f"the decision is {made['decision']}: {made['sentence']}", "decision.json")


def _drill(case: Case) -> str:
    table, passed = case.evidence.drills()
    if not passed:
        return "there is no table of drills"
    if stale := mitigations.stale_drill(table, case.evidence, case.today, case.rules.drill_days):
        return stale
    failed = [name for name, well in passed.items() if not well]
    return f"failed: {', '.join(failed)}" if failed else ""


def _bundle(case: Case) -> Iterator[Problem]:
    """The bundle's bytes, wherever DVC has them, are those that were recorded; its packages' licences are in order."""
    import hashlib
    import json

    from regrow_history.experiments.opened import OpenProject
    from regrow_serve.archive import unpack

    with tempfile.TemporaryDirectory(prefix="regrow-promote-") as folder:
        try:
            data = OpenProject(case.project).at(case.commit).save("bundle", Path(folder)).read_bytes()
            members, _ = unpack(data, "bundle")
        except RegrowError as error:
            yield from error.problems
            return
    if hashlib.sha256(data).hexdigest() != case.evidence.bundle:
        yield Problem("the bundle was changed: its bytes are not those that its stage recorded", "bundle", "regrow run")
    wrong = case.rules.licences.wrong(json.loads(members.get("licences.json", b"{}")))
    for package, what in wrong.items():
        yield Problem(what, f"licence of {package}", f"{governance.PROMOTION} licences.accepted: {{{package}: why}}")


def promote(case: Case, stage: str, version: str, key: Path | None, by: str) -> tuple[str, str]:
    """Register and move; returns the tags. Raises RegrowError with every refusal, or for an unknown stage."""
    if stage not in case.rules.stages:
        there = ", ".join(case.rules.stages)
        raise RegrowError(f"{stage!r} is no stage", where="--to", fix=f"{governance.PROMOTION} stages: {there}")
    if found := [*refusals(case)]:
        raise RegrowError.of(found)
    root, model = case.project.root, model_tags.name_of(case.project)
    trusted_tags.require_key(root, key)
    known = model_tags.versions(root, model)
    there = next((one for one, (commit, _) in known.items() if commit == case.commit), "")
    chosen = there or version or model_tags.next_version(list(known))
    evidence = {**_evidence(case), "action": "promote", "version": chosen, "by": by}
    registered = f"{model}@{chosen}" if there else model_tags.register(root, model, chosen, case.commit, evidence, key)
    line = f"Promote {model} {chosen} to {stage}"
    return registered, model_tags.move(root, model, stage, case.commit, line, evidence, key)


def _evidence(case: Case) -> dict[str, Any]:
    table, _ = case.evidence.drills()
    replay: Mapping[str, Any] = case.evidence.files.json(governance.REPLAY) or {}
    found = [one for one in case.approvals() if one.counts and one.decision == approvals.APPROVE]
    signed = {(one.role, one.email): one for one in found}.values()
    return {
        "bundle": case.evidence.bundle,
        "decision": case.evidence.decision,
        "commit": case.commit,
        "tier": case.register.tier,
        "approvals": [
            {"role": one.role, "name": one.name, "signed": one.signed, "expires": one.expires} for one in signed
        ],
        "drill": str(table.get("date", "")),
        "replay": str(replay.get("commit", "")),
        "rules": governance.protected(case.project.root)[1],
    }
