"""What `evaluate` has to say on the report: the result in short, and how well the model predicts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from regrow import Use
from regrow.artifacts import blocks
from regrow.artifacts.blocks import SHARE, at
from regrow_evaluation import figures, svg
from regrow_evaluation.catalogue import BINARY, REGRESSION
from regrow_evaluation.looks import confidence
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.settings import EvaluateSettings, Intervals

METRICS = "metrics"  # the artifact in which the numbers stand
HEADLINE = 4  # metrics that are shown at the top
CLASSES = 30  # that a table lists
LINEAR = "The linear model learnt from the same rows (20,000 at most), scaled and one-hot encoded. "
CORRECTED = "Folds share training rows, which the standard error allows for (Nadeau and Bengio 2003). "
BINARY_CAPTIONS = {
    "performance": "Each point is a threshold: how many positives are found, and how many false alarms that costs. "
    "The dashed line is guessing.",
    "calibration": "Held-out rows in groups of equal size by predicted probability. On the dashed line a predicted 30% "
    "comes true in 30% of the rows.",
    "errors": "Rows by true and predicted class; the share is of the true class.",
}
CAPTIONS = {
    "binary": BINARY_CAPTIONS,
    "multiclass": {
        "performance": "Each class against the rest. The dashed line is guessing.",
        "calibration": "Held-out rows in groups of equal size by the probability of the most probable class. On the "
        "dashed line a predicted 80% is right in 80% of the rows.",
        "errors": "Rows by true and predicted class, shaded by the share of the true class.",
    },
    "regression": {
        "performance": "Share of rows whose error is within a tolerance (regression error characteristic, Bi and "
        "Bennett 2003), up to the tolerance that holds 99% of them. Dashed: the mean of the target as the prediction.",
        "calibration": "Held-out rows in groups of equal size by prediction: their mean target against their mean "
        "prediction. On the dashed line both agree.",
        "errors": "What is left over, by prediction. A pattern here is something the model has missed.",
        "histogram": "",
    },
}
TITLES = {"performance": "ROC curve", "calibration": "Calibration", "errors": "Confusion matrix"}
REGRESSION_TITLES = {
    "performance": "Error within a tolerance",
    "calibration": "Calibration",
    "errors": "Residuals",
    "histogram": "The target, held-out rows",
}


def result(metrics: Mapping[str, Any], predicted: Predicted, settings: EvaluateSettings) -> dict[str, Any]:
    """The section `result_section`, which opens the page: what is predicted, and the first metrics."""
    shown = [key for key in settings.evaluation.metrics if key in metrics][:HEADLINE]
    rows = [blocks.number("rows held out", METRICS, "rows")]
    if predicted.task != REGRESSION:
        rate = f"of class {_positive(predicted)}" if predicted.task == BINARY else "of the most frequent class"
        rows.append(blocks.number(rate, METRICS, "base_rate", SHARE))
    said = [blocks.text(_lead(metrics, predicted, settings)), *(blocks.number(key, METRICS, key) for key in shown)]
    gains = [_gain(use, metrics, key) for key, use in settings.evaluation.metrics.items()]
    better, known = sum(gain == "better" for gain in gains), sum(gain != "" for gain in gains)
    words = f"By {better} of {known} metrics the model is better than a guess that looks at no feature."
    against = [blocks.text(words)] if known else []
    linear = metrics["baseline"].get("linear", {})
    against += [blocks.text(_looked(settings.evaluation.intervals))] if "looks" in metrics else []
    against += [
        blocks.number(f"{key} of a linear model", METRICS, f"baseline.linear.{key}")
        for key in shown[:1]
        if key in linear
    ]
    against += [
        blocks.number(f"a difference of {key} that means nothing, by the search", METRICS, f"noise.{key}")
        for key in metrics.get("noise", {})
    ]
    return {"title": "The result", "level": "decide", "order": 0, "blocks": [*said, *rows, *against]}


def _looked(intervals: Intervals) -> str:
    return (
        f"{intervals.looks} experiments were scored on these rows. Among so many one looks good by chance, so each "
        f"interval is one of {confidence(intervals.confidence, intervals.looks):.3%} (Bonferroni), for "
        f"{intervals.confidence:.0%} of all together."
    )


def _lead(metrics: Mapping[str, Any], predicted: Predicted, settings: EvaluateSettings) -> str:
    target = settings.data.target
    if predicted.task == BINARY:
        above = f" ({target.column} above {target.above:g})" if target.above is not None else ""
        what = f"Whether {target.final_name} is {_positive(predicted)}{above}"
    elif predicted.task == REGRESSION:
        what = f"The number {target.final_name}"
    else:
        what = f"Which of the {len(predicted.classes)} classes of {target.final_name} a row is in"
    often = f", {metrics['repeats']} times over" if "repeats" in metrics else ""
    how = f"each by a fit that had not seen it{often}" if "folds" in metrics else "which the model was not fitted on"
    return f"{what}, measured on rows that were held out, {how}."


def _positive(predicted: Predicted) -> str:
    return predicted.classes[predicted.positive or 0]


def performance(metrics: Mapping[str, Any], predicted: Predicted, curves: Mapping[str, pd.DataFrame],
                settings: EvaluateSettings) -> dict[str, Any]:  # fmt: skip
    """The section `performance_section`: every metric beside a baseline, figures, and the classes or the errors."""
    said = [_against_the_baseline(metrics, predicted, settings)]
    if "folds" in metrics:
        said.append(_by_fold(metrics))
    if predicted.task != REGRESSION and predicted.probability is None:
        words = (
            "The model gives no probabilities: the curves show its predictions as they are, each counting as certain."
        )
        said.append(blocks.text(words))
    said += _figures(curves, predicted)
    said.append(_by_class(predicted) if predicted.classes else _by_share(predicted))
    return {"title": "How well it predicts", "level": "analyse", "order": 10, "blocks": said}


def _against_the_baseline(metrics: Mapping[str, Any], predicted: Predicted, settings: EvaluateSettings) -> Any:
    answer = (
        "the mean of the held-out targets"
        if predicted.task == REGRESSION
        else "the most frequent class, and with the shares of the classes as probabilities"
    )
    folds = "Means over folds, with their standard deviation. " if "folds" in metrics else ""
    folds += CORRECTED if "repeats" in metrics else ""
    spreads = {"std": "Over folds, ±"} if folds else {}
    spreads |= {"standard_error": "Standard error"} if "repeats" in metrics else {}
    linear = metrics["baseline"].get("linear", {})
    beside = ["Linear model"] if linear else []
    columns = ["Metric", "Model", *spreads.values(), *beside, "Baseline", "Against it"]
    rows: list[list[Any]] = []
    for key, use in settings.evaluation.metrics.items():
        name = "\n".join(filter(None, (key, _about(use))))
        if key not in metrics:
            gone = "left out: it needs probabilities, and this model gives none"
            rows.append([f"{name}\n{gone}", *[None] * (len(columns) - 1)])
            continue
        spread: list[Any] = [at(METRICS, f"folds.{key}.{one}") for one in spreads]
        baseline = at(METRICS, f"baseline.{key}") if key in metrics["baseline"] else "undefined"
        if linear:
            spread.append(at(METRICS, f"baseline.linear.{key}") if key in linear else "undefined")
        rows.append([name, at(METRICS, key), *spread, baseline, _gain(use, metrics, key)])
    return blocks.table(
        "Metrics",
        columns,
        rows,
        f"{folds}{LINEAR if linear else ''}The baseline looks at no feature: it answers with {answer}.",
    )


def _about(use: Use) -> str:
    """What a metric is, its own settings, and which way is better."""
    given = use.settings
    given = given.model_dump(exclude_none=True) if hasattr(given, "model_dump") else given or {}
    options = ", ".join(f"{name} {value}" for name, value in given.items())
    about = f"{use.component.about or use.name}{f' ({options})' if options else ''}"
    return f"{about}; {use.component.better} is better" if use.component.better else about


def _gain(use: Use, metrics: Mapping[str, Any], key: str) -> str:
    """Whether a metric is better than the baseline's, worse or the same; "" where that is not known."""
    if key not in metrics or key not in metrics["baseline"] or not use.component.better:
        return ""
    gain = np.sign(metrics[key] - metrics["baseline"][key]) * (1 if use.component.better == "higher" else -1)
    return {1: "better", -1: "worse"}.get(int(gain), "the same")


