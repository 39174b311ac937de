"""Which columns matter, in which direction, and what the worst errors came of."""

import warnings
from typing import Any

import numpy as np
import pandas as pd

from regrow import Context
from regrow.artifacts import blocks
from regrow_evaluation import curve_figures, svg
from regrow_evaluation.analyses.settings import ExplanationSettings
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import Analysis, Evidence, FittedModel, Result, finding, number
from regrow_evaluation.predicted import Predicted, class_name
from regrow_evaluation.validation import usual_row
from regrow_evaluation.weighted import errors, log_losses

PARTIAL, AT, REASONS = 3, 9, 3
Lost = list[tuple[str, float, float]]  # a column, how much is lost without it, the spread of that


def explanation(settings: ExplanationSettings, context: Context) -> Analysis:
    """Permutation importance (Breiman, Random Forests, 2001), on held-out rows; partial dependence of the columns that
    matter most (Friedman 2001); and for the worst errors, what the answer would be with the usual value of a column.

    Nothing where the model learnt from the rows that are held out.
    """

    def examine(evidence: Evidence) -> Result:
        if evidence.scorer is None:
            return {}
        rng = np.random.Generator(np.random.PCG64(context.random_state))
        chosen = np.sort(rng.permutation(len(evidence.predicted.target))[: settings.rows])
        ranked = _importance(evidence, evidence.scorer, chosen, settings.repeats, rng)
        return _told(evidence, evidence.scorer, settings, ranked, chosen)

    return examine


