"""One factory a metric, all on scikit-learn; `Metric` is what another plugin's factory returns too."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn import metrics as sk

from regrow import Context
from regrow_evaluation.catalogue import BINARY, METRICS
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.settings import ThresholdSettings


@dataclass(frozen=True)
class Metric:
    """A number that says how good predictions are.

    function: takes a `Predicted`, returns a float; NaN (or ValueError) means undefined on these rows.
    needs_probability: left out for models that give none. The component says which way is better, and for which tasks.
    """

    function: Callable[[Predicted], float]
    needs_probability: bool = False

    def __call__(self, predicted: Predicted) -> float:
        """The number for these rows."""
        return float(self.function(predicted))


def _metric(name: str, function: Callable[[Predicted], float], needs_probability: bool = False) -> Metric:
    return Metric(function, needs_probability or METRICS[name].needs_probability)


def roc_auc(settings: None, context: Context) -> Metric:
    """Undefined when only one class occurs."""
    return _metric("roc_auc", lambda p: sk.roc_auc_score(p.is_positive, p.score) if _both(p) else np.nan)


def average_precision(settings: None, context: Context) -> Metric:
    """Undefined when no positive occurs."""
    return _metric(
        "average_precision",
        lambda p: sk.average_precision_score(p.is_positive, p.score) if p.is_positive.any() else np.nan,
    )


def brier(settings: None, context: Context) -> Metric:
    """Brier (1950), for the positive class: 0 is perfect, a coin gives 0.25."""
    return _metric("brier", lambda p: sk.brier_score_loss(p.is_positive, p.score))


def log_loss(settings: None, context: Context) -> Metric:
    """In nats. Probabilities are clipped as scikit-learn does, so it stays finite."""
    return _metric("log_loss", lambda p: sk.log_loss(p.target, p.probability, labels=range(len(p.classes))))


def accuracy(settings: ThresholdSettings, context: Context) -> Metric:
    """Of all rows."""
    return _labelled("accuracy", settings, sk.accuracy_score)


def balanced_accuracy(settings: ThresholdSettings, context: Context) -> Metric:
    """Over the classes that occur."""
    return _labelled("balanced_accuracy", settings, sk.balanced_accuracy_score)


def f1(settings: ThresholdSettings, context: Context) -> Metric:
    """Undefined when positives are neither there nor predicted."""
    return _labelled("f1", settings, lambda target, said: sk.f1_score(target, said, zero_division=np.nan))


def precision(settings: ThresholdSettings, context: Context) -> Metric:
    """0 when no positive is predicted, as scikit-learn's default."""
    return _labelled("precision", settings, lambda target, said: sk.precision_score(target, said, zero_division=0))


def recall(settings: ThresholdSettings, context: Context) -> Metric:
    """Undefined when no positive occurs."""
    return _labelled("recall", settings, lambda target, said: sk.recall_score(target, said, zero_division=np.nan))


def matthews(settings: ThresholdSettings, context: Context) -> Metric:
    """Matthews (1975): -1 to 1; 0 when target or prediction is constant."""
    return _labelled("matthews", settings, sk.matthews_corrcoef)


def f1_macro(settings: None, context: Context) -> Metric:
    """Over the classes that occur or are predicted; 0 for a class that is never right."""
    return _metric("f1_macro", lambda p: sk.f1_score(p.target, p.prediction, average="macro", zero_division=0))


def roc_auc_ovr(settings: None, context: Context) -> Metric:
    """Each class against the rest, each class weighing the same. Undefined when one of them does not occur."""
    return _metric("roc_auc_ovr", _one_against_rest)


def rmse(settings: None, context: Context) -> Metric:
    """In the target's unit."""
    return _metric("rmse", lambda p: sk.root_mean_squared_error(p.target, p.prediction))


def mae(settings: None, context: Context) -> Metric:
    """In the target's unit."""
    return _metric("mae", lambda p: sk.mean_absolute_error(p.target, p.prediction))


def r2(settings: None, context: Context) -> Metric:
    """Undefined on a single row or a constant target."""
    return _metric("r2", lambda p: sk.r2_score(p.target, p.prediction) if np.ptp(p.target) > 0 else np.nan)


def median_absolute_error(settings: None, context: Context) -> Metric:
    """In the target's unit."""
    return _metric("median_absolute_error", lambda p: sk.median_absolute_error(p.target, p.prediction))


def _both(predicted: Predicted) -> bool:
    return bool(predicted.is_positive.any() and not predicted.is_positive.all())


def _one_against_rest(predicted: Predicted) -> float:
    labels = np.arange(len(predicted.classes))
    if not np.isin(labels, predicted.target).all():
        return np.nan
    assert predicted.probability is not None  # the stage leaves out metrics that need one
    return float(np.mean([sk.roc_auc_score(predicted.target == k, predicted.probability[:, k]) for k in labels]))


def _labelled(name: str, settings: ThresholdSettings, function: Callable[[np.ndarray, np.ndarray], float]) -> Metric:
    """A metric of classes, not of probabilities; for binary targets the positive class is 1, from the threshold on."""

    def measure(predicted: Predicted) -> float:
        if predicted.task != BINARY:
            return function(predicted.target, predicted.prediction)
        if settings.threshold is None:
            return function(predicted.is_positive, predicted.prediction == predicted.positive)
        return function(predicted.is_positive, predicted.score >= settings.threshold)

    return _metric(name, measure, needs_probability=settings.threshold is not None)
