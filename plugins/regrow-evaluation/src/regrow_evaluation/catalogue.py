"""What each metric is, in one table that imports nothing: the settings are checked against it before any stage runs."""

from dataclasses import dataclass

BINARY, MULTICLASS, REGRESSION = TASKS = ("binary", "multiclass", "regression")
CLASSIFIERS = (BINARY, MULTICLASS)


@dataclass(frozen=True)
class Facts:
    """What holds for a metric whatever the data: where it applies, what it needs, which way is better."""

    tasks: tuple[str, ...]
    about: str
    better: str = "higher"
    source: str = ""
    needs_probability: bool = False
    takes_threshold: bool = False


METRICS: dict[str, Facts] = {
    "roc_auc": Facts(
        (BINARY,), "area under the ROC curve", source="Hanley and McNeil, Radiology 143, 1982", needs_probability=True
    ),
    "average_precision": Facts(
        (BINARY,), "precision averaged over recall", source="Davis and Goadrich, ICML 2006", needs_probability=True
    ),
    "log_loss": Facts(
        CLASSIFIERS,
        "negative log-likelihood per row",
        better="lower",
        source="Good, Rational Decisions, JRSS B 14, 1952",
        needs_probability=True,
    ),
    "brier": Facts(
        (BINARY,),
        "mean squared error of the probability",
        better="lower",
        source="Brier, Monthly Weather Review 78, 1950",
        needs_probability=True,
    ),
    "accuracy": Facts(CLASSIFIERS, "share of rows classified right", takes_threshold=True),
    "balanced_accuracy": Facts(
        CLASSIFIERS, "recall averaged over classes", source="Brodersen et al., ICPR 2010", takes_threshold=True
    ),
    "f1": Facts(
        (BINARY,),
        "harmonic mean of precision and recall",
        source="van Rijsbergen, Information Retrieval, 1979",
        takes_threshold=True,
    ),
    "precision": Facts(
        (BINARY,),
        "share of true positives among predicted positives",
        source="van Rijsbergen, Information Retrieval, 1979",
        takes_threshold=True,
    ),
    "recall": Facts(
        (BINARY,),
        "share of positives that were found",
        source="van Rijsbergen, Information Retrieval, 1979",
        takes_threshold=True,
    ),
    "matthews": Facts(
        (BINARY,),
        "correlation of target and prediction",
        source="Matthews, Biochimica et Biophysica Acta 405, 1975",
        takes_threshold=True,
    ),
    "f1_macro": Facts(
        (MULTICLASS,),
        "F1 averaged over classes",
        source="Sokolova and Lapalme, Information Processing and Management 45, 2009",
    ),
    "roc_auc_ovr": Facts(
        (MULTICLASS,),
        "ROC AUC of each class against the rest, averaged",
        source="Fawcett, Pattern Recognition Letters 27, 2006",
        needs_probability=True,
    ),
    "rmse": Facts(
        (REGRESSION,),
        "root of the mean squared error, in the target's unit",
        better="lower",
        source="Willmott and Matsuura, Climate Research 30, 2005",
    ),
    "mae": Facts(
        (REGRESSION,),
        "mean absolute error, in the target's unit",
        better="lower",
        source="Willmott and Matsuura, Climate Research 30, 2005",
    ),
    "r2": Facts(
        (REGRESSION,), "share of the target's variance explained", source="Wright, Correlation and Causation, 1921"
    ),
    "median_absolute_error": Facts(
        (REGRESSION,),
        "half of the rows are closer than this, in the target's unit",
        better="lower",
        source="Rousseeuw, JASA 79, 1984",
    ),
}

RESERVED = (
    "rows",
    "base_rate",
    "baseline",
    "folds",
    "linear",
)  # other keys of metrics.json, so no metric may be called so


def fitting(task: str) -> list[str]:
    """Names of our metrics that apply to a task, sorted."""
    return sorted(name for name, facts in METRICS.items() if task in facts.tasks)