def answered(p: Predicted, model: Any, rows: pd.DataFrame) -> Predicted:
    """`p`, whose rows they are, with what the model says of these values."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        said = np.asarray(model.predict(rows))
        shares = model.predict_proba(rows) if p.probability is not None else None
    if p.task == REGRESSION:
        return Predicted(p.task, p.target, said.astype(float), None, (), None, p.fold, p.row)
    place = {name: k for k, name in enumerate(p.classes)}
    prediction = np.array([place[class_name(one)] for one in said.tolist()])
    probability = None
    if shares is not None:
        probability = np.zeros((len(rows), len(p.classes)))
        probability[:, [place[class_name(one)] for one in model.classes_.tolist()]] = shares
    return Predicted(p.task, p.target, prediction, probability, p.classes, p.positive, p.fold, p.row)


def answer(p: Predicted) -> np.ndarray:
    """(n,) one number a row: the score, the probability of the true class, or the prediction."""
    if p.positive is not None:
        return p.score
    if p.task == REGRESSION:
        return p.prediction
    return (
        (p.prediction == p.target).astype(float)
        if p.probability is None
        else p.probability[np.arange(len(p.target)), p.target]
    )


def _importance(evidence: Evidence, scorer: FittedModel, chosen: np.ndarray, repeats: int,
                rng: np.random.Generator) -> Lost:  # fmt: skip
    """(Column, how much the leading metric loses when its values are shuffled, the spread of that), the most first."""
    _, metric = evidence.leading
    part, rows = evidence.predicted.rows(chosen), scorer.features.iloc[chosen].reset_index(drop=True)
    whole = metric.of(part)(part)
    found = []
    for name in rows.columns:
        lost = []
        for _ in range(repeats):
            shuffled = rows.assign(**{name: rows[name].iloc[rng.permutation(len(rows))].to_numpy()})
            shuffled[name] = shuffled[name].astype(rows[name].dtype)
            changed = answered(part, scorer.model, shuffled)
            lost.append(metric.gain * (whole - metric.of(changed)(changed)))
        found.append((str(name), float(np.mean(lost)), float(np.std(lost, ddof=1))))
    return sorted(found, key=lambda one: (-one[1], one[0]))


def _told(evidence: Evidence, scorer: FittedModel, settings: ExplanationSettings, ranked: Lost,
          chosen: np.ndarray) -> Result:  # fmt: skip
    key, _ = evidence.leading
    useless = [name for name, lost, spread in ranked if lost <= 2 * spread]
    shown = ranked[: settings.most]
    rows = [[name, number(lost, (lost - 2 * spread, lost + 2 * spread))] for name, lost, spread in shown]
    with svg.style():
        picture = curve_figures.bars("Importance", f"{key} lost", shown)
    said = [
        blocks.figure("What matters", picture, f"How much {key} loses when a column's values are shuffled."),
        blocks.table("What matters", ["Column", f"{key} lost"], rows),
        *_partial(evidence, scorer, [name for name, _, _ in shown[:PARTIAL]], chosen),
        *([_reasons(evidence, scorer, settings.errors)] if settings.errors else []),
    ]
    if useless:
        said.append(blocks.text(f"Without a sign that they matter: {', '.join(useless)}."))
    title = "No column decides alone"
    total = sum(max(lost, 0.0) for _, lost, _ in ranked)
    first, lost, _ = ranked[0]
    alone = lost > 0.8 * total > 0
    seen = f"Shuffling {first} loses {lost:.4g} of {key}, all columns together {total:.4g}."
    made = finding("explanation.alone", title, "info", not alone, seen=seen, n=len(chosen))
    metrics = {"lost": {name: lost for name, lost, _ in shown}}
    section = {"title": "What it looks at", "level": "analyse", "order": 15, "blocks": said}
    return {"metrics": metrics, "findings": [made], "section": section}


def _partial(evidence: Evidence, scorer: FittedModel, names: list[str], chosen: np.ndarray) -> list[dict[str, Any]]:
    """The mean answer when every row has a value, over the values of a column."""
    part, rows = evidence.predicted.rows(chosen[:200]), scorer.features.iloc[chosen[:200]].reset_index(drop=True)
    made = []
    for name in names:
        known = scorer.training[name].dropna()
        if pd.api.types.is_numeric_dtype(known) and not pd.api.types.is_bool_dtype(known):
            values = known.quantile(np.linspace(0.05, 0.95, AT), interpolation="nearest").unique().tolist()
        else:
            values = known.value_counts().index[:AT].tolist()
        body = []
        for value in values:
            same = rows.assign(**{name: pd.Series([value] * len(rows), dtype=rows[name].dtype)})
            body.append([f"{value}", float(answer(answered(part, scorer.model, same)).mean())])
        caption = "The mean answer if every row had this value, all else as it is."
        made.append(blocks.table(f"By {name}", [name, "Mean answer"], body, caption))
    return made


def _reasons(evidence: Evidence, scorer: FittedModel, most: int) -> dict[str, Any]:
    """Of the worst errors: the columns whose usual value would change the answer most."""
    p = evidence.predicted
    loss = errors(p) if p.task == REGRESSION else log_losses(p) if p.probability is not None else (
        p.target != p.prediction).astype(float)  # fmt: skip
    worst = np.argsort(-loss, kind="stable")[:most]
    part, rows = p.rows(worst), scorer.features.iloc[worst].reset_index(drop=True)
    usual, had = usual_row(scorer.training), answer(part)
    changes = {}
    for name in rows.columns:
        instead = rows.assign(**{name: pd.Series([usual[name]] * len(rows), dtype=rows[name].dtype)})
        changes[name] = had - answer(answered(part, scorer.model, instead))
    body = []
    for k in range(len(worst)):
        order = sorted(changes, key=lambda name: -abs(changes[name][k]))[:REASONS]
        why = "\n".join(f"{name} = {rows[name].iloc[k]}: {changes[name][k]:+.3g}" for name in order)
        true = p.classes[part.target[k]] if p.classes else f"{part.target[k]:.4g}"
        body.append([f"row {part.row[k]}", true, float(had[k]), f"{order[0]}\n{why}" if order else ""])
    caption = "How the answer differs from what it would be with the usual value of a column, the others as they are."
    return blocks.table("The worst errors", ["Row", "True", "Answer", "Because of"], body, caption)
