"""One factory a metric, on scikit-learn where it has one; `Metric` is what another plugin's factory returns too."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn import metrics as sk

from regrow import Context
from regrow_evaluation import weighted
from regrow_evaluation.catalogue import BINARY, METRICS
from regrow_evaluation.metric_settings import (
    BinsSettings,
    PrecisionSettings,
    QuantileSettings,
    ShareSettings,
    ThresholdSettings,
)
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.weighted import Counts, Prepare

Labels = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True)
class Metric:
    """A number that says how good predictions are.

    function: takes a `Predicted`, returns a float; NaN (or ValueError) means undefined on these rows.
    needs_probability: left out for models that give none. The component says which way is better, and for which tasks.
    prepare: of some rows, what gives the number for any weights of them (`regrow_evaluation.weighted`). An interval
    is dear without one: `function` is then called with rows that are there several times.
    """

    function: Callable[[Predicted], float]
    needs_probability: bool = False
    prepare: Prepare | None = None

    def __call__(self, predicted: Predicted) -> float:
        """The number for these rows."""
        return float(self.function(predicted))


def _metric(name: str, function: Callable[[Predicted], float], prepare: Prepare) -> Metric:
    return Metric(function, METRICS[name].needs_probability, prepare)


def _own(name: str, prepare: Prepare) -> Metric:
    """A metric that is the weighted one with every row once."""
    return _metric(name, lambda p: prepare(p)(np.ones(len(p.target))), prepare)


def roc_auc(settings: None, context: Context) -> Metric:
    """Undefined when only one class occurs."""
    score: Callable[[Predicted], float] = lambda p: sk.roc_auc_score(p.is_positive, p.score) if _both(p) else np.nan  # noqa: E731
    return _metric("roc_auc", score, weighted.roc_auc)


def average_precision(settings: None, context: Context) -> Metric:
    """Undefined when no positive occurs."""
    return _metric(
        "average_precision",
        lambda p: sk.average_precision_score(p.is_positive, p.score) if p.is_positive.any() else np.nan,
        weighted.average_precision,
    )


def recall_at_precision(settings: PrecisionSettings, context: Context) -> Metric:
    """0 where no threshold has the precision; undefined when no positive occurs."""
    return _own("recall_at_precision", weighted.recall_at(settings.precision))


def lift(settings: ShareSettings, context: Context) -> Metric:
    """1 is no better than chance; undefined when no positive occurs."""
    return _own("lift", weighted.lift(settings.share))


def calibration_error(settings: BinsSettings, context: Context) -> Metric:
    """Of the positive class, or of the most probable one. Above 0 by chance, too: see the analysis `calibration`."""
    return _own("calibration_error", weighted.calibration_error(settings.bins))


def brier(settings: None, context: Context) -> Metric:
    """Brier (1950): 0 is perfect; for the positive class a coin gives 0.25; of several classes, up to 2."""
    return _own("brier", weighted.mean(weighted.squared_distances))


def log_loss(settings: None, context: Context) -> Metric:
    """In nats. Probabilities are clipped as scikit-learn does, so it stays finite."""
    return _metric(
        "log_loss",
        lambda p: sk.log_loss(p.target, p.probability, labels=range(len(p.classes))),
        weighted.mean(weighted.log_losses),
    )


def accuracy(settings: ThresholdSettings, context: Context) -> Metric:
    """Of all rows."""
    return _labelled(settings, sk.accuracy_score, weighted.accuracy)


def balanced_accuracy(settings: ThresholdSettings, context: Context) -> Metric:
    """Over the classes that occur."""
    return _labelled(settings, sk.balanced_accuracy_score, weighted.balanced_accuracy)


def f1(settings: ThresholdSettings, context: Context) -> Metric:
    """Undefined when positives are neither there nor predicted."""
    return _labelled(settings, lambda target, said: sk.f1_score(target, said, zero_division=np.nan), weighted.f1)


def precision(settings: ThresholdSettings, context: Context) -> Metric:
    """0 when no positive is predicted, as scikit-learn's default."""
    return _labelled(
        settings, lambda target, said: sk.precision_score(target, said, zero_division=0), weighted.precision
    )


