"""Whether the score holds where nothing was learnt: each group or later period predicted from the others alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold, StratifiedKFold

from regrow import Context
from regrow.artifacts import blocks
from regrow_evaluation.analyses.settings import CrossTestingSettings
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import Analysis, Evidence, FittedModel, Result, finding, not_enough, number, stacked
from regrow_evaluation.paired import Paired, compare
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.refitting import Rows, all_rows, ask, calendar, column, periods, tells
from regrow_evaluation.resampling import Bootstrap

UNSEEN = "cross_testing.unseen", "As good on rows of which nothing was learnt", "major"
WHERE = "analysis cross_testing, {}"
NO_MODEL = "there is no model that learnt from none of the held-out rows: take a split with a hold-out"
STRETCHES = 4  # of a date, where settings say nothing


def cross_testing(settings: CrossTestingSettings, context: Context) -> Analysis:
    """Each part of the rows, a group or a period, is predicted by the pipeline fitted on the other groups, or on the
    earlier periods (internal-external cross-validation: Steyerberg and Harrell, Journal of Clinical Epidemiology 69,
    2016), and by fits on as many rows, some of the part among them: on the same rows, paired. So a part that is hard
    for whatever was learnt is no fault, and neither is that fewer rows are left to learn from."""

    def examine(evidence: Evidence) -> Result:
        many = len(evidence.predicted.target)
        if evidence.scorer is None or evidence.scorer.rows is None:
            return {"findings": [not_enough(*UNSEEN, NO_MODEL, many)]}
        parts = _parts(evidence, evidence.scorer, settings)
        tested, left_out = [], []
        for one in parts.chosen(settings, evidence.predicted):
            made = _tested(one, parts, evidence, evidence.scorer, settings, context.stream(f"part {one}"))
            if made is None:
                left_out.append(parts.names[one])
            else:
                tested.append(made)
        if not tested:
            why = f"no part by {settings.by} has enough rows, of each class, to be tested and to be learnt without"
            return {"findings": [not_enough(*UNSEEN, why, many)]}
        return _told(_compared(tested, evidence), parts, left_out, settings, evidence)

    return examine


@dataclass(frozen=True)
class _Parts:
    """The rows, and what part each is of."""

    rows: Rows
    #: (n,) int64; -1 where the column is missing
    part: np.ndarray
    names: list[str]
    #: whether a part is predicted from those before it alone
    earlier: bool

    def learnt(self, part: int) -> np.ndarray:
        """Places of the rows that may be learnt from to predict a part."""
        others = self.part < part if self.earlier else self.part != part
        return np.flatnonzero(others & (self.part >= 0))

    def own(self, part: int) -> np.ndarray:
        """Places of its rows."""
        return np.flatnonzero(self.part == part)

    def chosen(self, settings: CrossTestingSettings, p: Predicted) -> list[int]:
        """The largest that have enough rows of each class, and leave enough, in their order."""
        sizes = np.bincount(self.part[self.part >= 0], minlength=len(self.names))
        found: list[int] = []
        for one in sorted(np.flatnonzero(sizes >= settings.least_rows).tolist(), key=lambda one: (-sizes[one], one)):
            if len(self.learnt(one)) >= settings.least_rows and tells(self.rows.target[self.own(one)], p):
                found.append(one)
            if len(found) == settings.most:
                break
        return sorted(found)


def _parts(evidence: Evidence, scorer: FittedModel, settings: CrossTestingSettings) -> _Parts:
    """Groups by a column's values; a date's periods, or stretches of it. Raises RegrowError for a wrong column."""
    rows = all_rows(evidence, scorer)
    values = column(evidence.table, settings.by, WHERE.format("by")).iloc[rows.row].reset_index(drop=True)
    known = values.dropna().sort_values(kind="stable")
    date = pd.api.types.is_datetime64_any_dtype(values)
    if settings.every is not None or settings.periods is not None or date:
        codes = periods(known, settings.every, settings.periods or STRETCHES, WHERE.format("every"))
        names = _spans(known, codes, settings.every)
    else:
        codes, levels = pd.factorize(known, sort=True)
        names = [str(one) for one in levels]
    part = np.full(len(values), -1, dtype="int64")
    part[known.index] = codes
    return _Parts(rows, part, names, settings.learn == "earlier" if settings.learn else date)


def _spans(known: pd.Series, codes: np.ndarray, every: str | None) -> list[str]:
    """The names of periods and stretches."""
    if every is not None:
        named = calendar(known, every).astype("str").to_numpy()
        return [str(named[codes == one][0]) for one in range(int(codes.max(initial=-1)) + 1)]
    shown = known.dt.date if known.dtype.kind == "M" else known
    by_part = shown.groupby(codes)
    return [f"{low} to {high}" for low, high in zip(by_part.min(), by_part.max(), strict=True)]


@dataclass(frozen=True)
class _Tested:
    """What is said of a part's rows, in the same order."""

    part: int
    #: by a fit that learnt from none of its rows
    unseen: Predicted
    #: by fits on as many rows, of the part, too
    seen: Predicted


