"""Evidence of the section model."""

from regrow import RegrowError
from regrow.tools import git
from regrow_govern import approvals, governance
from regrow_govern.readiness.case import Case, LackingError, Proof
from regrow_govern.roles import Roles

REVIEWED = "Reviewed-by"


def reviewed(case: Case) -> Proof:
    """model.1: the last commit that changed settings or code was approved by a role that is not its author's, or says
    who reviewed it, and that is not its author."""
    found = git.lines(case.root, "log", "-1", "--format=%H", case.commit, "--", "conf", "src")
    if not found:
        raise LackingError("no commit holds conf/ or src/")
    for commit in dict.fromkeys((found[0], case.commit)):
        if who := _approver(case, commit):
            return Proof(f"approved by {who}", (case.commit_itself(commit),))
    author = git.lines(case.root, "log", "-1", "--format=%ae", found[0])[0].lower()
    trailers = git.lines(case.root, "log", "-1", f"--format=%(trailers:key={REVIEWED},valueonly)", found[0])
    others = [one for one in trailers if "@" in one and author not in one.lower()]
    if not others:
        raise LackingError(
            f"nobody but its author is known to have seen {found[0][:10]}, the last change of conf/ and src/"
        )
    return Proof(f"reviewed by {others[0]}", (case.commit_itself(found[0]),))


def _approver(case: Case, commit: str) -> str:
    """Who approved it by a signature that counts, which an author's never does; "" for nobody."""
    try:
        roles = governance.committed(case.root, governance.ROLES, Roles)
        found = approvals.read(case.pipeline.project, commit, roles, case.today)
    except RegrowError:
        return ""
    return next((f"{one.name} ({one.role})" for one in found if one.counts and one.decision == approvals.APPROVE), "")


def online(case: Case) -> Proof:
    """model.2: monitoring compared what was measured in use with what was measured before."""
    return case.passed("monitor.performance*", "performance.*")


def searched(case: Case) -> Proof:
    """model.3: a search chose the settings, and says that it found the best of what it tried."""
    use = case.settings.get("search", {}).get("use", "none")
    if use in ("none", "fixed"):
        raise LackingError(f"search is {use}: nothing was searched")
    trials, evidence = case.artifact("trials")
    if len(trials) < 2:
        raise LackingError("the search tried fewer than two candidates")
    return Proof(f"the search {use} tried {len(trials)} candidates", (evidence,))


def tuned(case: Case) -> Proof:
    """model.3: no setting near by is better."""
    return case.passed("ready.tuning")


def ageing(case: Case) -> Proof:
    """model.4: what an older model loses on the same rows was measured, whatever came out."""
    found, evidence = next(case.findings("staleness.age"))
    if found["verdict"] == "not enough data" and not found.get("numbers"):
        raise LackingError(found["seen"])
    return Proof(found["seen"].partition(";")[0], (evidence,))


def simpler(case: Case) -> Proof:
    """model.5: better than a guess beyond chance, and not worse than a linear model by more than chance."""
    held = case.passed("guess.beaten")
    metrics, evidence = case.artifact("metrics")
    key = next(iter(case.settings["evaluation"]["metrics"]))
    linear = metrics.get("baseline", {}).get("linear", {}).get(key)
    if linear is not None:
        use = case.settings["evaluation"]["metrics"][key]["use"]
        component = case.pipeline.plugins.components.get(("metric", use))
        lower = component is not None and component.better == "lower"
        ends = metrics.get("intervals", {}).get(key, {})
        best = ends.get("low") if lower else ends.get("high")
        if best is not None and (linear < best if lower else linear > best):
            raise LackingError(f"a linear model has {key} {linear:.4g}, beyond what chance gives the model")
    beside = f", and no worse than a linear model ({linear:.4g})" if linear is not None else ""
    return Proof(f"{held.said}{beside}", (*held.evidence, evidence))


def slices(case: Case) -> Proof:
    """model.6: no part of the rows is worse than chance explains."""
    return case.passed("slices.*")


def fairness(case: Case) -> Proof:
    """model.7: the rates of the plugin fairness."""
    return case.passed("fairness.*")


def inclusion(case: Case) -> Proof:
    """model.7: the check inclusion."""
    return case.passed("ready.inclusion*")
