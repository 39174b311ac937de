"""How fast a model ages: trained on the first periods, scored on later ones, beside one that is trained anew."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regrow import Context
from regrow.artifacts import blocks
from regrow_evaluation.analyses.settings import StalenessSettings
from regrow_evaluation.evidence import (
    Analysis,
    Evidence,
    FittedModel,
    Result,
    finding,
    not_enough,
    number,
    stacked,
)
from regrow_evaluation.paired import LITTLE, WORSE, Paired, compare
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.refitting import Rows, all_rows, ask, moments, periods, tells
from regrow_evaluation.resampling import Bootstrap

AGE = "staleness.age", "A model that is not trained anew is as good as one that is", "minor"
NO_MODEL = "there is no model that learnt from none of the held-out rows: take a split with a hold-out"
NO_TIME = "the table has no date: `by` names the column that says when"
WHERE = "analysis staleness, {}"
SECONDS = 86_400.0  # a day


def staleness(settings: StalenessSettings, context: Context) -> Analysis:
    """Models of the periods 1..k, for each k, score all later periods (rolling origin: Tashman, International Journal
    of Forecasting 16, 2000). On the same rows, the one that ends just before them is held against older ones, paired;
    intervals allow for the number of ages."""

    def examine(evidence: Evidence) -> Result:
        many = len(evidence.predicted.target)
        if evidence.scorer is None or evidence.scorer.rows is None:
            return {"findings": [not_enough(*AGE, NO_MODEL, many)]}
        time = moments(evidence.table, settings.by, WHERE.format("by"))
        if time is None:
            return {"findings": [not_enough(*AGE, NO_TIME, many)]}
        rows = _in_order(evidence, evidence.scorer, time, settings)
        ends = range(1, rows.periods)
        made = {end: part for end in ends if (part := _later(rows, evidence, evidence.scorer, end, settings))}
        ages = _ages(made, rows, evidence)
        if not ages:
            why = f"{rows.periods} periods of {time.name} are too few, or hold too few rows, to compare ages"
            return {"findings": [not_enough(*AGE, why, len(rows.period))]}
        return _told(ages, str(time.name), rows.days, settings, evidence)

    return examine


@dataclass(frozen=True)
class _InOrder:
    """Rows in the order of time."""

    rows: Rows
    #: (n,) int64 from 0 on
    period: np.ndarray
    #: how long a period is, on average; None where time is a number
    days: float | None

    @property
    def periods(self) -> int:
        return int(self.period.max(initial=-1)) + 1


def _in_order(evidence: Evidence, scorer: FittedModel, time: pd.Series, settings: StalenessSettings) -> _InOrder:
    rows = all_rows(evidence, scorer)
    known = time.iloc[rows.row].reset_index(drop=True)
    kept = np.flatnonzero(known.notna().to_numpy())
    order = kept[np.lexsort((rows.row[kept], known.iloc[kept].to_numpy()))]
    known = known.iloc[order]
    period = periods(known, settings.every, settings.periods, WHERE.format("every"))
    days = None
    if known.dtype.kind == "M" and len(known):
        days = (known.iloc[-1] - known.iloc[0]).total_seconds() / SECONDS / (int(period.max()) + 1)
    return _InOrder(rows.take(order), period, days)


def _later(
    rows: _InOrder, evidence: Evidence, scorer: FittedModel, end: int, settings: StalenessSettings
) -> Predicted | None:
    """What the model of the periods before `end` says of all later rows; None where it can't be fitted on so few."""
    learnt, later = np.flatnonzero(rows.period < end), np.flatnonzero(rows.period >= end)
    if len(learnt) < settings.least_rows:
        return None
    return ask(evidence, scorer, rows.rows.take(learnt), rows.rows.take(later), rows.period[later])


def _ages(made: Mapping[int, Predicted], rows: _InOrder, evidence: Evidence) -> dict[int, Paired]:
    """How many periods without training anew -> the aged model against the fresh one, over all periods that have both.

    A period with few rows of a class is left out.
    """
    key, metric = evidence.leading
    p = evidence.predicted
    usable = [one for one in range(1, rows.periods) if tells(rows.rows.target[rows.period == one], p)]
    found = {}
    late = range(1, rows.periods - 1)
    drawn = evidence.bootstrap
    level = 1 - (1 - drawn.confidence) / max(len(late), 1)
    for by in late:
        both = [period for period in usable if period in made and period - by in made]
        if not both:
            continue
        aged = [_of_period(made[period - by], period) for period in both]
        fresh = [_of_period(made[period], period) for period in both]
        one, other = stacked(aged), stacked(fresh)
        found[by] = compare({key: metric}, one, other, Bootstrap(drawn.rounds, level, drawn.seed), 0.0, "")[key]
    return found


def _of_period(p: Predicted, period: int) -> Predicted:
    return p.rows(p.fold == period)


def _told(ages: Mapping[int, Paired], time: str, days: float | None, settings: StalenessSettings,
          evidence: Evidence) -> Result:  # fmt: skip
    key, _ = evidence.leading
    unit = settings.every or "period"
    known = {by: one for by, one in ages.items() if np.isfinite(one.gain)}
    worse = [by for by, one in known.items() if one.verdict == WORSE]
    rows = len(evidence.predicted.target)
    if all(one.verdict == LITTLE for one in ages.values()):
        return {"findings": [not_enough(*AGE, f"{key} can't be told period by period", rows)]}
    last = worse[0] if worse else max(known)
    one = known[last]
    numbers = {"gain": number(one.gain, one.interval)}
    if days is not None:
        numbers["days"] = number(round(last * days, 2))
    if worse:
        seen = f"Trained {_late(last, unit)} earlier, {key} is {one.new:.4g}, and {one.old:.4g} when trained anew: "
        seen += f"train it at least every {_late(last, unit)}{_in_days(last, days)}."
    else:
        seen = f"Up to {_late(last, unit)}{_in_days(last, days)} without training anew, nothing is lost beyond chance."
    told = finding(*AGE, not worse, seen=seen, numbers=numbers, n=rows)
    body = [[by, *(number(value) for value in (one.new, one.old)), number(one.gain, one.interval)]
            for by, one in known.items()]  # fmt: skip
    columns = [f"Trained so many {unit}s earlier", f"{key}", "Trained anew", "Better by"]
    said = [
        blocks.text(f"Models of the first {unit}s of {time}, scored on the same later rows."),
        blocks.table("How it ages", columns, body),
    ]
    section = {"title": "How fast it ages", "level": "analyse", "order": 19, "blocks": said}
    metrics = {
        "lost": {f"after_{by}": -one.gain for by, one in known.items()},
        "retrain_after": worse[0] if worse else 0,
    }
    return {"metrics": metrics, "findings": [told], "section": section}


def _late(by: int, unit: str) -> str:
    return f"{by} {unit}{'s' if by != 1 else ''}"


def _in_days(by: int, days: float | None) -> str:
    return "" if days is None else f" ({by * days:.0f} days)"