def _tested(part: int, parts: _Parts, evidence: Evidence, scorer: FittedModel, settings: CrossTestingSettings,
            seed: int) -> _Tested | None:  # fmt: skip
    """None where the pipeline can't be fitted on what is left."""
    own, away, rows = parts.own(part), parts.learnt(part), parts.rows
    unseen = ask(evidence, scorer, rows.take(away), rows.take(own), np.zeros(len(own), dtype="int64"))
    if unseen is None:
        return None
    draw = np.random.Generator(np.random.PCG64(seed))
    made, places = [], []
    for rest, asked in _dealt(rows.target[own], evidence.predicted.task, settings.folds, seed):
        pool = np.concatenate([away, own[rest]])
        learnt = np.sort(draw.choice(pool, len(away), replace=False))
        said = ask(evidence, scorer, rows.take(learnt), rows.take(own[asked]), np.zeros(len(asked), dtype="int64"))
        if said is None:
            return None
        made.append(said)
        places.append(asked)
    return _Tested(part, unseen, stacked(made).rows(np.argsort(np.concatenate(places), kind="stable")))


def _dealt(target: np.ndarray, task: str, folds: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    kind = KFold if task == REGRESSION else StratifiedKFold
    return list(kind(folds, shuffle=True, random_state=seed).split(np.zeros(len(target)), target))


@dataclass(frozen=True)
class _Judged:
    """A part with its score, and what it costs that nothing of it was seen."""

    part: int
    rows: int
    interval: tuple[float, float] | None
    #: the fit that saw nothing against the one that did
    paired: Paired


def _compared(tested: Sequence[_Tested], evidence: Evidence) -> list[_Judged]:
    """Intervals allow for the number of parts (Bonferroni)."""
    key, metric = evidence.leading
    drawn = evidence.bootstrap
    several = Bootstrap(drawn.rounds, 1 - (1 - drawn.confidence) / len(tested), drawn.seed)
    return [
        _Judged(
            one.part,
            len(one.unseen.target),
            several.of_metrics([metric], one.unseen).interval(0),
            compare({key: metric}, one.unseen, one.seen, several, 0.0, "")[key],
        )
        for one in tested
    ]


def _told(judged: Sequence[_Judged], parts: _Parts, left_out: Sequence[str], settings: CrossTestingSettings,
          evidence: Evidence) -> Result:  # fmt: skip
    key, _ = evidence.leading
    limit = settings.at_most * max(0.0, _over_a_guess(evidence))
    bad = [one for one in judged if one.paired.interval is not None and one.paired.interval[1] < -limit]
    findings = [_worse(one, parts, settings, evidence) for one in bad]
    if not findings:
        seen = f"{len(judged)} parts by {settings.by}, each predicted from {_from(parts)} alone: none loses much, "
        seen += f"beyond chance, against fits that learnt from it, too ({settings.at_most:.0%} of what {key} has over "
        findings = [finding(*UNSEEN, True, seen=f"{seen}a guess).", n=sum(one.rows for one in judged))]
    worst = max(judged, key=lambda one: -one.paired.gain if np.isfinite(one.paired.gain) else -np.inf)
    metrics: dict[str, float] = {"tested": len(judged), "worse": len(bad)}
    if np.isfinite(worst.paired.gain):
        metrics |= {"lost": -worst.paired.gain, "worst": worst.paired.new}
    return {"metrics": metrics, "findings": findings, "section": _section(judged, parts, left_out, settings, evidence)}


def _over_a_guess(evidence: Evidence) -> float:
    key, metric = evidence.leading
    over = metric.gain * (evidence.metrics[key] - evidence.metrics.get("baseline", {}).get(key, np.nan))
    return float(over) if np.isfinite(over) else 0.0


def _from(parts: _Parts) -> str:
    return "earlier ones" if parts.earlier else "the others"


def _worse(one: _Judged, parts: _Parts, settings: CrossTestingSettings, evidence: Evidence) -> dict[str, object]:
    key, _ = evidence.leading
    name = parts.names[one.part]
    seen = f"Where {settings.by} is {name}, {one.rows:,} rows, {key} is {one.paired.new:.4g} when {_from(parts)} alone "
    seen += f"were learnt from, and {one.paired.old:.4g} when as many rows were, some of these among them."
    numbers = {key: number(one.paired.new, one.interval), "gain": number(one.paired.gain, one.paired.interval)}
    title = f"As good where {settings.by} is {name} without having learnt from it"
    return finding(f"{UNSEEN[0]}.{name}", title, UNSEEN[2], False, seen=seen, numbers=numbers, n=one.rows)


def _section(judged: Sequence[_Judged], parts: _Parts, left_out: Sequence[str], settings: CrossTestingSettings,
             evidence: Evidence) -> dict[str, object]:  # fmt: skip
    key, _ = evidence.leading
    body = [
        [
            parts.names[one.part],
            one.rows,
            number(one.paired.new, one.interval),
            number(one.paired.old),
            number(one.paired.gain, one.paired.interval),
        ]
        for one in judged
        if np.isfinite(one.paired.gain)
    ]
    how = f"Each part is predicted by the pipeline fitted on {_from(parts)} alone. Beside it: fitted on as many rows, "
    said = [blocks.text(f"{how}some of the part's own among them. Intervals allow for all parts.")]
    columns = [settings.by, "Rows", f"{key}, unseen", "Seen", "Better by"]
    gone = f"Left out, as nothing can be fitted without them: {', '.join(left_out)}." if left_out else ""
    said.append(blocks.table(f"By {settings.by}", columns, body, gone))
    title = "On later periods" if parts.earlier else "On groups that it has not seen"
    return {"title": title, "level": "analyse", "order": 20, "blocks": said}
