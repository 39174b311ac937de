"""What each metric is, in one table that imports nothing: the settings are checked against it before any stage runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

BINARY, MULTICLASS, REGRESSION = TASKS = ("binary", "multiclass", "regression")
CLASSIFIERS = (BINARY, MULTICLASS)
THRESHOLD, AT = "ThresholdSettings", {"threshold": 0.4}


@dataclass(frozen=True)
class Facts:
    """What holds for a metric whatever the data: where it applies, what it needs, which way is better."""

    tasks: tuple[str, ...]
    about: str
    better: str = "higher"
    source: str = ""
    needs_probability: bool = False
    #: the model of its settings, in `regrow_evaluation.metric_settings`; "" for none
    settings: str = ""
    example: Mapping[str, float] = field(default_factory=dict)


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
        CLASSIFIERS,
        "mean squared error of the probability; of several classes, summed over them",
        better="lower",
        source="Brier, Monthly Weather Review 78, 1950",
        needs_probability=True,
    ),
    "accuracy": Facts(CLASSIFIERS, "share of rows classified right", settings=THRESHOLD, example=AT),
    "balanced_accuracy": Facts(
        CLASSIFIERS,
        "recall averaged over classes",
        source="Brodersen et al., ICPR 2010",
        settings=THRESHOLD,
        example=AT,
    ),
    "f1": Facts(
        (BINARY,),
        "harmonic mean of precision and recall",
        source="van Rijsbergen, Information Retrieval, 1979",
        settings=THRESHOLD,
        example=AT,
    ),
    "precision": Facts(
        (BINARY,),
        "share of true positives among predicted positives",
        source="van Rijsbergen, Information Retrieval, 1979",
        settings=THRESHOLD,
        example=AT,
    ),
    "recall": Facts(
        (BINARY,),
        "share of positives that were found",
        source="van Rijsbergen, Information Retrieval, 1979",
        settings=THRESHOLD,
        example=AT,
    ),
    "matthews": Facts(
        CLASSIFIERS,
        "correlation of target and prediction",
        source="Matthews, Biochimica et Biophysica Acta 405, 1975",
        settings=THRESHOLD,
        example=AT,
    ),
    "recall_at_precision": Facts(
        (BINARY,),
        "largest share of positives found by a threshold with at least this precision",
        source="Davis and Goadrich, ICML 2006",
        needs_probability=True,
        settings="PrecisionSettings",
        example={"precision": 0.5},
    ),
    "lift": Facts(
        (BINARY,),
        "how many times more positives the highest scores hold than as many rows at random",
        source="Ling and Li, Data Mining for Direct Marketing, KDD 1998",
        needs_probability=True,
        settings="ShareSettings",
        example={"share": 0.2},
    ),
    "calibration_error": Facts(
        CLASSIFIERS,
        "mean distance of predicted and observed share, over groups of equally many rows",
        better="lower",
        source="Guo et al., On Calibration of Modern Neural Networks, ICML 2017",
        needs_probability=True,
        settings="BinsSettings",
        example={"bins": 5},
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
    "quantile_absolute_error": Facts(
        (REGRESSION,),
        "this share of the rows is closer than this, in the target's unit",
        better="lower",
        source="Hyndman and Fan, The American Statistician 50, 1996",
        settings="QuantileSettings",
        example={"quantile": 0.9},
    ),
    "pinball": Facts(
        (REGRESSION,),
        "mean pinball loss: errors below and above weigh as a quantile of the target wants it",
        better="lower",
        source="Koenker and Bassett, Econometrica 46, 1978",
        settings="QuantileSettings",
        example={"quantile": 0.9},
    ),
    "relative_error": Facts(
        (REGRESSION,),
        "sum of absolute errors over the sum of absolute targets",
        better="lower",
        source="Kolassa and Schuetz, Foresight 6, 2007",
    ),
    "percentage_error": Facts(
        (REGRESSION,),
        "mean absolute error as a share of each row's target; undefined where one is 0",
        better="lower",
        source="de Myttenaere et al., Neurocomputing 192, 2016",
    ),
}

RESERVED = (
    "rows",
    "base_rate",
    "baseline",
    "folds",
    "intervals",
    "linear",
    "looks",
    "repeats",
    "noise",
)  # other keys of metrics.json, so no metric may be called so


def fitting(task: str) -> list[str]:
    """Names of our metrics that apply to a task, sorted."""
    return sorted(name for name, facts in METRICS.items() if task in facts.tasks)
