"""What one source of the data does to the model: it is left out, and its rows are held against what the others say."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from regrow import Context
from regrow.artifacts import blocks
from regrow.plugin.context import column_types
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import Analysis, Evidence, Result, number
from regrow_evaluation.weighted import errors, log_losses
from regrow_govern.security.settings import SourcesSettings
from regrow_govern.security.tried import (
    answers,
    apart,
    ends_of,
    fitted,
    nothing,
    predicted,
    scorer_of,
    section,
    told,
    unable,
    worse,
)  # fmt: skip

SAID = "security.sources", "No source says otherwise than the others", "minor"
LIMIT = "a source may differ honestly, and one that lies about everything alike is not found; look at its rows."
STRETCHES, FEWEST, MANY = 5, 2, 50


@dataclass(frozen=True)
class Left:
    """A source that was left out."""

    name: str
    rows: int
    #: its rows against what a model says that learnt from the others alone: mean gap, in the target's spread, and its z
    gap: float
    z: float
    #: by how much the leading metric is worse without it, and the interval
    worse: float
    ends: tuple[float, float] | None


def sources(settings: SourcesSettings, context: Context) -> Analysis:
    """Each source is left out, and the model fitted on the others (Koh and Liang, Understanding black-box predictions
    via influence functions, ICML 2017, by fitting instead of approximating). Its rows are then rows that the model has
    not seen: labels that were changed there stand out. Two classes: the share that came true against the one predicted;
    else its losses against the other rows'. Chance is Bonferroni's, over all sources."""

    def examine(evidence: Evidence) -> Result:
        if why := unable(evidence):
            return nothing(*SAID, why, LIMIT, evidence)
        name, groups = _groups(evidence, settings)
        sizes = groups.value_counts()
        kept = [
            one for one in sorted(sizes.index, key=lambda one: (-sizes[one], one)) if sizes[one] >= settings.least_rows
        ]
        left = [one for one in (_without(evidence, groups, each) for each in kept[: settings.most]) if one]
        if len(left) < FEWEST:
            why = f"fewer than {FEWEST} sources by {name} have {settings.least_rows} training rows"
            return nothing(*SAID, why, LIMIT, evidence)
        return _told(evidence, settings, name, left)

    return examine


def _groups(evidence: Evidence, settings: SourcesSettings) -> tuple[str, pd.Series]:
    """What says the source, and the source of each training row."""
    scorer = scorer_of(evidence)
    if settings.by is not None and evidence.learnt is not None:
        return settings.by, _text(evidence.table[settings.by].iloc[evidence.learnt])
    kinds = column_types(scorer.training)
    counts = {name: scorer.training[name].nunique() for name, kind in kinds.items() if kind == "text"}
    fit = [name for name, count in counts.items() if FEWEST <= count <= MANY]
    if fit:
        name = min(fit, key=lambda one: (counts[one], one))
        return name, _text(scorer.training[name])
    parts = np.arange(len(scorer.training)) * STRETCHES // len(scorer.training)
    return "the order of the rows", pd.Series([f"stretch {part + 1} of {STRETCHES}" for part in parts])


def _text(values: pd.Series) -> pd.Series:
    return values.astype(object).where(values.notna(), "missing").astype(str).reset_index(drop=True)


def _without(evidence: Evidence, groups: pd.Series, name: str) -> Left | None:
    """What leaving one out shows; None where the others can't be learnt from."""
    scorer, p = scorer_of(evidence), evidence.predicted
    own = (groups == name).to_numpy()
    try:
        model = fitted(scorer, scorer.training[~own], scorer.target[~own])
        gap, z = _gap(evidence, model, own)
        new = answers(evidence, model)
    except (ValueError, KeyError):
        return None
    return Left(name, int(own.sum()), gap, z, worse(evidence, p, new), ends_of(apart(evidence, p, new), evidence))


def _gap(evidence: Evidence, model: Any, own: np.ndarray) -> tuple[float, float]:
    """Of rows that the model has not seen: the mean gap, in the target's standard deviations, and its z."""
    scorer = scorer_of(evidence)
    p = predicted(evidence, model, scorer.training[own].reset_index(drop=True), scorer.target[own])
    if p.task == REGRESSION:
        gap, spread = p.target - p.prediction, float(np.std(scorer.target))
    elif p.positive is not None and p.probability is not None:
        rate = float(np.mean([str(one) == p.classes[p.positive] for one in scorer.target.tolist()]))
        gap, spread = p.is_positive - p.score, float(np.sqrt(rate * (1 - rate)))
    else:
        rest = evidence.predicted
        loss = log_losses if p.probability is not None else errors if p.task == REGRESSION else _wrong
        own_loss, usual = loss(p), loss(rest)
        gap, spread = own_loss - usual.mean(), float(usual.std())
    error = float(gap.std(ddof=1)) / np.sqrt(len(gap))
    return float(gap.mean()) / max(spread, 1e-12), float(gap.mean()) / max(error, 1e-12)


def _wrong(p: Any) -> np.ndarray:
    return np.asarray(p.target != p.prediction, dtype=float)


def _told(evidence: Evidence, settings: SourcesSettings, name: str, left: list[Left]) -> Result:
    key, _ = evidence.leading
    least = NormalDist().inv_cdf(1 - (1 - evidence.bootstrap.confidence) / 2 / len(left))
    order = sorted(left, key=lambda one: (-abs(one.z), one.name))
    odd = [one for one in order if abs(one.z) > least and abs(one.gap) >= settings.effect]
    found = []
    for one in odd:
        seen = (
            f"Rows of {one.name} (by {name}) lie {one.gap:+.2g} standard deviations of the target beside what a model "
        )
        seen += "says that learnt from the other sources alone, beyond chance."
        numbers = {f"{key} is worse without it by": number(one.worse, one.ends), "gap": number(one.gap)}
        title = f"{one.name} says what the other sources say"
        found.append(told(f"{SAID[0]}.{one.name}", title, SAID[2], False, seen, LIMIT, numbers=numbers, n=one.rows))
    if not odd:
        seen = (
            f"{len(left)} sources by {name} were left out by turns; none lies beside what the others say beyond chance "
        )
        seen += f"and {settings.effect:g} standard deviations."
        found.append(told(*SAID, True, seen, LIMIT, n=sum(one.rows for one in left)))
    body = [[one.name, one.rows, number(one.gap), number(one.worse, one.ends)] for one in order]
    columns = ["Source", "Rows", "Beside what others say, sd", f"{key} is worse without it by"]
    table = blocks.table(f"Sources, by {name}", columns, body, LIMIT)
    furthest = {"gap": abs(order[0].gap), "odd": len(odd)}
    return {"metrics": furthest, "findings": found, "section": section("What one source does", 61, [table])}
