"""Points of the performance and the calibration curve, over all held-out rows together; columns x, y, series."""

import numpy as np
import pandas as pd
from sklearn.metrics import roc_curve

from regrow_evaluation.catalogue import BINARY, REGRESSION
from regrow_evaluation.predicted import Predicted

POINTS = 200  # at most, of one series: what a screen can show, and what a diff in Git can carry


def performance(predicted: Predicted) -> pd.DataFrame:
    """Classes: the ROC curve (x false, y true positive rate), for more than two classes each against the rest.

    Regression: the error characteristic, y = share of rows whose absolute error is at most x, in the target's unit, of
    the model and of the mean held-out target (Bi and Bennett, Regression Error Characteristic Curves, ICML 2003).
    A model without probabilities gives a ROC curve with a single corner, its own prediction.
    """
    if predicted.task == REGRESSION:
        constant = np.full_like(predicted.target, predicted.target.mean())
        return _stack(
            {
                "model": _error_characteristic(predicted.target, predicted.prediction),
                "mean of the target": _error_characteristic(predicted.target, constant),
            }
        )
    shown = [predicted.positive] if predicted.task == BINARY else range(len(predicted.classes))
    return _stack({predicted.classes[k]: _roc(predicted, k) for k in shown if k is not None})


def calibration(predicted: Predicted, bins: int) -> pd.DataFrame:
    """Up to `bins` groups of equally many rows, by what was predicted: x its mean, y what came true.

    Binary: x probability, y share of the positive class. Multiclass: x probability of the most probable class, y share
    of rows where it was right (top-label calibration, Guo et al., On Calibration of Modern Neural Networks, ICML 2017).
    Regression: x mean prediction, y mean target. Without probabilities a prediction counts as one of 0 or 1.
    """
    if predicted.task == REGRESSION:
        return _stack({"model": _binned(predicted.prediction, predicted.target, bins)})
    if predicted.task == BINARY:
        name = predicted.classes[predicted.positive or 0]
        return _stack({name: _binned(predicted.score, predicted.is_positive, bins)})
    if predicted.probability is None:
        right = predicted.target == predicted.prediction
        return _stack({"top class": _binned(np.ones(len(right)), right, bins)})
    right = predicted.target == predicted.probability.argmax(axis=1)
    return _stack({"top class": _binned(predicted.probability.max(axis=1), right, bins)})


Points = tuple[np.ndarray, np.ndarray]


def _roc(predicted: Predicted, k: int) -> Points:
    """Of class k against the rest; only the corners where one of both does not occur, and the curve is undefined."""
    truth = predicted.target == k
    if truth.all() or not truth.any():
        return np.array([0.0, 1.0]), np.array([0.0, 1.0])
    given = predicted.prediction == k if predicted.probability is None else predicted.probability[:, k]
    false, true, _ = roc_curve(truth, given.astype(float))
    return false, true


def _error_characteristic(target: np.ndarray, prediction: np.ndarray) -> Points:
    error = np.sort(np.abs(target - prediction))
    share = np.arange(1, len(error) + 1) / len(error)
    last = np.append(error[1:] != error[:-1], True)  # equal errors are one point, the highest
    return np.insert(error[last], 0, 0.0), np.insert(share[last], 0, 0.0)


def _binned(predicted: np.ndarray, observed: np.ndarray, bins: int) -> Points:
    """Means in quantile bins, as scikit-learn's calibration_curve makes them; bins left empty by ties are dropped."""
    edges = np.percentile(predicted, np.linspace(0, 100, bins + 1))
    group = np.searchsorted(edges[1:-1], predicted)
    size = np.bincount(group, minlength=bins)
    x, y = (np.bincount(group, weights=values, minlength=bins) for values in (predicted, observed))
    return x[size > 0] / size[size > 0], y[size > 0] / size[size > 0]


def _stack(series: dict[str, Points]) -> pd.DataFrame:
    return pd.concat(
        [pd.DataFrame({"x": x, "y": y, "series": name}) for name, (x, y) in _thinned(series).items()], ignore_index=True
    )


def _thinned(series: dict[str, Points]) -> dict[str, Points]:
    """Evenly spaced points of each series, first and last among them."""
    kept = {}
    for name, (x, y) in series.items():
        chosen = np.unique(np.linspace(0, len(x) - 1, min(POINTS, len(x))).round().astype(int))
        kept[name] = x[chosen], y[chosen]
    return kept
