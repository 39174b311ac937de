"""Whether what a risk names as its mitigation exists, passes, and is of today's model."""

import datetime
from collections.abc import Iterator

from regrow import RegrowError
from regrow.base.errors import Exit, Problem
from regrow.plugin.components import nearest
from regrow_govern import governance, replay_certificate
from regrow_govern.record_files import Evidence
from regrow_govern.risk_register import Mitigation, Register, Risk

DAYS = 90  # how old a drill may be that stands against a risk


def problems(register: Register, evidence: Evidence, today: datetime.date) -> Iterator[Problem]:
    """What is wrong with the answers that are there, by the name of the risk."""
    for name, risk in register.all():
        yield from of_risk(name, risk, evidence, today)


def unanswered(register: Register) -> Iterator[Problem]:
    """What nobody has answered yet."""
    for name, risk in register.all():
        if missing := risk.unanswered:
            fix = f"answer it in {governance.RISK}; what a mitigation can name: regrow risks --mitigations"
            yield Problem(f"is not answered: {', '.join(missing)}. {risk.question}", f"risk {name}", fix)


def of_risk(name: str, risk: Risk, evidence: Evidence, today: datetime.date) -> Iterator[Problem]:
    """What is wrong with one risk."""
    where = f"risk {name}"
    if risk.review is not None and risk.review < today:
        fix = f"look at it again, then move its review date in {governance.RISK}"
        yield Problem(f"was to be reviewed by {risk.review} ({risk.owner or 'nobody owns it'})", where, fix)
    for one in risk.mitigation:
        if wrong := weakness(one, evidence, today):
            fix = f"mend it, or name another mitigation in {governance.RISK}: regrow risks --mitigations"
            yield Problem(f"its mitigation {one} {wrong}", where, fix)


def weakness(one: Mitigation, evidence: Evidence, today: datetime.date) -> str:
    """Why a mitigation is none today, "" where it is one."""
    looks = {"gate": _gate, "check": _check, "drill": _drill, "monitor": _monitor}
    return looks[one.kind](one.name, evidence, today)


def _none(name: str, there: list[str], what: str) -> str:
    return f"names nothing real: there is no such {what}" + (f"; {nearest(name, there)}" if there else ", and no other")


def _gate(name: str, evidence: Evidence, today: datetime.date) -> str:
    gates = evidence.gates()
    if name not in gates:
        return _none(name, sorted(gates), "gate")
    verdict, waiver = gates[name]["verdict"], gates[name].get("waiver")
    if verdict != "passed":
        waived = f", waived by {waiver['name']} until {waiver['until']}" if waiver else ""
        return f"does not pass: {verdict}{waived}"
    return _stale_decision(evidence, today)


def _stale_decision(evidence: Evidence, today: datetime.date) -> str:
    from regrow_evaluation.decision_check import checked

    _, wrong = checked(evidence.files, today)
    stale = [one for one in wrong if one.code == Exit.MISMATCH]
    return f"is stale: {stale[0].where}: {stale[0].wrong}" if stale else ""


def _check(name: str, evidence: Evidence, today: datetime.date) -> str:
    found = evidence.findings()
    if name not in found:
        return _none(name, sorted(found), "finding")
    finding, changed = found[name]
    return (
        f"is stale: {changed}"
        if changed
        else ""
        if finding["verdict"] == "passed"
        else f"does not pass: {finding['verdict']}"
    )


def _drill(name: str, evidence: Evidence, today: datetime.date) -> str:
    if name == "replay":
        return replay_certificate.wrong(evidence)
    table, passed = evidence.drills()
    if name not in passed:
        how = f"regrow drill -o {governance.DRILL}, and commit it"
        return f"{_none(name, sorted(passed), 'drill')} ({how})"
    return stale_drill(table, evidence, today, DAYS) or (
        "" if passed[name] else "does not pass: requests got no answer"
    )


def stale_drill(table: object, evidence: Evidence, today: datetime.date, days: int) -> str:
    """Why a table of drills says nothing of today's bundle, or ""."""
    try:
        day = datetime.date.fromisoformat(str(table["date"]))  # type: ignore[index]
    except (TypeError, KeyError, ValueError):
        return f"is in a table without a date: regrow drill -o {governance.DRILL}"
    if (today - day).days > days:
        return f"is stale: the drill of {day} is older than {days} days"
    bundle = evidence.recorded("bundle")
    if table.get("bundle") != bundle:  # type: ignore[attr-defined]
        return "is stale: it was made with another bundle"
    return ""


def _monitor(name: str, evidence: Evidence, today: datetime.date) -> str:
    there = evidence.monitors()
    if name not in there:
        return _none(name, sorted(there), "stage of monitor/dvc.yaml")
    return "" if there[name] else "has never run: regrow monitor --until DATE"


def require(register: Register, evidence: Evidence, today: datetime.date) -> None:
    """Raises RegrowError with everything that is not answered, names nothing real, fails or is stale."""
    if found := [*unanswered(register), *problems(register, evidence, today)]:
        raise RegrowError.of(found)
