"""One time line of a model, from Git alone: trained, decided, drilled, signed, promoted, alarmed, rolled back."""

import datetime
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from regrow import layout
from regrow.plugin.project import Project
from regrow.tools import git
from regrow_govern import approvals, governance, model_tags
from regrow_govern.record_files import Evidence
from regrow_govern.roles import Roles

ALARMS = "alarms"  # where regrow-monitor keeps them, a JSON file each


@dataclass(frozen=True)
class Event:
    """What happened. when: ISO, a day or to the second. who: an e-mail or a name. refers: commits and digests."""

    when: str
    what: str
    who: str
    told: str
    refers: Mapping[str, str] = field(default_factory=dict)


def events(project: Project, revision: str, today: datetime.date) -> list[Event]:
    """Of the bundle of a commit, oldest first. Raises RegrowError for what is no commit, or recorded no run."""
    evidence = Evidence.of(project, revision)
    commit = git.resolve(project.root, revision) or revision
    bundle = evidence.bundle
    moves = [*_moves(project, bundle)]
    found = [*_trained(project, commit, evidence), *_evidence_files(project, commit), *_signed(project, commit, today)]
    found += [*moves, *_alarms(project, moves)]
    return sorted(found, key=lambda one: _instant(one.when))


def _instant(when: str) -> datetime.datetime:
    """Of a day alone, its end: what was signed on a day comes after what was committed on it."""
    made = datetime.datetime.fromisoformat(when if "T" in when else f"{when}T23:59:59")
    return made if made.tzinfo else made.replace(tzinfo=datetime.UTC)


def _trained(project: Project, commit: str, evidence: Evidence) -> Iterator[Event]:
    last = git.lines(project.root, "log", "-1", "--format=%H%x1f%ae%x1f%cI%x1f%s", commit, "--", layout.DVC_LOCK)
    name, who, when, subject = last[0].split("\x1f") if last else (commit, "", "", "")
    yield Event(when, "trained", who, f"{subject} ({name[:10]}): bundle {evidence.bundle[:12]}",
                {"commit": name, "bundle": evidence.bundle})  # fmt: skip
    made = evidence.files.json(evidence.path("decision") or "decision.json") or {}
    if made:
        yield Event(when, "decided", "regrow decide", str(made.get("sentence")), {"decision": evidence.decision})


def _evidence_files(project: Project, commit: str) -> Iterator[Event]:
    for path, what in ((governance.DRILL, "drilled"), (governance.REPLAY, "replayed")):
        for line in git.lines(project.root, "log", "-1", "--format=%H%x1f%ae%x1f%cI", commit, "--", path):
            name, who, when = line.split("\x1f")
            yield Event(when, what, who, f"{_told(project, name, path)} ({path} of {name[:10]})", {"commit": name})


def _told(project: Project, commit: str, path: str) -> str:
    try:
        made = json.loads(git.show(project.root, commit, path) or "{}")
    except ValueError:
        return "can't be read"
    if "drills" in made:
        well = sum(bool(one.get("passed")) for one in made["drills"])
        return f"{well} of {len(made['drills'])} drills passed on {made.get('date')}"
    outputs = made.get("outputs", ())
    return f"{sum(bool(one.get('identical')) for one in outputs)} of {len(outputs)} outputs identical"


def _signed(project: Project, commit: str, today: datetime.date) -> Iterator[Event]:
    try:
        roles = governance.committed(project.root, governance.ROLES, Roles)
        found = approvals.read(project, commit, roles, today)
    except Exception as error:
        yield Event(today.isoformat(), "signed", "", f"approvals can't be checked: {error}")
        return
    for one in found:
        void = f"; it does not count: {one.wrong}" if one.wrong else ""
        told = f"{one.decision} as {one.role}: {one.note or 'no note'}, until {one.expires}{void}"
        yield Event(one.signed or today.isoformat(), "signed", one.email, told)


def _moves(project: Project, bundle: str) -> Iterator[Event]:
    past = model_tags.moves(project.root, model=model_tags.name_of(project))
    stood: dict[str, str] = {}
    for one in past:
        by = str(one.evidence.get("by") or one.email)
        refers = {"tag": one.tag, "commit": one.commit, "bundle": one.bundle}
        if one.bundle == bundle:
            back = one.action == "rollback"
            why = f" ({one.evidence.get('reason')})" if back else ""
            what = f"{one.stage} went back to {one.version}{why}" if back else f"{one.version} to {one.stage}"
            yield Event(one.since, "rolled back to" if back else "promoted", by, what, refers)
        elif stood.get(one.stage) == bundle:
            away = "rolled back" if one.action == "rollback" else "replaced"
            yield Event(
                one.since, away, by, f"{one.stage} went to {one.version}: {one.evidence.get('reason', '-')}", refers
            )
        stood[one.stage] = one.bundle


def _alarms(project: Project, moves: Sequence[Event]) -> Iterator[Event]:
    """What regrow-monitor found, as HEAD has its files, while the bundle stood somewhere; and what people did."""
    begin = min((one.when for one in moves if one.what in ("promoted", "rolled back to")), default="")
    last = moves[-1] if moves else None
    end = last.when if last and last.what in ("replaced", "rolled back") else "9999"
    for path in git.lines(project.root, "ls-tree", "-r", "--name-only", "HEAD", "--", f"{ALARMS}/"):
        try:
            alarm = json.loads(git.show(project.root, "HEAD", path) or "{}")
            when, subject, history = str(alarm["opened"]), str(alarm["subject"]), alarm["history"]
        except (ValueError, KeyError, TypeError):
            continue
        if begin and begin[:10] <= when <= end[:10]:
            yield Event(when, "alarmed", str(alarm.get("owner") or "regrow-monitor"), f"{subject} ({path})")
            for one in history:
                yield Event(str(one["day"]), f"alarm {one['state']}", str(one["by"]), f"{subject}: {one['note']}")


def table(found: Sequence[Event]) -> list[list[str]]:
    """Rows to print."""
    return [[one.when[:16].replace("T", " "), one.what, one.who, one.told] for one in found]


def as_json(found: Sequence[Event]) -> list[dict[str, Any]]:
    """Plain data."""
    return [{"when": one.when, "what": one.what, "who": one.who, "told": one.told, **one.refers} for one in found]


def prov(found: Sequence[Event]) -> dict[str, Any]:
    """PROV-JSON (https://www.w3.org/submissions/prov-json/): each event an activity of its agent, about entities."""
    made: dict[str, Any] = {"prefix": {"regrow": "urn:regrow:"}, "entity": {}, "activity": {}, "agent": {},
                            "wasAssociatedWith": {}, "used": {}, "wasGeneratedBy": {}}  # fmt: skip
    for number, one in enumerate(found, 1):
        activity, agent = f"regrow:event/{number}", f"regrow:agent/{one.who or 'unknown'}"
        made["activity"][activity] = {"prov:startTime": one.when, "prov:type": one.what, "prov:label": one.told}
        made["agent"][agent] = {"prov:label": one.who}
        made["wasAssociatedWith"][f"_:a{number}"] = {"prov:activity": activity, "prov:agent": agent}
        for kind, value in one.refers.items():
            entity = f"regrow:{kind}/{value}"
            made["entity"][entity] = {"prov:type": kind}
            relation = "wasGeneratedBy" if one.what == "trained" and kind == "bundle" else "used"
            made[relation][f"_:{kind}{number}"] = {"prov:activity": activity, "prov:entity": entity}
    return made
