"""Steps that learn from rows: made of scikit-learn's own classes where these do."""

from typing import Any

from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, RobustScaler, StandardScaler

from regrow import Context
from regrow_features.encoders import DistinctOneHotEncoder
from regrow_features.settings import ImputeConstant, ImputeMedian, OneHot, Ordinal, Scale

UNKNOWN, MISSING = -1, -2
DTYPES = {"numeric": "number", "categorical": ["str", "category"], "boolean": "bool", "all": None}
SCALERS = {"standard": StandardScaler, "robust": RobustScaler, "minmax": MinMaxScaler}


def on_columns(transformer: Any, columns: str | list[str]) -> ColumnTransformer:
    """`transformer` for some columns of a DataFrame; the others pass through, and a DataFrame comes out.

    columns: names, or numeric, categorical (text), boolean, all: which those are is settled when it is fitted, from the
    columns' types. What it makes comes first, the rest after it in their order. No columns chosen: nothing is changed.
    """
    chosen = make_column_selector(dtype_include=DTYPES[columns]) if isinstance(columns, str) else list(columns)
    steps = [("columns", transformer, chosen)]
    wrapped = ColumnTransformer(steps, remainder="passthrough", verbose_feature_names_out=False)
    return wrapped.set_output(transform="pandas")


def impute_median(settings: ImputeMedian, context: Context) -> ColumnTransformer:
    """Missing numbers become the median of the training rows; 0 where those hold no value at all."""
    imputer = SimpleImputer(strategy="median", keep_empty_features=True, add_indicator=settings.indicator)
    return on_columns(imputer, settings.columns)


def impute_constant(settings: ImputeConstant, context: Context) -> ColumnTransformer:
    """Missing values become `fill`, which must be of the columns' type: text for text, a number for numbers."""
    fill = settings.fill
    if isinstance(fill, float) and fill.is_integer():
        fill = int(fill)  # -1.0 would not go into a column of whole numbers
    imputer = SimpleImputer(strategy="constant", fill_value=fill, keep_empty_features=True)
    return on_columns(imputer, settings.columns)


def one_hot(settings: OneHot, context: Context) -> ColumnTransformer:
    """A 0/1 column `<column>_<category>` for each category of the training rows; missing is a category.

    A category first met later is all zeros, or `<column>_infrequent_sklearn` where rare ones share a column.
    """
    made = DistinctOneHotEncoder if settings.distinct else OneHotEncoder
    encoder = made(
        handle_unknown="infrequent_if_exist",
        sparse_output=False,
        min_frequency=settings.min_frequency,
        max_categories=settings.max_categories,
    )
    return on_columns(encoder, settings.columns)


def ordinal(settings: Ordinal, context: Context) -> ColumnTransformer:
    """Each category of the training rows becomes its place in sorted order; -1 if unknown, -2 if missing."""
    encoder = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=UNKNOWN,
        encoded_missing_value=MISSING,
        min_frequency=settings.min_frequency,
        max_categories=settings.max_categories,
    )
    return on_columns(encoder, settings.columns)


def scale(settings: Scale, context: Context) -> ColumnTransformer:
    """Numbers on one scale, learnt from the training rows. Missing stays missing; a constant becomes 0."""
    options = {"clip": settings.clip} if settings.method == "minmax" else {}
    return on_columns(SCALERS[settings.method](**options), settings.columns)
