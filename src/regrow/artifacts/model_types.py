"""The types a model file may name, by the family of estimators that needs them: scikit-learn's and numpy's only."""

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
    # skops' own list is enough
    "linear models": (),
    "support vector machines": (),
    "naive Bayes": (),
    "k-means": (),
    "principal components": (),
}
TRUSTED = tuple(sorted({name for family in FAMILIES.values() for name in family}))
