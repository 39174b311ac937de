"""Thin wrappers of scikit-learn's: encoding by the target, bins, products, imputing by neighbours, selection."""

from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import RFE, SelectFromModel, SelectKBest, VarianceThreshold, f_classif, f_regression
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import Lasso, LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import KBinsDiscretizer, PolynomialFeatures, TargetEncoder

from regrow import Context
from regrow_features.learning_settings import Polynomial
from regrow_features.settings import (
    Bin,
    EncodeTarget,
    ImputeKnn,
    ImputeMode,
    SelectCorrelation,
    SelectL1,
    SelectRecursive,
    SelectVariance,
)
from regrow_features.transformers import on_columns

TARGETS = {"regression": "continuous"}  # task -> what TargetEncoder calls it, where it has another name


def encode_target(settings: EncodeTarget, context: Context) -> ColumnTransformer:
    """Each category becomes the mean target of its training rows, shrunk; cross-fitted, so that no row sees its own.

    Several classes: a column for each. Unknown categories, and missing ones not met before, are the mean of all rows.
    """
    folds = KFold if context.task == "regression" else StratifiedKFold
    encoder = TargetEncoder(
        target_type=TARGETS.get(context.task, context.task),
        smooth=settings.smooth,
        cv=folds(settings.folds, shuffle=True, random_state=context.random_state),
    )
    return on_columns(encoder, settings.columns)


def bin(settings: Bin, context: Context) -> ColumnTransformer:  # noqa: A001 - the component's name
    """Numbers become the place of their bin, 0, 1, ...; takes no missing values."""
    made = KBinsDiscretizer(
        settings.bins,
        encode="ordinal",
        strategy=settings.strategy,
        random_state=context.random_state,
        **({"quantile_method": "averaged_inverted_cdf"} if settings.strategy == "quantile" else {}),
    )
    return on_columns(made, settings.columns)


def polynomial(settings: Polynomial, context: Context) -> ColumnTransformer:
    """Numbers, and their products up to a degree: a, b, a^2, a b, b^2; takes no missing values."""
    made = PolynomialFeatures(settings.degree, interaction_only=settings.interaction_only, include_bias=False)
    return on_columns(made, settings.columns)


def impute_mode(settings: ImputeMode, context: Context) -> ColumnTransformer:
    """Missing values become the most frequent one of the training rows, the smallest of several."""
    imputer = SimpleImputer(strategy="most_frequent", keep_empty_features=True, add_indicator=settings.indicator)
    return on_columns(imputer, settings.columns)


def impute_knn(settings: ImputeKnn, context: Context) -> ColumnTransformer:
    """Missing numbers become the mean of the nearest training rows, by the numbers that both have."""
    imputer = KNNImputer(n_neighbors=settings.neighbors, keep_empty_features=True, add_indicator=settings.indicator)
    return on_columns(imputer, settings.columns)


def select_variance(settings: SelectVariance, context: Context) -> ColumnTransformer:
    """Numbers whose variance over the training rows is not above `least` go."""
    return on_columns(VarianceThreshold(settings.least), settings.columns)


def select_correlation(settings: SelectCorrelation, context: Context) -> ColumnTransformer:
    """The `most` columns stay that go with the target best, one by one: F of a line, or of the classes' means."""
    score = f_regression if context.task == "regression" else f_classif
    return on_columns(SelectKBest(score, k=settings.most), settings.columns)


def select_l1(settings: SelectL1, context: Context) -> ColumnTransformer:
    """Columns stay to which a linear model with an L1 penalty gives a weight; numbers want to be scaled before."""
    chooser: Any = Lasso(alpha=settings.strength, random_state=context.random_state)
    if context.task != "regression":
        chooser = LogisticRegression(
            l1_ratio=1.0, C=1 / settings.strength, solver="saga", max_iter=1000, random_state=context.random_state
        )
    return on_columns(SelectFromModel(chooser, threshold=1e-5), settings.columns)


def select_recursive(settings: SelectRecursive, context: Context) -> ColumnTransformer:
    """The `most` columns stay; the one with the least weight in a linear model goes, again and again."""
    chooser: Any = Ridge() if context.task == "regression" else LogisticRegression(max_iter=1000)
    return on_columns(RFE(chooser, n_features_to_select=settings.most), settings.columns)
