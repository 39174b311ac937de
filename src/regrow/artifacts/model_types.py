"""The types a model file may name: by the family of estimators that needs them, and those that components declare.

Those of the families are scikit-learn's, numpy's and scipy's; those declared stand in Git, never in the file.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

KERNELS = (
    *("ConstantKernel", "DotProduct", "ExpSineSquared", "Exponentiation", "Matern"),
    *("PairwiseKernel", "Product", "RBF", "RationalQuadratic", "Sum", "WhiteKernel"),
)
CLASS_SCORES = (
    *("accuracy_score", "balanced_accuracy_score", "brier_score_loss", "d2_brier_score", "d2_log_loss_score"),
    *("f1_score", "jaccard_score", "log_loss", "matthews_corrcoef", "precision_score", "recall_score"),
)
RANK_SCORES = ("average_precision_score", "roc_auc_score", "top_k_accuracy_score")
QUANTITY_SCORES = (
    *("d2_absolute_error_score", "explained_variance_score", "max_error", "mean_absolute_error"),
    *("mean_absolute_percentage_error", "mean_gamma_deviance", "mean_poisson_deviance", "mean_squared_error"),
    *("mean_squared_log_error", "median_absolute_error", "r2_score", "root_mean_squared_error"),
    "root_mean_squared_log_error",
)
SPLITTERS = (
    *("GroupKFold", "GroupShuffleSplit", "KFold", "LeaveOneGroupOut", "LeaveOneOut", "PredefinedSplit"),
    *("RepeatedKFold", "RepeatedStratifiedKFold", "ShuffleSplit", "StratifiedGroupKFold", "StratifiedKFold"),
    *("StratifiedShuffleSplit", "TimeSeriesSplit"),
)
# What is here comes on top of skops' own list: scikit-learn's estimators and losses, arrays, random states.
FAMILIES = {
    # strings as categories; columns chosen by type
    "feature steps": ("numpy.dtype", "sklearn.compose._column_transformer.make_column_selector"),
    # decision trees, random forests, extra trees, gradient boosting
    "trees": ("sklearn.tree._tree.Tree",),
    # the last two check the numbers beside categories
    "histogram boosting": (
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "functools.partial",
        "sklearn.utils.validation.check_array",
    ),
    "nearest neighbours": (
        "sklearn.metrics._dist_metrics.ChebyshevDistance64",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.metrics._dist_metrics.ManhattanDistance64",
        "sklearn.metrics._dist_metrics.MinkowskiDistance64",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
    ),
    "neural networks": (
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    ),
    # their parts by name
    "voting and stacking": ("sklearn.utils._bunch.Bunch",),
    "linear models": ("sklearn._loss.loss.HalfTweedieLossIdentity",),
    # skops' own list is enough
    "support vector machines": (),
    "naive Bayes": (),
    "k-means": (),
    "principal components": (),
    "calibration": (
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.calibration._TemperatureScaling",
    ),
    # what a threshold or a search is tuned by
    "scorers": (
        "sklearn.metrics._scorer._CurveScorer",
        "sklearn.metrics._scorer._PassthroughScorer",
        "sklearn.metrics._scorer._Scorer",
        "sklearn.utils._metadata_requests.MetadataRequest",
        "sklearn.utils._metadata_requests.MethodMetadataRequest",
        *(f"sklearn.metrics._classification.{name}" for name in CLASS_SCORES),
        *(f"sklearn.metrics._ranking.{name}" for name in RANK_SCORES),
        *(f"sklearn.metrics._regression.{name}" for name in QUANTITY_SCORES),
    ),
    "splitters": tuple(f"sklearn.model_selection._split.{name}" for name in SPLITTERS),
    "selection of columns": (
        "sklearn.feature_selection._mutual_info.mutual_info_classif",
        "sklearn.feature_selection._mutual_info.mutual_info_regression",
        "sklearn.feature_selection._univariate_selection.chi2",
        "sklearn.feature_selection._univariate_selection.f_classif",
        "sklearn.feature_selection._univariate_selection.f_regression",
        "sklearn.feature_selection._univariate_selection.r_regression",
    ),
    "imputing by models": (
        "sklearn.impute._iterative.IterativeImputer",
        "sklearn.impute._iterative._ImputerTriplet",
    ),
    "splines": ("scipy._lib.array_api_compat.numpy._aliases.asarray", "scipy.interpolate._bsplines.BSpline"),
    "Gaussian processes": (
        "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
        *(f"sklearn.gaussian_process.kernels.{name}" for name in KERNELS),
    ),
}
TRUSTED = tuple(sorted({name for family in FAMILIES.values() for name in family}))
_declared: ContextVar[tuple[str, ...]] = ContextVar("declared", default=())


@contextmanager
def trusting(paths: Iterable[str]) -> Iterator[None]:
    """Within, models may hold what components declare, too. paths: of classes and functions, "module:Class"."""
    token = _declared.set(tuple(path.replace(":", ".") for path in paths))
    try:
        yield
    finally:
        _declared.reset(token)


def declared() -> tuple[str, ...]:
    """The names that `trusting` was given, as a model file has them: "module.Class"."""
    return _declared.get()


class UndeclaredTypeError(ValueError):
    """A model holds types that nobody declared.

    found: name of a type -> the names on the way to it, such as ("steps", "model").
    """

    def __init__(self, found: dict[str, tuple[str, ...]]) -> None:
        super().__init__(f"holds types that are on no list and that no component declares: {', '.join(sorted(found))}")
        self.found = found
