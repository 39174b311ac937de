"""What each metric is, in one table that imports nothing: the settings are checked against it before any stage runs."""

from dataclasses import dataclass

BINARY, MULTICLASS, REGRESSION = TASKS = ("binary", "multiclass", "regression")
CLASSIFIERS = (BINARY, MULTICLASS)


@dataclass(frozen=True)
class Facts:
    """What holds for a metric whatever the data: where it applies, what it needs, which way is better."""

    tasks: tuple[str, ...]
    about: str
    greater_is_better: bool = True
    needs_probability: bool = False
    takes_threshold: bool = False


METRICS: dict[str, Facts] = {
    "roc_auc": Facts((BINARY,), "area under the ROC curve", needs_probability=True),
    "average_precision": Facts((BINARY,), "precision averaged over recall", needs_probability=True),
    "log_loss": Facts(CLASSIFIERS, "negative log-likelihood per row", greater_is_better=False, needs_probability=True),
    "brier": Facts((BINARY,), "mean squared error of the probability", greater_is_better=False, needs_probability=True),
    "accuracy": Facts(CLASSIFIERS, "share of rows classified right", takes_threshold=True),
    "balanced_accuracy": Facts(CLASSIFIERS, "recall averaged over classes", takes_threshold=True),
    "f1": Facts((BINARY,), "harmonic mean of precision and recall", takes_threshold=True),
    "precision": Facts((BINARY,), "share of true positives among predicted positives", takes_threshold=True),
    "recall": Facts((BINARY,), "share of positives that were found", takes_threshold=True),
    "matthews": Facts((BINARY,), "correlation of target and prediction", takes_threshold=True),
    "f1_macro": Facts((MULTICLASS,), "F1 averaged over classes"),
    "roc_auc_ovr": Facts((MULTICLASS,), "ROC AUC of each class against the rest, averaged", needs_probability=True),
    "rmse": Facts((REGRESSION,), "root of the mean squared error, in the target's unit", greater_is_better=False),
    "mae": Facts((REGRESSION,), "mean absolute error, in the target's unit", greater_is_better=False),
    "r2": Facts((REGRESSION,), "share of the target's variance explained"),
    "median_absolute_error": Facts(
        (REGRESSION,), "half of the rows are closer than this, in the target's unit", greater_is_better=False
    ),
}

RESERVED = ("rows", "base_rate", "baseline", "folds")  # other keys of metrics.json, so no metric may be called so


def fitting(task: str) -> list[str]:
    """Names of the metrics that apply to a task, sorted."""
    return sorted(name for name, facts in METRICS.items() if task in facts.tasks)
