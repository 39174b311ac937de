"""Stage `report`: everything recorded so far on one self-contained HTML page."""

from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from regrow_evaluation import evidence, figures, svg
from regrow_evaluation.catalogue import BINARY, REGRESSION
from regrow_evaluation.predicted import Predicted, read
from regrow_evaluation.settings import ReportSettings

CAPTIONS = {
    "binary": {
        "performance": "Each point is a threshold: how many positives are found, and how many false alarms "
        "that costs. The dashed line is guessing.",
        "calibration": "Held-out rows in groups of equal size by predicted probability. On the dashed line a predicted "
        "30% comes true in 30% of the rows.",
        "errors": "Rows by true and predicted class; the share is of the true class.",
    },
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
    },
}


def report(
    ingest_record: dict[str, Any],
    validation: Any,
    metrics: dict[str, Any],
    performance_curve: pd.DataFrame,
    calibration_curve: pd.DataFrame,
    predictions: pd.DataFrame,
    settings: ReportSettings,
) -> dict[str, str]:
    """The page, {"report": HTML}. It asks for nothing outside itself and holds no clock, host or path.

    `ingest_record` and `validation` are taken as other plugins made them: what they lack is left out of the page.
    """
    task = settings.data.task
    predicted = read(predictions, task, settings.data.target.positive)
    page = _environment().get_template("page.html")
    return {
        "report": page.render(
            task=task,
            target=settings.data.target,
            positive=predicted.classes[predicted.positive] if predicted.positive is not None else None,
            record=ingest_record,
            columns=evidence.columns(ingest_record, settings),
            distribution=evidence.distribution(ingest_record, predicted),
            lookups=evidence.lookups(ingest_record),
            assumptions=evidence.assumptions(validation),
            metrics=metrics,
            measured=evidence.measured(metrics, settings.evaluation.metrics),
            figures=draw(performance_curve, calibration_curve, predicted),
            captions=_captions(predicted),
            by_class=evidence.by_class(predicted) if predicted.classes else [],
            by_share=[] if predicted.classes else evidence.by_share(predicted),
            probabilities=predicted.probability is not None,
            settings=settings,
            groups={name: evidence.flat(group, name) for name, group in settings.groups().items()},
            uses={name: group["use"] for name, group in settings.groups().items() if "use" in group},
        )
    }


def draw(performance: pd.DataFrame, calibration: pd.DataFrame, predicted: Predicted) -> dict[str, Markup]:
    """The figures by name: performance, calibration, errors; and histogram for a numeric target."""
    regression = predicted.task == REGRESSION
    with svg.style():
        drawn = {
            "performance": figures.performance(performance, predicted.task),
            "calibration": figures.calibration(calibration, predicted.task),
            "errors": figures.residuals(predicted) if regression else figures.confusion(predicted),
        }
        if regression:
            drawn["histogram"] = figures.histogram(predicted)
    return {name: Markup(text) for name, text in drawn.items()}  # noqa: S704 - our own SVG, its text escaped


def _captions(predicted: Predicted) -> dict[str, str]:
    """With what a figure of many classes does not show."""
    captions = CAPTIONS[predicted.task]
    many = len(predicted.classes)
    if many <= figures.CLASSES:
        return captions
    return captions | {
        "performance": f"{captions['performance']} The first {figures.CLASSES} of {many} classes are drawn.",
        "errors": f"{captions['errors']} The {figures.CLASSES - 1} most frequent classes; the others are summed.",
    }


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("regrow_evaluation", "page"),
        autoescape=True,  # class names and settings are data, and data may be hostile
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: svg.clean(value) if type(value) is str else value,
    )
    environment.filters |= {"number": evidence.number, "share": evidence.share}
    environment.globals |= {"BINARY": BINARY, "REGRESSION": REGRESSION}
    return environment
