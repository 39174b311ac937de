"""The stage `fallback`: what it costs when the model can't answer, on the rows on which the model is measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regrow import RegrowError
from regrow.artifacts import blocks
from regrow.artifacts.blocks import SHARE, at
from regrow_experiment import folds
from regrow_serve import fallback
from regrow_serve.bundle import Bundle, records
from regrow_serve.settings import FallbackSettings

RECORD = "fallback"  # the artifact in which the numbers stand
WAYS = {
    "model": "The model",
    "fallback": "The fallback, as a server uses it",
    "last_bundle": "The last bundle alone",
    "rules": "Rules, else the usual answer",
    "usual": "Always the usual answer",
}


def unavailable(
    table: pd.DataFrame,
    split: pd.DataFrame,
    predictions: pd.DataFrame,
    settings: FallbackSettings,
    fallback_bundle: Path | None = None,
    threshold: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """How much worse than the model the fallback is on held-out rows, per thousand decisions; a record and a section.

    fallback_bundle: a file, asked first. threshold: the artifact, for settings without one. Raises RegrowError for a
    bundle that predicts something else.
    """
    target = settings.data.target.name or settings.data.target.column
    training = folds.learnt_from(split, folds.of(split, len(table)))
    truth, values = predictions["target"].to_numpy(), table.loc[training, target].to_numpy()
    classes = None if settings.data.task == "regression" else sorted({*values.tolist(), *truth.tolist()})
    said = fallback.of(settings.serving, values, classes)
    rows = records(table.iloc[predictions["row"].to_numpy()].drop(columns=target))
    names = [name for name in predictions.columns if name.startswith("probability_")]
    least = fallback.threshold(settings.serving, threshold, {"probabilities": bool(names), "classes": classes})
    decide = Decides(classes, settings.data.target.positive, least)
    shares = predictions[names].to_numpy() if names else None
    answers = {"model": decide(predictions["prediction"].to_numpy(), shares), **_by_rules(said, rows, decide)}
    if fallback_bundle is not None:
        answers["last_bundle"] = _by_last(earlier(fallback_bundle, target), rows, answers["rules"], decide)
    answers["fallback"] = answers.get("last_bundle", answers["rules"])
    record = _record(settings.data.task, truth, answers)
    by_rule = [any(fallback.holds(rule, row.get(rule["column"])) for rule in said["rules"]) for row in rows]
    record["by_rule"] = float(np.mean(by_rule))
    return {"fallback": record, "fallback_section": _section(record, settings)}


@dataclass(frozen=True)
class Decides:
    """What a threshold makes of answers; without one, or without probabilities, they are what they are."""

    classes: Sequence[Any] | None
    positive: Any
    least: float | None

    def __call__(self, prediction: np.ndarray, probabilities: np.ndarray | None) -> np.ndarray:
        """Both of so many rows -> (rows,)."""
        if self.least is None or probabilities is None or self.classes is None:
            return prediction
        return fallback.decided(probabilities, self.classes, self.positive, self.least)


def _by_rules(said: Mapping[str, Any], rows: list[dict[str, Any]], decide: Decides) -> dict[str, np.ndarray]:
    """With the rules, and where there are any without them."""
    answers = {}
    for name, rules in (("rules", said["rules"]), *((("usual", []),) if said["rules"] else ())):
        given = [fallback.answer({**said, "rules": rules}, row, decide.classes) for row in rows]
        shares = np.array([one["probabilities"] for one in given]) if decide.classes else None
        answers[name] = decide(np.array([one["prediction"] for one in given]), shares)
    return answers


def _by_last(last: Bundle, rows: list[dict[str, Any]], otherwise: np.ndarray, decide: Decides) -> np.ndarray:
    """An earlier bundle's answers, by a threshold of its own if it has one, and others for the rows that it refuses."""
    scored = last.score(last.schema.of_rows(rows))
    given = decide(scored.prediction, scored.probabilities)
    if last.threshold is not None and scored.probabilities is not None:
        given = last.decide(scored.probabilities)
    answers = otherwise.astype(given.dtype, copy=True)
    answers[scored.rows] = given
    return answers


def earlier(file: Path, target: str, classes: Sequence[Any] | None = None) -> Bundle:
    """The bundle that answers where the model can't. RegrowError for one that predicts something else, or other classes
    than these, or no longer gives its own answers with the code and packages that are here."""
    found = Bundle.load(file)
    fix = "take a later one, or leave the source fallback_bundle out"
    if classes is not None and found.classes != list(classes):
        raise RegrowError(f"knows the classes {found.classes}, and the model {classes}", where=str(file), fix=fix)
    if found.about["target"] != target:
        raise RegrowError(f"predicts {found.about['target']!r}, and the model {target!r}", where=str(file), fix=fix)
    if failing := found.self_test():
        wrong = f"fails {len(failing)} of its own examples with the code and packages that are here"
        raise RegrowError(wrong, where=str(file), fix=fix)
    return found


def _record(task: str, truth: np.ndarray, answers: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """For each way to answer: what is wrong, and by how much that is more than of the model."""
    if task == "regression":
        wrong = {name: np.abs(made - truth) for name, made in answers.items()}
        unit, scale = "mean distance", 1.0
    else:
        wrong = {name: (made != truth).astype(float) for name, made in answers.items()}
        unit, scale = "wrong in 1,000", 1000.0
    ways = {
        name: {
            "wrong": float(one.mean() * scale),
            "worse_by": float((one.mean() - wrong["model"].mean()) * scale),
            "worse_in_1000": float((one > wrong["model"]).mean() * 1000),
            "better_in_1000": float((one < wrong["model"]).mean() * 1000),
        }
        for name, one in wrong.items()
    }
    return {"unit": unit, "rows": len(truth), "ways": ways}


def _section(record: Mapping[str, Any], settings: FallbackSettings) -> dict[str, Any]:
    ways = record["ways"]
    ruled, cells = "usual" in ways, []
    for name in (name for name in WAYS if name in ways and (name != "rules" or ruled or "last_bundle" in ways)):
        more = ("worse_by", "worse_in_1000", "better_in_1000")
        beside = [at(RECORD, f"ways.{name}.{key}") if name != "model" else None for key in more]
        words = WAYS["usual" if name == "rules" and not ruled else name]
        cells.append([words, at(RECORD, f"ways.{name}.wrong"), *beside])
    unit = record["unit"]
    columns = ["Who answers", unit.capitalize(), "More than the model", "Worse in 1,000", "Better in 1,000"]
    said = [
        blocks.text(
            "A server answers without the model when its deadline passes, it fails, its file is not what it was, or "
            "somebody has switched it off. This is what that costs, on the rows on which the model is measured."
        ),
        blocks.number(f"more than the model: {unit}", RECORD, "ways.fallback.worse_by"),
        blocks.table("Without the model", columns, cells),
    ]
    if settings.serving.fallback.rules:
        said.append(blocks.number("of the rows a rule answers", RECORD, "by_rule", SHARE))
    if "last_bundle" in ways:
        said.append(blocks.text("The last bundle may have learnt from some of these rows."))
    return {"title": "When there is no model", "level": "analyse", "order": 80, "blocks": said}