def _by_fold(metrics: Mapping[str, Any]) -> dict[str, Any]:
    names = list(metrics["folds"])
    folds = sorted((fold for fold in metrics["folds"][names[0]] if fold.isdigit()), key=int)
    rows = [[f"fold {fold}", *(at(METRICS, f"folds.{name}.{fold}") for name in names)] for fold in folds]
    return blocks.table("By fold", ["", *names], rows)


def _figures(curves: Mapping[str, pd.DataFrame], predicted: Predicted) -> list[dict[str, Any]]:
    regression, captions = predicted.task == REGRESSION, dict(CAPTIONS[predicted.task])
    many = len(predicted.classes)
    if many > figures.CLASSES:
        captions["performance"] += f" The first {figures.CLASSES} of {many} classes are drawn."
        captions["errors"] += f" The {figures.CLASSES - 1} most frequent classes; the others are summed."
    with svg.style():
        drawn = {
            "performance": figures.performance(curves["performance_curve"], predicted.task),
            "calibration": figures.calibration(curves["calibration_curve"], predicted.task),
            "errors": figures.residuals(predicted) if regression else figures.confusion(predicted),
        }
        if regression:
            drawn["histogram"] = figures.histogram(predicted)
    titles = REGRESSION_TITLES if regression else TITLES
    return [blocks.figure(titles[name], picture, captions[name]) for name, picture in drawn.items()]


def _by_class(predicted: Predicted) -> dict[str, Any]:
    """Of each class: held-out rows, recall (share found) and precision (share right of those predicted so)."""
    size = len(predicted.classes)
    true = np.bincount(predicted.target, minlength=size)
    said = np.bincount(predicted.prediction, minlength=size)
    right = np.bincount(predicted.target[predicted.target == predicted.prediction], minlength=size)
    rows = [
        [name, int(t), _share(r, t), _share(r, s)]
        for name, t, s, r in zip(predicted.classes[:CLASSES], true, said, right, strict=False)
    ]
    more = f"The first {CLASSES} of {size} classes." if size > CLASSES else ""
    return blocks.table("By class", ["Class", "Rows", "Found", "Right when predicted"], rows, more)


def _share(part: int, whole: int) -> dict[str, Any] | None:
    return {"value": float(part / whole), "unit": SHARE} if whole else None


def _by_share(predicted: Predicted) -> dict[str, Any]:
    """The absolute error that a share of the rows stays within, in the target's unit."""
    error = np.abs(predicted.target - predicted.prediction)
    parts = (0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
    rows = [["all" if part == 1 else f"{part:.0%}", float(np.quantile(error, part))] for part in parts]
    return blocks.table("Absolute error", ["This share of the rows", "is within"], rows)
