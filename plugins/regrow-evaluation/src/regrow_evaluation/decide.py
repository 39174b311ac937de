"""Stage `decide`: gates over all findings and metrics become decision.json, which cites what it judged."""

import hashlib
from collections.abc import Mapping
from typing import Any

from regrow import Context, RegrowError
from regrow.artifacts import blocks
from regrow.artifacts.jsontext import dumps
from regrow.base.errors import Problem
from regrow_evaluation.gates import FAILED, LITTLE, Case, Ruling
from regrow_evaluation.settings import DecideSettings, GateSettings, Objective, Waiver

APPROVED, REFUSED, UNDECIDED = "approved", "refused", "undecided"
MAY = {
    APPROVED: "The model may be used",
    REFUSED: "The model may not be used",
    UNDECIDED: "It cannot be said whether the model may be used",
}
DECISIVE = ("critical", "major")
WEAK = ("slices.weak.", "fairness.")  # how codes begin of what says for whom it fails


def decide(
    findings: Mapping[str, Any], metrics: Mapping[str, Any], analyses: Mapping[str, Any], settings: DecideSettings
) -> dict[str, Any]:
    """The decision, and the section that opens the report.

    A waiver is judged by `gates.as_of`; without one it holds, and `regrow decision check` compares it with a day.
    Raises RegrowError, with every problem, for a gate over what is not there.
    """
    case = _case(findings, metrics, analyses, settings)
    context = Context(task=settings.data.task, target=settings.data.target.final_name)
    gates, problems = [], []
    for name, use in settings.gates.rules.items():
        try:
            outcome = use.make(context)(case)
        except RegrowError as error:
            problems += [Problem(one.wrong, f"gates.rules.{name}", one.fix) for one in error.problems]
            continue
        gates.append(_told(name, use.component.about, use.name, use.settings, outcome, settings))
    if problems:
        raise RegrowError.of(problems)
    verdict = _verdict(gates)
    judged = {**_hashes(findings), **_hashes(metrics), **_hashes(analyses)}
    decision = {
        "decision": verdict,
        "sentence": _sentence(verdict, gates),
        "gates": gates,
        "as_of": settings.gates.as_of.isoformat() if settings.gates.as_of else None,
        "looks": int(metrics.get("metrics", {}).get("looks", 1)),
        "judged": judged,
    }
    return {"decision": decision, "decision_section": _section(decision, case, settings)}


def _case(findings: Mapping[str, Any], metrics: Mapping[str, Any], analyses: Mapping[str, Any],
          settings: DecideSettings) -> Case:  # fmt: skip
    measured = {name: made.get("metrics", {}) for one in analyses.values() for name, made in one.items()}
    uses = settings.evaluation.metrics
    own = metrics.get("metrics", {})
    leading = next((key for key in uses if key in own), next(iter(uses)))
    better = {key: use.component.better for key, use in uses.items()}
    return Case({**measured, **metrics}, [one for each in findings.values() for one in each], leading, better)


def _hashes(artifacts: Mapping[str, Any]) -> dict[str, str]:
    """Artifact -> sha256 of its file, which holds it in canonical form."""
    return {name: hashlib.sha256(dumps(value).encode()).hexdigest() for name, value in artifacts.items()}


def _told(name: str, about: str, use: str, settings: GateSettings, outcome: Ruling,
          all_settings: DecideSettings) -> dict[str, Any]:  # fmt: skip
    waiver = _waived(settings.waiver, outcome, all_settings)
    return {
        "name": name,
        "use": use,
        "about": about,
        "owner": settings.owner,
        "severity": settings.severity,
        "verdict": outcome.verdict,
        "seen": outcome.seen,
        "numbers": dict(outcome.numbers),
        "waiver": waiver,
    }


def _waived(waiver: Waiver | None, outcome: Ruling, settings: DecideSettings) -> dict[str, Any] | None:
    """The waiver where it is needed, and whether it is still in force."""
    if waiver is None or outcome.verdict == "passed":
        return None
    as_of = settings.gates.as_of
    holds = as_of is None or waiver.until >= as_of
    return {"reason": waiver.reason, "name": waiver.name, "until": waiver.until.isoformat(), "holds": holds}


def _open(gates: list[dict[str, Any]], verdict: str) -> list[dict[str, Any]]:
    """The decisive gates of a verdict that no waiver lets through."""
    return [
        one
        for one in gates
        if one["verdict"] == verdict and one["severity"] in DECISIVE and not (one["waiver"] or {}).get("holds")
    ]


