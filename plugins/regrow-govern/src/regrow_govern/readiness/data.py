"""Evidence of the section data."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from regrow import layout
from regrow.plugin.declare import Component
from regrow_govern.readiness.case import Case, Evidence, LackingError, Proof

MOST_MILLISECONDS = 10.0  # of computing for a row, from raw columns to its answer, in a batch
BATCHES, ROUNDS = 16, 3  # of the bundle's examples


def schema(case: Case) -> Proof:
    """data.1: the assumptions of the project, each a finding, hold; ingest recorded the type of every column."""
    held = case.passed("assumption.*")
    record, evidence = case.artifact("ingest_record")
    return Proof(f"{len(record['columns'])} columns have types; {held.said}", (*held.evidence, evidence))


def beneficial(case: Case) -> Proof:
    """data.2: the feature ledger has no feature that brings less than its spread."""
    ledger, evidence = case.artifact("feature_ledger")
    idle = ledger.loc[~ledger["worth"].astype(bool), "feature"].tolist()
    if idle:
        raise LackingError(f"{len(idle)} of {len(ledger)} features bring no more than chance: {', '.join(idle[:3])}")
    return Proof(f"each of {len(ledger)} features brings more than its spread", (evidence,))


def cost(case: Case) -> Proof:
    """data.3: measured now, with the bundle: what a row costs from its raw columns to its answer."""
    bundle, evidence = case.bundle()
    rows = [one["row"] for one in bundle.examples()] * BATCHES
    took = []
    for _ in range(ROUNDS):  # the first one imports
        begun = time.process_time()  # regrow: harmless clock
        bundle.predict(rows)
        took.append(time.process_time() - begun)  # regrow: harmless clock
    spent = 1000 * min(took) / len(rows)
    if spent > MOST_MILLISECONDS:
        raise LackingError(
            f"a row takes {spent:.1f} ms of computing, of at most {MOST_MILLISECONDS:g}, features and model together"
        )
    many = len(bundle.steps)
    return Proof(f"a row takes {spent:.2f} ms, {many} derived steps, {len(bundle.lookups)} lookups", (evidence,))


def allowed(case: Case) -> Proof:
    """data.4: what reaches the model is neither the target nor a leak, and no column tells the target alone."""
    table, evidence = _features(case)
    data = case.settings["data"]
    name = data["target"].get("name") or data["target"]["column"]
    hidden = {*data.get("leaks", ()), data["target"]["column"]} - {name}
    if odd := sorted(hidden & table.keys()):
        raise LackingError(f"{odd[0]} reaches the model, and data.leaks or data.target names it")
    try:
        suspects = list(case.findings("leak.*"))
    except LackingError:
        suspects = []
    if failed := [
        one for one, _ in suspects if one["verdict"] == "failed" and one["severity"] in ("critical", "major")
    ]:
        raise LackingError(failed[0]["seen"])
    split = case.artifact("split_findings")[1]  # where leaks would be told
    return Proof(f"{len(table)} features, none of them in data.leaks, none telling the target alone", (evidence, split))


def _features(case: Case) -> tuple[Mapping[str, Any], Evidence]:
    """The columns that reach the model."""
    table, evidence = case.artifact("features")
    return {str(name): None for name in table.columns}, evidence


def privacy(case: Case) -> Proof:
    """data.5: no raw data in Git; and the check membership passed, so that a row's loss does not give it away."""
    sources = {name: path for name, path in case.pipeline.project.sources.items() if path != layout.REQUIREMENTS}
    for path in sources.values():
        if inside := [one for one in case.files if one == path or one.startswith(f"{path}/")]:
            real = [one for one in inside if not one.endswith((".gitignore", ".dvc", ".gitkeep"))]
            if real:
                raise LackingError(f"{real[0]} lies in Git, where it can't be deleted: dvc add {path}")
    held = case.passed("security.membership")
    return Proof(f"raw data are not in Git; {held.said}", held.evidence)


def quickly(case: Case) -> Proof:
    """data.6: a commit after the first run holds both another set of features and the run that measured it."""
    from regrow.tools import git

    changed = git.lines(case.root, "log", "--format=%H", case.commit, "--", layout.fingerprint("features"))
    runs = set(git.lines(case.root, "log", "--format=%H", case.commit, "--", layout.hashes("features")))
    both = [one for one in changed if one in runs]
    if len(both) < 2:
        raise LackingError("no feature was changed since the first run that a commit holds")
    return Proof("one commit holds another set of features and what came of it", (case.commit_itself(both[0]),))


def tested(case: Case) -> Proof:
    """data.7: every component that derives features or learns them is tried now, by the contract kit: on its example it
    gives the same twice, looks at no other row where it says so, and changes nothing in place."""
    steps = list(used(case, "features.derive", "derive")) + list(used(case, "features.steps", "transformer"))
    if not steps:
        raise LackingError("no step of the features is declared: nothing of them is code of this project")
    tried = contract(case, steps)
    return Proof(f"the contract kit tried {tried}, now", (case.file(layout.PARAMS),))


def used(case: Case, key: str, kind: str) -> Iterator[tuple[str, str]]:
    """Kind and name of the components that a mapping of the settings uses."""
    value: Any = case.settings
    for part in key.split("."):
        value = value.get(part, {}) if isinstance(value, Mapping) else {}
    if isinstance(value, Mapping):
        yield from ((kind, str(use["use"])) for use in value.values() if isinstance(use, Mapping) and "use" in use)


def contract(case: Case, asked: list[tuple[str, str]]) -> str:
    """The components, by kind and name, in words, after each was tried. Raises LackingError for what fails, and for a
    component without an example that works."""
    from dataclasses import replace

    try:
        from regrow_testing import components as kit
    except ImportError:
        raise LackingError("the contract kit is not installed: regrow-testing in requirements.in") from None
    known = case.pipeline.plugins.components
    wanted: dict[tuple[str, str], Component] = {pair: known[pair] for pair in dict.fromkeys(asked) if pair in known}
    for plugin in case.pipeline.plugins.loaded:
        mine = tuple(
            one for one in plugin.components if (one.kind, one.name) in wanted and one.make not in case.contract
        )
        for problem in kit.problems(replace(plugin, components=mine), case.pipeline.plugins) if mine else ():
            raise LackingError(f"{problem.where}: {problem.wrong}")
        case.contract.update(one.make for one in mine)
    names = sorted(name for _, name in wanted)
    return f"{len(names)} components ({', '.join(names[:4])}{', ...' if len(names) > 4 else ''})"
