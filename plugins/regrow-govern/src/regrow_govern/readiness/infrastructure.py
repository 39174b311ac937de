"""Evidence of the section infrastructure."""

import datetime
import json
from typing import Any

from regrow import RegrowError, layout
from regrow.record.commit_record import read_commit
from regrow_govern import governance, model_tags, replay_certificate
from regrow_govern.readiness import data
from regrow_govern.readiness.case import Case, Evidence, LackingError, Proof
from regrow_govern.record_files import Evidence as Recorded

DRILL_DAYS = 90


def replayed(case: Case) -> Proof:
    """infrastructure.1: a replay, whose certificate is committed, gave every output of HEAD's run again."""
    evidence = case.file(governance.REPLAY)
    if wrong := replay_certificate.wrong(Recorded.of(case.pipeline.project)):
        raise LackingError(f"{governance.REPLAY} {wrong}")
    return Proof("a replay gave every output again, bit for bit", (evidence,))


def refitted(case: Case) -> Proof:
    """infrastructure.1: fitted again, the model gives the same answers."""
    return case.passed("ready.refit")


def _json(case: Case, path: str) -> tuple[Evidence, dict[str, Any]]:
    evidence = case.file(path)
    try:
        told = json.loads((case.root / path).read_bytes())
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise LackingError(f"{path} is no JSON of ours")
    return evidence, told


def model_tested(case: Case) -> Proof:
    """infrastructure.2: the estimator and the steps before it are tried now by the contract kit, the project has tests
    and its workflow runs them."""
    steps = data.used(case, "features.steps", "transformer")
    tried = data.contract(case, [("estimator", str(case.settings["model"]["use"])), *steps])
    own = [path for path in case.files if path.startswith("tests/") and path.rpartition("/")[2].startswith("test_")]
    if not own:
        raise LackingError("there is no tests/test_*.py")
    runs = case.workflow("make", "test")
    return Proof(f"the contract kit tried {tried}, now; {len(own)} files of tests", (*map(case.file, own[:3]), runs))


def integration(case: Case) -> Proof:
    """infrastructure.3: HEAD records a run of every stage, and a workflow replays what is pushed."""
    try:
        record = read_commit(case.root, case.commit)
    except RegrowError as error:
        raise LackingError(str(error)) from None
    ran = {stage.name for stage in record.stages if stage.ran}
    if lacking := [stage.name for stage in case.pipeline.stages if stage.name not in ran]:
        raise LackingError(f"HEAD records no run of {', '.join(lacking[:3])}")
    runs = case.workflow("regrow", "replay", "HEAD")
    return Proof(f"{len(ran)} stages ran as one, and every push is replayed", (case.file(layout.DVC_LOCK), runs))


def decided(case: Case) -> Proof:
    """infrastructure.4: the gates approved what lies here, and the decision still is of that."""
    from regrow_evaluation.decision_check import Files, checked

    decision, evidence = case.artifact("decision")
    made, wrong = checked(Files.of(case.pipeline.project, None), case.today)
    if wrong:
        raise LackingError(str(wrong[0].problem).partition("\n")[0])
    if not made["gates"] or decision["decision"] != "approved":
        raise LackingError(f"the decision is {decision['sentence']}")
    return Proof(decision["sentence"], (evidence,))


def followed(case: Case) -> Proof:
    """infrastructure.5: one of the bundle's examples, now: raw values, each derived step, the features, the answer,
    which is the recorded one to the last bit."""
    import pandas as pd

    from regrow_features.derived import derive

    bundle, evidence = case.bundle()
    if failing := bundle.self_test():
        raise LackingError(f"{len(failing)} of the bundle's examples come out otherwise here")
    typed = bundle.schema.of_rows([bundle.examples()[0]["row"]])
    raw = pd.DataFrame({name: values.iloc[:1] for name, values in typed.values.items()})
    seen: list[str] = []
    derive(raw, bundle.lookups, bundle.steps, (), lambda _step, _before, _lookups, _after, where: seen.append(where))
    said = f"raw values, {len(seen)} derived steps, {len(bundle.schema.features)} features, the answer as recorded"
    return Proof(said, (evidence,))


def drilled(case: Case) -> Proof:
    """infrastructure.6: a server with this bundle was broken on purpose, and answered; not longer ago than 90 days."""
    evidence, told = _json(case, governance.DRILL)
    day = datetime.date.fromisoformat(str(told["date"])[:10])
    bundle = case.recorded("bundle")
    if told.get("bundle") != bundle.sha256:
        raise LackingError(f"{governance.DRILL} is of another bundle")
    if (case.today - day).days > DRILL_DAYS:
        raise LackingError(f"{governance.DRILL} is {(case.today - day).days} days old, and {DRILL_DAYS} are the most")
    if failed := [one["drill"] for one in told["drills"] if not one["passed"]]:
        raise LackingError(f"the drill {failed[0]} left requests without an answer")
    return Proof(f"{len(told['drills'])} drills passed", (evidence, bundle))


def rolled_back(case: Case) -> Proof:
    """infrastructure.7: tags promoted two bundles to one place, so that there is one to go back to."""
    places: dict[tuple[str, str], list[model_tags.Move]] = {}
    for move in model_tags.moves(case.root):
        places.setdefault((move.model, move.stage), []).append(move)
    for (_, stage), moves in sorted(places.items()):
        if len({one.bundle or one.commit for one in moves}) > 1:
            last = moves[-1]
            said = f"{len(moves)} moves of {stage}: regrow rollback --in {stage}"
            return Proof(said, (case.commit_itself(last.commit, f"tag {last.tag}"),))
    raise LackingError("nothing was promoted twice, so there is nothing to go back to")
