"""What the model's decisions are worth, against everybody, nobody, as many at random; and the threshold for that."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from regrow import Context, RegrowError
from regrow.artifacts import blocks
from regrow_evaluation import curve_figures, svg, worth
from regrow_evaluation.analyses.settings import HarmSettings
from regrow_evaluation.catalogue import BINARY
from regrow_evaluation.evidence import Analysis, Evidence, Result, finding, not_enough, number
from regrow_evaluation.settings import Costs, PerUnit
from regrow_evaluation.validation import scores
from regrow_evaluation.worth import THOUSAND

VALUE = "harm.value", "Worth more than treating all rows the same", "critical"
NEARLY_ALL = 0.99


def harm(settings: HarmSettings, context: Context) -> Analysis:
    """Nothing where `objective.value` says nothing."""

    def examine(evidence: Evidence) -> Result:
        value = evidence.objective.value
        if isinstance(value, Costs):
            return _decisions(evidence, value, _chosen(evidence, value, settings, context.random_state))
        if isinstance(value, PerUnit):
            return _numbers(evidence, value)
        return _classes(evidence) if value is not None else {}

    return examine


@dataclass(frozen=True)
class Chosen:
    """A threshold for each held-out row, and the one that is kept."""

    #: (n,)
    of_row: np.ndarray
    kept: float
    on: str
    rows: int


def _chosen(evidence: Evidence, value: Costs, settings: HarmSettings, seed: int) -> Chosen:
    """On rows other than those that it is judged by."""
    p, capacity = evidence.predicted, evidence.objective.capacity
    if evidence.scorer is not None and p.positive is not None:
        found = scores(evidence.scorer, p.classes[p.positive], settings.folds, seed)
        if found is not None:
            cut = worth.best_cut(*found, value, capacity)
            on = f"training rows, each predicted by one of {settings.folds} fits that had not seen it"
            return Chosen(np.full(len(p.target), cut.least), cut.least, on, len(found[0]))
    folds = np.unique(p.fold)
    if len(folds) > 1:
        of_row = np.zeros(len(p.target))
        for fold in folds:
            other = p.fold != fold
            of_row[~other] = worth.best_cut(p.score[other], p.is_positive[other], value, capacity).least
        kept = worth.best_cut(p.score, p.is_positive, value, capacity).least
        return Chosen(of_row, kept, "the other folds, for each fold", len(p.target))
    least = worth.indifferent(value)
    least = 0.5 if least is None else least
    return Chosen(np.full(len(p.target), least), least, "the values alone: no rows were left to choose it on", 0)


def _decisions(evidence: Evidence, value: Costs, chosen: Chosen) -> Result:
    p, unit = evidence.predicted, _unit(evidence)
    acted = p.score >= chosen.of_row
    every, nobody = np.ones(len(acted), dtype=bool), np.zeros(len(acted), dtype=bool)
    model = worth.of_rows(p, acted, value)
    rivals = {"acting on nobody": worth.of_rows(p, nobody, value)}
    if evidence.objective.capacity is None:
        rivals["acting on everybody"] = worth.of_rows(p, every, value)
    else:
        share = acted.mean()
        mixed = share * worth.of_rows(p, every, value) + (1 - share) * worth.of_rows(p, nobody, value)
        rivals["acting on as many at random"] = mixed
    own = worth.of_rows(p, p.prediction == p.positive, value)
    shown = {"the model, by the threshold": model, "the model, by its own predictions": own, **rivals}
    told = _against(evidence, model, rivals, unit)
    all_alike = "everybody" if acted.mean() >= NEARLY_ALL else "nobody" if acted.mean() <= 1 - NEARLY_ALL else ""
    findings = [told, *([_alike(all_alike, acted, evidence)] if all_alike == "everybody" else [])]
    said = [_lead(evidence, chosen), _table(evidence, shown, unit), *_curve(evidence)]
    kept = {"threshold": chosen.kept, "positive": p.classes[p.positive or 0], "chosen_on": chosen.on}
    return {
        "metrics": {"value": float(model.mean() * THOUSAND), "acted_on": float(acted.mean()), "threshold": chosen.kept},
        "findings": findings,
        "section": {"title": "What its decisions are worth", "level": "decide", "order": 5, "blocks": said},
        "threshold": {**kept, "rows": chosen.rows},
    }


def _alike(who: str, acted: np.ndarray, evidence: Evidence) -> dict[str, Any]:
    p = evidence.predicted
    found = float((acted & p.is_positive).sum() / max(p.is_positive.sum(), 1))
    seen = f"By the threshold {acted.mean():.1%} of the rows are acted on: that is {who}."
    seen += f" It finds {found:.1%} of the positives because of that."
    return finding("harm.everybody", "It chooses whom to act on", "critical", False, seen=seen, n=len(acted))


def _against(evidence: Evidence, model: np.ndarray, rivals: dict[str, np.ndarray], unit: str) -> dict[str, Any]:
    """The model against the best of what needs no model."""
    name = max(rivals, key=lambda one: float(rivals[one].mean()))
    gain = model - rivals[name]
    rows = len(model)
    if evidence.lacking:
        return not_enough(*VALUE, evidence.lacking, rows)
    ends = evidence.bootstrap.of([_mean_of(gain)], rows).interval(0)
    value = float(gain.mean()) * THOUSAND
    seen = f"{model.mean() * THOUSAND:,.4g} {unit}, {name} {rivals[name].mean() * THOUSAND:,.4g}."
    numbers = {"gain": number(value, ends, unit)}
    return finding(*VALUE, bool(ends and ends[0] > 0), seen=seen, numbers=numbers, n=rows)


def _mean_of(values: np.ndarray) -> Any:
    return lambda w: float((w * values).sum() / max(w.sum(), 1)) * THOUSAND


def _unit(evidence: Evidence) -> str:
    return f"{evidence.objective.unit} per thousand".strip()


def _lead(evidence: Evidence, chosen: Chosen) -> dict[str, Any]:
    p, objective = evidence.predicted, evidence.objective
    name = p.classes[p.positive or 0]
    words = f"A row is acted on if its probability of {name} is {chosen.kept:.4g} or more, chosen on {chosen.on}."
    if objective.capacity is not None:
        words += f" At most {objective.capacity:.1%} of the rows can be acted on."
    return blocks.text(words)


def _table(evidence: Evidence, shown: dict[str, np.ndarray], unit: str) -> dict[str, Any]:
    drawn = evidence.bootstrap.of([_mean_of(one) for one in shown.values()], len(evidence.predicted.target))
    rows = [
        [name, number(float(one.mean()) * THOUSAND, drawn.interval(k))] for k, (name, one) in enumerate(shown.items())
    ]
    return blocks.table("Value of decisions", ["", unit], rows)


def _curve(evidence: Evidence) -> list[dict[str, Any]]:
    p = evidence.predicted
    if p.task != BINARY or p.probability is None:
        return []
    at = np.linspace(0.01, min(0.99, max(0.05, float(np.quantile(p.score, 0.995)))), 60)
    benefit = worth.net_benefit(p.score, p.is_positive, at)
    every = worth.net_benefit(np.ones(len(p.score)), p.is_positive, at)
    with svg.style():
        picture = curve_figures.lines(
            "Decision curve",
            ("threshold probability", "net benefit"),
            {"the model": (at, benefit), "everybody": (at, every), "nobody": (at, np.zeros(len(at)))},
        )
    caption = (
        "Net benefit (Vickers and Elkin 2006): positives found, less false alarms weighed by the threshold's odds. A "
        "model is of use where it lies above both others."
    )
    return [blocks.figure("Decision curve", picture, caption)]


def _numbers(evidence: Evidence, value: PerUnit) -> Result:
    p, unit = evidence.predicted, _unit(evidence)
    share = value.below / (value.above + value.below) if value.above + value.below else 0.5
    constant = float(np.quantile(p.target, min(max(share, 0), 1)))
    model = worth.of_errors(p.target, p.prediction, value)
    rivals = {"the best single number for all": worth.of_errors(p.target, constant, value)}
    return _valued(evidence, model, rivals, unit)


def _classes(evidence: Evidence) -> Result:
    p, unit = evidence.predicted, _unit(evidence)
    try:
        values = worth.matrix(evidence.objective, p.classes)
    except ValueError as error:
        raise RegrowError(str(error), where="evaluation.analyses, harm") from None
    own = values[p.target, p.prediction]
    best = own if p.probability is None else values[p.target, (p.probability @ values).argmax(axis=1)]
    rivals = {f"always {name}": values[p.target, k] for k, name in enumerate(p.classes)}
    return _valued(evidence, best, rivals, unit, {"the model, by its own predictions": own})


def _valued(evidence: Evidence, model: np.ndarray, rivals: dict[str, np.ndarray], unit: str,
            more: dict[str, np.ndarray] | None = None) -> Result:  # fmt: skip
    best = sorted(rivals, key=lambda one: -float(rivals[one].mean()))[:5]
    shown = {"the model": model, **(more or {}), **{name: rivals[name] for name in best}}
    said = [_table(evidence, shown, unit)]
    return {
        "metrics": {"value": float(model.mean() * THOUSAND)},
        "findings": [_against(evidence, model, rivals, unit)],
        "section": {"title": "What its decisions are worth", "level": "decide", "order": 5, "blocks": said},
    }
