"""Approvals: an in-toto statement over bundle and decision, signed by SSH key, in the notes of the commit.

A statement holds for the bytes that it names: another bundle or decision, or another byte of the statement, voids it.
Shape: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md
"""

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regrow import RegrowError, layout
from regrow.base.errors import Exit, Problem
from regrow.plugin.project import Project
from regrow.tools import git
from regrow_govern import git_write, governance, ssh_signature
from regrow_govern.record_files import Evidence
from regrow_govern.roles import NAMESPACE, Person, Roles

TYPE = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:regrow:approval:v1"
APPROVE, REJECT = "approve", "reject"


@dataclass(frozen=True)
class Approval:
    """A statement of a commit's notes. wrong: why it does not count, or ""."""

    role: str
    email: str
    name: str
    decision: str
    note: str
    signed: str
    expires: str
    wrong: str
    statement: Mapping[str, Any]

    @property
    def counts(self) -> bool:
        """Whether it is in order."""
        return not self.wrong


def sign(project: Project, revision: str, role: str, decision: str, note: str, key: Path,
         now: datetime.datetime, expires: datetime.date | None = None) -> Approval:  # fmt: skip
    """Sign, and put it into the notes. Raises RegrowError where the key or the role is not in roles.yaml."""
    evidence = Evidence.of(project, revision)
    commit = git.resolve(project.root, revision) or revision
    roles = governance.committed(project.root, governance.ROLES, Roles)
    found = roles.with_key(ssh_signature.public_key(key))
    if found is None:
        fix = f"put the public key into {governance.ROLES} people.NAME.keys, and have it merged"
        raise RegrowError("the approver's key is unknown", where=str(key), fix=fix, code=Exit.UNSAFE)
    name, person = found
    if role not in person.roles:
        wrong = f"{name} has not the role {role}, but {', '.join(person.roles)}"
        raise RegrowError(wrong, where=governance.ROLES, code=Exit.UNSAFE)
    if decision == APPROVE and (wrong := _is_author(project.root, commit, person)):
        raise RegrowError(wrong, where=name, fix="let another person with the role sign", code=Exit.UNSAFE)
    until = expires or now.date() + datetime.timedelta(days=roles.valid_days)
    said = {"role": role, "person": person.email, "decision": decision, "note": note, "commit": commit,
            "signed": now.isoformat(timespec="seconds"), "expires": until.isoformat()}  # fmt: skip
    statement = {"_type": TYPE, "subject": subjects(evidence), "predicateType": PREDICATE, "predicate": said}
    payload = json.dumps(statement, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    signature = ssh_signature.sign(payload.encode(), key, NAMESPACE)
    git_write.add_note(
        project.root, commit, json.dumps({"payload": payload, "signature": signature}, ensure_ascii=False)
    )
    return _approval(statement, name, "")


def subjects(evidence: Evidence) -> list[dict[str, Any]]:
    """What is signed: the bundle and the decision, each by the sha256 that its stage recorded."""
    named = (("bundle", evidence.bundle), ("decision", evidence.decision))
    return [{"name": evidence.path(name), "digest": {"sha256": digest}} for name, digest in named]


def read(project: Project, revision: str, roles: Roles, today: datetime.date) -> list[Approval]:
    """All of a commit, oldest first, each checked."""
    commit = git.resolve(project.root, revision) or revision
    lines = git_write.notes(project.root, commit)
    if not lines:
        return []
    expected, allowed = subjects(Evidence.of(project, revision)), roles.allowed_signers()
    return [_checked(project.root, commit, line, roles, expected, allowed, today) for line in lines]


def _checked(root: Path, commit: str, line: str, roles: Roles, expected: Sequence[Mapping[str, Any]], allowed: str,
             today: datetime.date) -> Approval:  # fmt: skip
    try:
        envelope = json.loads(line)
        payload, signature = str(envelope["payload"]), str(envelope["signature"])
        statement = json.loads(payload)
        said = {
            key: str(statement["predicate"][key]) for key in ("role", "person", "decision", "note", "expires", "signed")
        }
    except (ValueError, KeyError, TypeError):
        empty = dict.fromkeys(("role", "person", "decision", "note", "expires", "signed"), "")
        return _approval({"predicate": empty}, "", "the statement can't be read: it was changed after signing")
    found = roles.with_email(said["person"])
    name = found[0] if found else said["person"]
    wrong = _signature(payload, signature, allowed, said["person"], roles) or _content(statement, expected, said, today)
    if not wrong and found:
        wrong = _person(root, commit, found[1], said, today)
    return _approval(statement, name, wrong)


def _approval(statement: Mapping[str, Any], name: str, wrong: str) -> Approval:
    said = statement["predicate"]
    return Approval(said["role"], said["person"], name, said["decision"], said["note"], said["signed"], said["expires"],
                    wrong, statement)  # fmt: skip


def _signature(payload: str, signature: str, allowed: str, email: str, roles: Roles) -> str:
    try:
        who = ssh_signature.signer(payload.encode(), signature, NAMESPACE, allowed)
    except RegrowError:
        return "the statement was changed after signing"
    if who is None:
        return "the approver's key is unknown"
    return "" if roles.with_email(email) == roles.with_email(who) else f"it was signed by {who}, and says {email}"


def _content(statement: Mapping[str, Any], expected: Sequence[Mapping[str, Any]], said: Mapping[str, str],
             today: datetime.date) -> str:  # fmt: skip
    if statement.get("_type") != TYPE or statement.get("predicateType") != PREDICATE:
        return "it is no approval"
    signed = {str(one["name"]): one["digest"] for one in statement.get("subject", ())}
    if changed := [str(one["name"]) for one in expected if signed.get(one["name"]) != one["digest"]]:
        return f"changed after signing: {', '.join(changed)}"
    if said["decision"] not in (APPROVE, REJECT):
        return "it is no decision"
    return f"it ended on {said['expires']}" if said["expires"] < today.isoformat() else ""


def _person(root: Path, commit: str, person: Person, said: Mapping[str, str], today: datetime.date) -> str:
    if said["role"] not in person.roles:
        return f"they have not the role {said['role']}"
    if person.until is not None and person.until < today:
        return f"they had the role until {person.until}"
    return _is_author(root, commit, person) if said["decision"] == APPROVE else ""


def _is_author(root: Path, commit: str, person: Person) -> str:
    both = person.emails & git_write.authors(root, commit, layout.DVC_LOCK)
    return f"the approver is the author of the commit ({sorted(both)[0]})" if both else ""


def missing(found: Sequence[Approval], roles: Roles, tier: int) -> Iterator[Problem]:
    """What keeps a commit from being approved at a tier: a rejection, and each role that has not signed, with why."""
    last = {(one.role, one.email): one for one in found if one.counts}
    for one in last.values():
        if one.decision == REJECT:
            yield Problem(f"was rejected: {one.note}", f"{one.role} ({one.name})", "mend that; then they sign again")
    for role in roles.required(tier):
        if not any(one.role == role and one.decision == APPROVE for one in last.values()):
            void = [f"{one.name}'s does not count: {one.wrong}" for one in found if one.role == role and one.wrong]
            who = ", ".join(name for name, one in roles.people.items() if role in one.roles) or "nobody has the role"
            wrong = f"has not approved it, and tier {tier} needs that" + "".join(f"; {one}" for one in void)
            yield Problem(wrong, f"approval, {role}", f"regrow sign REV --as {role} --decision approve ({who})")
    unread = [one for one in found if not one.role]
    yield from (Problem(one.wrong, "approval") for one in unread)
