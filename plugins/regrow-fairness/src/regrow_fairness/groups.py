"""The analysis `fairness`: rates by group, and the gap between the two groups that are furthest apart."""

import warnings
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from regrow import Context
from regrow.artifacts import blocks
from regrow.artifacts.blocks import SHARE
from regrow_evaluation.evidence import Analysis, Evidence, Result, finding, not_enough, number
from regrow_evaluation.predicted import Predicted
from regrow_fairness.settings import FairnessSettings

TITLE = "Groups by {} are treated alike"
MOST = 20  # groups of one column that are looked at: the largest


def fairness(settings: FairnessSettings, context: Context) -> Analysis:
    """Of each column, and of all together, fairlearn's rates by group; the largest gap, with its interval."""

    def examine(evidence: Evidence) -> Result:
        p = evidence.predicted
        frame = evidence.table[settings.columns].iloc[p.row].reset_index(drop=True)
        frame = frame.astype(object).where(frame.notna(), "missing").astype(str)
        cuts = {name: frame[name] for name in settings.columns}
        if settings.intersections and len(settings.columns) > 1:
            cuts[" and ".join(settings.columns)] = frame.agg(", ".join, axis=1)
        looked = [_by(evidence, settings, name, groups) for name, groups in cuts.items()]
        gaps = {key: gap for one in looked for key, gap in one["gaps"].items()}
        made: dict[str, Any] = {"findings": [found for one in looked for found in one["findings"]]}
        if not gaps:
            return made
        section = {"title": "Groups", "level": "decide", "order": 7, "blocks": [one["table"] for one in looked]}
        return {**made, "metrics": {"gaps": gaps}, "section": section}

    return examine


def _picked(p: Predicted, settings: FairnessSettings) -> np.ndarray:
    return p.prediction == p.positive if settings.threshold is None else p.score >= settings.threshold


def _by(evidence: Evidence, settings: FairnessSettings, name: str, groups: pd.Series) -> dict[str, Any]:
    """The table of a column's groups, its gaps by rate, and a finding for each rate."""
    p = evidence.predicted
    sizes = groups.value_counts()
    kept = sorted(sizes.index[(sizes >= settings.least_rows).to_numpy()][:MOST])
    code = name.replace(" and ", "_")
    if len(kept) < 2:
        why = f"fewer than two groups by {name} have {settings.least_rows} rows"
        little = not_enough(f"fairness.gap.{code}", TITLE.format(name), "major", why, len(p.target))
        return {"gaps": {}, "findings": [little], "table": blocks.table(f"By {name}", ["Group"], [])}
    rates = _rates(p, settings, groups, kept)
    found, gaps = [], {}
    for rate in settings.rates:
        values = rates[rate].dropna()
        made = _gap(evidence, settings, rate, groups, list(values.index))
        if made is None:
            continue
        gap, ends, low, high = made
        gaps[f"{code}_{rate}"] = gap
        seen = f"{rate.replace('_', ' ')} is {values[low]:.1%} for {low} and {values[high]:.1%} for {high}."
        fails = ends is not None and ends[0] > 0 and gap > settings.at_most
        title, more = f"{TITLE.format(name)}: {rate.replace('_', ' ')}", {"gap": number(gap, ends, SHARE)}
        key, rows = f"fairness.gap.{code}.{rate}", int(sizes[kept].sum())
        found.append(finding(key, title, "major", not fails, seen=seen, numbers=more, n=rows))
    body = [[group, int(sizes[group]), *(_share(rates.loc[group, rate]) for rate in settings.rates)] for group in kept]
    shown = ["Group", "Rows", *(rate.replace("_", " ") for rate in settings.rates)]
    return {"gaps": gaps, "findings": found, "table": blocks.table(f"By {name}", shown, body)}


def _share(value: float) -> dict[str, Any] | None:
    return {"value": float(value), "unit": SHARE} if np.isfinite(value) else None


def _rates(p: Predicted, settings: FairnessSettings, groups: pd.Series, kept: list[str]) -> pd.DataFrame:
    """Group by rate, as fairlearn's MetricFrame; NaN where a group has too few rows that the rate is of."""
    from fairlearn import metrics as fair

    inside = groups.isin(kept).to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fairlearn tells of pandas' future
        frame = fair.MetricFrame(
            metrics={rate: getattr(fair, rate) for rate in settings.rates},
            y_true=p.is_positive[inside].astype(int),
            y_pred=_picked(p, settings)[inside].astype(int),
            sensitive_features=groups[inside].to_numpy(),
        )
    made = frame.by_group.astype(float)
    for rate in settings.rates:
        of = _of(p, rate)
        few = [group for group in kept if (groups.to_numpy()[of] == group).sum() < settings.least_rows / 3]
        made.loc[few, rate] = np.nan
    return made


def _of(p: Predicted, rate: str) -> np.ndarray:
    """(n,) the rows that a rate is a share of."""
    if rate == "selection_rate":
        return np.ones(len(p.target), dtype=bool)
    return p.is_positive if rate == "true_positive_rate" else ~p.is_positive


def _gap(evidence: Evidence, settings: FairnessSettings, rate: str, groups: pd.Series,
         kept: list[str]) -> tuple[float, tuple[float, float] | None, str, str] | None:  # fmt: skip
    """The gap of the two groups furthest apart, its interval, and both; Bonferroni's for all pairs that it is the
    largest of."""
    p = evidence.predicted
    if len(kept) < 2:
        return None
    of, picked = _of(p, rate), _picked(p, settings)
    names = groups.to_numpy()
    shares = {group: float(picked[of & (names == group)].mean()) for group in kept}
    low, high = min(kept, key=lambda one: (shares[one], one)), max(kept, key=lambda one: (shares[one], one))
    masks = [of & (names == group) for group in (high, low)]

    def apart(weights: np.ndarray) -> float:
        both = [(weights[m] * picked[m]).sum() / weights[m].sum() if weights[m].any() else np.nan for m in masks]
        return float(both[0] - both[1])

    drawn = evidence.bootstrap.of([apart], len(p.target)).values[:, 0]
    pairs = len(kept) * (len(kept) - 1) / 2
    gap, spread = shares[high] - shares[low], float(np.nanstd(drawn))
    width = NormalDist().inv_cdf(1 - (1 - evidence.bootstrap.confidence) / 2 / pairs) * spread
    return gap, (gap - width, gap + width), low, high
