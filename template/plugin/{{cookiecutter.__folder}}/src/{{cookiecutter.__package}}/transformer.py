"""The transformer `{{ cookiecutter.__name }}`. It learns from training rows, as a step of the model's pipeline."""

from regrow import Context
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.preprocessing import QuantileTransformer

from {{ cookiecutter.__package }}.settings import Ranks


def make(settings: Ranks, context: Context) -> ColumnTransformer:
    """Numbers become ranks from 0 to 1, missing ones stay missing; other columns pass through."""
    ranks = QuantileTransformer(n_quantiles=settings.quantiles, subsample=None)
    numbers = make_column_selector(dtype_include="number")
    made = ColumnTransformer([("ranks", ranks, numbers)], remainder="passthrough", verbose_feature_names_out=False)
    return made.set_output(transform="pandas")