def recall(settings: ThresholdSettings, context: Context) -> Metric:
    """Undefined when no positive occurs."""
    return _labelled(
        settings, lambda target, said: sk.recall_score(target, said, zero_division=np.nan), weighted.recall
    )


def matthews(settings: ThresholdSettings, context: Context) -> Metric:
    """Matthews (1975): -1 to 1; 0 when target or prediction is constant."""
    return _labelled(settings, sk.matthews_corrcoef, weighted.matthews)


def f1_macro(settings: None, context: Context) -> Metric:
    """Over the classes that occur or are predicted; 0 for a class that is never right."""
    return _metric(
        "f1_macro",
        lambda p: sk.f1_score(p.target, p.prediction, average="macro", zero_division=0),
        weighted.counts(lambda p: p.prediction, weighted.f1_macro),
    )


def roc_auc_ovr(settings: None, context: Context) -> Metric:
    """Each class against the rest, each class weighing the same. Undefined when one of them does not occur."""
    return _metric("roc_auc_ovr", _one_against_rest, weighted.roc_auc_ovr)


def rmse(settings: None, context: Context) -> Metric:
    """In the target's unit."""
    prepare = weighted.mean(lambda p: (p.target - p.prediction) ** 2, lambda value: float(np.sqrt(value)))
    return _metric("rmse", lambda p: sk.root_mean_squared_error(p.target, p.prediction), prepare)


def mae(settings: None, context: Context) -> Metric:
    """In the target's unit."""
    return _metric("mae", lambda p: sk.mean_absolute_error(p.target, p.prediction), weighted.mean(weighted.errors))


def r2(settings: None, context: Context) -> Metric:
    """Undefined on a single row or a constant target."""
    return _metric("r2", lambda p: sk.r2_score(p.target, p.prediction) if np.ptp(p.target) > 0 else np.nan, weighted.r2)


def median_absolute_error(settings: None, context: Context) -> Metric:
    """In the target's unit."""
    return _metric(
        "median_absolute_error",
        lambda p: sk.median_absolute_error(p.target, p.prediction),
        weighted.quantile_of_errors(0.5),
    )


def quantile_absolute_error(settings: QuantileSettings, context: Context) -> Metric:
    """In the target's unit."""
    prepare = weighted.quantile_of_errors(settings.quantile)
    name = "quantile_absolute_error"
    return _metric(name, lambda p: float(np.quantile(weighted.errors(p), settings.quantile)), prepare)


def pinball(settings: QuantileSettings, context: Context) -> Metric:
    """In the target's unit."""
    alpha = settings.quantile
    return _metric(
        "pinball",
        lambda p: sk.mean_pinball_loss(p.target, p.prediction, alpha=alpha),
        weighted.mean(weighted.pinball_losses(alpha)),
    )


def relative_error(settings: None, context: Context) -> Metric:
    """Undefined when every target is 0."""
    return _own("relative_error", weighted.relative_error)


def percentage_error(settings: None, context: Context) -> Metric:
    """Undefined when a target is 0."""

    def of_row(p: Predicted) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return weighted.errors(p) / np.abs(p.target)

    return _own("percentage_error", weighted.mean(of_row))


def _both(predicted: Predicted) -> bool:
    return bool(predicted.is_positive.any() and not predicted.is_positive.all())


def _one_against_rest(predicted: Predicted) -> float:
    labels = np.arange(len(predicted.classes))
    if not np.isin(labels, predicted.target).all():
        return np.nan
    assert predicted.probability is not None  # the stage leaves out metrics that need one
    return float(np.mean([sk.roc_auc_score(predicted.target == k, predicted.probability[:, k]) for k in labels]))


def _labelled(settings: ThresholdSettings, function: Labels, of: Counts) -> Metric:
    """A metric of classes, not of probabilities; for binary targets the positive class is 1, from the threshold on."""

    def said(p: Predicted) -> np.ndarray:
        if p.task != BINARY:
            return p.prediction
        positive = p.prediction == p.positive if settings.threshold is None else p.score >= settings.threshold
        return positive.astype("int64")

    def measure(p: Predicted) -> float:
        return function(p.is_positive if p.task == BINARY else p.target, said(p))

    def prepare(p: Predicted) -> weighted.Weighted:
        return weighted.counts(said, of, binary=p.task == BINARY)(p)

    return Metric(measure, settings.threshold is not None, prepare)