def _verdict(gates: list[dict[str, Any]]) -> str:
    if _open(gates, FAILED):
        return REFUSED
    return UNDECIDED if _open(gates, LITTLE) or not gates else APPROVED


def _sentence(verdict: str, gates: list[dict[str, Any]]) -> str:
    """What `regrow run` ends with."""
    if not gates:
        return f"{verdict}: there are no gates; see conf/gates"
    stopping = [*_open(gates, FAILED), *_open(gates, LITTLE)]
    waived = sum(bool((one["waiver"] or {}).get("holds")) for one in gates)
    more = f", {waived} of the others waived" if waived else ""
    passed = sum(one["verdict"] == "passed" for one in gates)
    reasons = "; ".join(f"{one['name']}: {one['verdict']}" for one in stopping)
    return f"{verdict}: {passed} of {len(gates)} gates passed{more}" + (f"; {reasons}" if reasons else "")


def _section(decision: Mapping[str, Any], case: Case, settings: DecideSettings) -> dict[str, Any]:
    said = [blocks.text(" ".join(_lead(decision, case, settings.objective)))]
    measured = case.measured.get("metrics", {})
    if case.leading in measured:
        said.append(blocks.number(case.leading, "metrics", case.leading))
        if case.leading in measured.get("baseline", {}):
            said.append(blocks.number("a guess has", "metrics", f"baseline.{case.leading}"))
    if "value" in case.measured.get("harm", {}):
        unit = f"{settings.objective.unit} per thousand".strip()
        said.append({"kind": "number", "label": "worth", "value": case.measured["harm"]["value"], "unit": unit})
    if told := _objective(settings.objective):
        said.append(blocks.table("What it is for", ["", ""], told))
    said += [_gate(one) for one in decision["gates"]]
    return {"title": f"Predicting {settings.data.target.final_name}", "level": "decide", "order": -10, "blocks": said}


def _lead(decision: Mapping[str, Any], case: Case, objective: Objective) -> list[str]:
    """May it be used, how good is it, at what cost, and for whom does it fail."""
    asked = [objective.question.rstrip(".?!") + "?"] if objective.question else []
    open_gates = [one["name"] for verdict in (FAILED, LITTLE) for one in _open(decision["gates"], verdict)]
    why = f", because of {', '.join(open_gates)}" if open_gates else ""
    why = why or ("" if decision["gates"] else ", as no gates are set")
    by_code = {one["code"]: one["verdict"] for one in case.findings}
    beaten = {
        "passed": "It is better than a guess that looks at no feature.",
        "failed": "It is no better than a guess that looks at no feature.",
        LITTLE: "Whether it is better than a guess can't be said with so few rows.",
    }.get(by_code.get("guess.beaten", ""), "")
    worth = {
        "passed": "Its decisions are worth more than treating everybody the same.",
        "failed": "Its decisions are worth no more than treating everybody the same.",
        LITTLE: "What its decisions are worth can't be said with so few rows.",
    }.get(by_code.get("harm.value", ""), "")
    weak = [one["title"].removeprefix("As good ").removesuffix(" as elsewhere") for one in case.findings
            if one["code"].startswith(WEAK) and one["verdict"] == FAILED]  # fmt: skip
    looked = by_code.get("slices.weak") == "passed"
    fails = f"It is worse {'; '.join(weak[:3])}." if weak else ""
    fails = fails or ("No part of the rows was found for which it is worse than chance explains." if looked else "")
    return [*asked, f"{MAY[decision['decision']]}{why}.", *filter(None, (beaten, worth, fails))]


def _objective(objective: Objective) -> list[list[str]]:
    told = [("Decision", objective.decision), ("Owner", objective.owner)]
    told += [(name, f"{kpi.formula}\n{kpi.unit}" if kpi.unit else kpi.formula) for name, kpi in objective.kpis.items()]
    return [[name, text] for name, text in told if text]


def _gate(one: Mapping[str, Any]) -> dict[str, Any]:
    waiver = one["waiver"]
    words = one["seen"]
    if waiver:
        holds = "waived" if waiver["holds"] else "the waiver has ended"
        words += f" {holds}: {waiver['reason']} ({waiver['name']}, until {waiver['until']})"
    title = f"{one['name']}: {one['about'] or one['use']}"
    made = {"code": f"gate.{one['name']}", "title": title, "severity": one["severity"], "verdict": one["verdict"]}
    numbers = {name: dict(n) if isinstance(n, Mapping) else n for name, n in one["numbers"].items()}
    return {"kind": "finding", **made, "seen": words, "numbers": numbers, "owner": one["owner"],
            "docs": "docs/evaluate.md#gates"}  # fmt: skip
