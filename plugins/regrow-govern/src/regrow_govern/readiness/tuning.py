"""Whether settings near the model's are better."""

from collections.abc import Iterator
from statistics import NormalDist
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import KFold, StratifiedKFold

from regrow import Context
from regrow.artifacts import blocks
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import Analysis, Evidence, FittedModel, Result, number, stacked
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.resampling import Bootstrap, weigh
from regrow_govern.readiness.settings import TuningSettings
from regrow_govern.security.tried import fitted, nothing, predicted, scorer_of, section, told, unable, worse

SAID = "ready.tuning", "No setting near by is better", "minor"
LIMIT = "one number at a time, by one step; a search looks further: search=random."
#: What decides how much a model can say, as scikit-learn and LightGBM call it.
NUMBERS = (
    "C", "alpha", "learning_rate", "max_depth", "max_leaf_nodes", "min_samples_leaf", "n_neighbors",
    "l2_regularization", "num_leaves", "min_child_samples", "reg_lambda", "l1_ratio", "max_features",
)  # fmt: skip
ROUNDS = 200


def tuning(settings: TuningSettings, context: Context) -> Analysis:
    """Each number of the estimator larger and smaller by a factor, on folds of the training rows; held-out rows are not
    looked at. Better is what is better beyond chance, Bonferroni over all that are tried, by the same drawn rows."""

    def examine(evidence: Evidence) -> Result:
        if why := unable(evidence):
            return nothing(*SAID, why, LIMIT, evidence)
        scorer, task = _some(scorer_of(evidence), settings.rows, context.stream("rows")), evidence.predicted.task
        tried = list(neighbours(scorer.model, settings.factor))
        if not tried:
            return nothing(*SAID, "the estimator has no number that is tuned", LIMIT, evidence)
        cut = (KFold if task == REGRESSION else StratifiedKFold)(
            settings.folds, shuffle=True, random_state=context.random_state
        )
        try:
            parts = list(cut.split(scorer.target, scorer.target))
            own = _out_of_fold(evidence, scorer, scorer.model, parts)
        except ValueError as error:
            return nothing(*SAID, f"the training rows can't be cut into folds: {error}", LIMIT, evidence)
        rows = [one for one in (_gain(evidence, scorer, own, parts, *each, len(tried)) for each in tried) if one]
        return _told(evidence, settings, rows, own) if rows else nothing(*SAID, "no other value fits", LIMIT, evidence)

    return examine


def _some(scorer: FittedModel, most: int, seed: int) -> FittedModel:
    rows = np.sort(np.random.Generator(np.random.PCG64(seed)).permutation(len(scorer.training))[:most])
    return FittedModel(
        scorer.model, scorer.features, scorer.training.iloc[rows].reset_index(drop=True), scorer.target[rows]
    )


def neighbours(model: Any, factor: float) -> Iterator[tuple[str, float, Any]]:
    """(parameter, its value now, another) of the estimator at the pipeline's end, and of what that holds."""
    first = f"{model.steps[-1][0]}__" if hasattr(model, "steps") else ""
    for name, value in sorted(model.get_params(deep=True).items()):
        if not name.startswith(first) or name.rpartition("__")[2] not in NUMBERS:
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            continue
        whole = isinstance(value, int)
        for other in (value * factor, value / factor):
            made = max(1, round(other)) if whole else other
            if made != value and (whole or made <= 1 or not name.endswith(("l1_ratio", "max_features"))):
                yield name, value, made


def _out_of_fold(evidence: Evidence, scorer: FittedModel, model: Any, parts: list[Any]) -> Predicted:
    """Each training row by a fit that has not seen it."""
    made = []
    for train, test in parts:
        other = FittedModel(model, scorer.features, scorer.training, scorer.target)
        fit = fitted(other, scorer.training.iloc[train], scorer.target[train])
        made.append(predicted(evidence, fit, scorer.training.iloc[test].reset_index(drop=True), scorer.target[test]))
    return stacked(made)


Gain = tuple[str, float, Any, float, tuple[float, float]]


def _gain(evidence: Evidence, scorer: FittedModel, own: Predicted, parts: list[Any], name: str, value: float,
          other: Any, many: int) -> Gain | None:  # fmt: skip
    """By how much another value is better; None where it does not fit."""
    try:
        new = _out_of_fold(evidence, scorer, clone(scorer.model).set_params(**{name: other}), parts)
    except (ValueError, TypeError):
        return None
    _, metric = evidence.leading
    both = Bootstrap(ROUNDS, evidence.bootstrap.confidence, evidence.bootstrap.seed).of(
        [weigh(metric, new), weigh(metric, own)], len(own.target)
    )
    drawn = metric.gain * (both.values[:, 0] - both.values[:, 1])
    gain = worse(evidence, new, own)
    width = NormalDist().inv_cdf(1 - (1 - evidence.bootstrap.confidence) / 2 / many) * float(np.nanstd(drawn))
    return name, value, other, gain, (gain - width, gain + width)


def _told(evidence: Evidence, settings: TuningSettings, rows: list[Gain], own: Predicted) -> Result:
    key, metric = evidence.leading
    over = metric.gain * (evidence.metrics[key] - evidence.metrics.get("baseline", {}).get(key, np.nan))
    least = settings.effect * over if np.isfinite(over) and over > 0 else 0.0
    rows = sorted(rows, key=lambda one: (-one[3], one[0]))
    name, value, other, gain, ends = rows[0]
    better = [one for one in rows if one[4][0] > 0 and one[3] > least]
    short = name.rpartition("__")[2]
    seen = f"{len(rows)} other values were tried on folds of {len(own.target):,} training rows; the best is "
    seen += f"{short} {other:.4g} in place of {value:.4g}, with {key} better by {gain:.4g}."
    numbers = {"gain": number(gain, ends)}
    found = told(*SAID, not better, seen, LIMIT, numbers=numbers, n=len(own.target))
    body = [[one[0].rpartition("__")[2], f"{one[1]:.4g}", f"{one[2]:.4g}", number(one[3], one[4])] for one in rows]
    table = blocks.table("Settings near by", ["Number", "Is", "Tried", f"{key} is better by"], body, LIMIT)
    return {"metrics": {"gain": gain, "tried": len(rows)}, "findings": [found],
            "section": section("Settings near by", 71, [table])}  # fmt: skip
