"""Evidence of the section monitoring."""

import math
from typing import Any

from regrow import layout
from regrow_govern.readiness.case import Case, LackingError, Proof

MOST_DAYS = 365  # of a model's age, where nothing is known of how it ages


def dependencies(case: Case) -> Proof:
    """monitoring.1: every package is pinned by hash, fingerprints say what each stage stands on and fit what is here,
    and a workflow looks at that with every push."""
    from regrow.compile.write_and_check import check

    lock = case.file(layout.REQUIREMENTS)
    text = (case.root / layout.REQUIREMENTS).read_text(encoding="utf-8")
    if "--hash=sha256:" not in text:
        raise LackingError(f"{layout.REQUIREMENTS} pins nothing by hash: make lock")
    problems, _ = check(case.pipeline.project)
    if problems:
        raise LackingError(f"{problems[0].where} {problems[0].wrong}: regrow compile")
    prints = [case.file(layout.fingerprint(stage.name)) for stage in case.pipeline.stages]
    runs = case.workflow("make", "check")
    said = f"{text.count('==')} packages are pinned, {len(prints)} fingerprints name what stages stand on"
    return Proof(said, (lock, prints[0], runs))


def guarded(case: Case) -> Proof:
    """monitoring.2: tried now: a row with a value of another type, and one without a needed column, are refused by the
    guard; an example is not."""
    bundle, evidence = case.bundle()
    row = dict(bundle.examples()[0]["row"])
    needed = [one.name for one in bundle.schema.needed]
    spoilt: list[dict[str, Any]] = [
        row,
        {**row, needed[0]: {"not": "a value"}},
        {k: v for k, v in row.items() if k != needed[0]},
    ]
    verdicts = [bundle.guard.judge(bundle.schema.of_rows([one])).of(0) for one in spoilt]
    if verdicts[1:] != ["refused", "refused"] or verdicts[0] == "refused":
        raise LackingError(f"the guard says {', '.join(verdicts)} of a good row, a wrong type and a missing column")
    many = len(bundle.guard.assumptions)
    return Proof(f"{len(needed)} columns and {many} assumptions are checked in every request; tried now", (evidence,))


def no_skew(case: Case) -> Proof:
    """monitoring.3: when the bundle was made, held-out rows were scored from raw columns, and came out as recorded."""
    bundle, evidence = case.bundle()
    tried = bundle.about.get("tried", {})
    compared = int(tried.get("compared", 0))
    if not compared or compared != tried.get("rows"):
        raise LackingError("no held-out row was scored again from its raw columns")
    if bundle.self_test():
        raise LackingError("the bundle's examples come out otherwise here")
    return Proof(f"{compared} held-out rows came out of the bundle as training recorded them", (evidence,))


def fresh(case: Case) -> Proof:
    """monitoring.4: the training is not older than the age at which the analysis `staleness` says to train anew; where
    it says nothing, not older than a year."""
    evidence = case.recorded("model")
    age, most, why = (case.today - evidence.day).days, MOST_DAYS, "nothing is known of how it ages"
    try:
        found, known = next(case.findings("staleness.age"))
        days = (found.get("numbers") or {}).get("days")
        days = days.get("value") if isinstance(days, dict) else days
        if days is not None and found["verdict"] == "failed":
            most, why = int(days), found["code"]
        elements: tuple[Any, ...] = (evidence, known)
    except LackingError:
        elements = (evidence,)
    if age > most:
        raise LackingError(f"the model is {age} days old, and {most} are the most ({why})")
    return Proof(f"the model is {age} days old, {most} are the most", elements)


def stable(case: Case) -> Proof:
    """monitoring.5: tried now: rows at the ends of what training saw, and far beyond, get finite answers or are
    refused."""
    bundle, evidence = case.bundle()
    rows, example = [], bundle.examples()[0]["row"]
    for column in bundle.schema.needed:
        if isinstance(column.low, int | float) and isinstance(column.high, int | float):
            reach = max(abs(column.low), abs(column.high), 1)
            whole = column.kind == "integer"
            ends = (column.low, column.high, -1e6 * reach, 1e6 * reach)
            rows += [{**example, column.name: int(one) if whole else float(one)} for one in ends]
    if not rows:
        raise LackingError("no column is a number")
    made = bundle.predict(rows)
    numbers = made.select_dtypes("number").to_numpy(dtype=float)
    if not math.isfinite(float(abs(numbers).max(initial=0.0))):
        raise LackingError("an answer to a row of large numbers is not finite")
    return Proof(f"{len(rows)} rows at the ends and far beyond: {len(made)} finite answers, tried now", (evidence,))


def fast(case: Case) -> Proof:
    """monitoring.6: monitoring looks at latency, or two drills of this project can be compared."""
    return case.passed("monitor.latency*", "latency.*")


def quality(case: Case) -> Proof:
    """monitoring.7: monitoring looks at quality once labels are there."""
    return case.passed("monitor.quality*", "monitor.performance*", "performance.*")
