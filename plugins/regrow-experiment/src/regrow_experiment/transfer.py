"""`transfer`: what a model of another commit or project has learnt to see in a row, as columns.

Yosinski et al., How transferable are features in deep neural networks?, NeurIPS 2014.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.frozen import FrozenEstimator
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted, validate_data

from regrow import Columns, Context, RegrowError
from regrow_experiment.pretrained import pretrained
from regrow_experiment.pretrained_settings import Transfer

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "identity": lambda values: values,
    "logistic": expit,
    "tanh": np.tanh,
    "relu": lambda values: np.maximum(values, 0.0),
}


def transfer(settings: Transfer, context: Context) -> "PretrainedRepresentation":
    """See `PretrainedRepresentation`. Raises RegrowError where the model has no such representation."""
    source = pretrained(settings, context)
    if source is not None and settings.take == "hidden":
        _require_layer(_parts(source.estimator)[1], settings.layer)
    return PretrainedRepresentation(source, settings.take, settings.layer, settings.keep, settings.prefix)


class PretrainedRepresentation(TransformerMixin, BaseEstimator):
    """Adds the columns `<prefix>0`, `<prefix>1`, ..., float64. It learns nothing: the model stays as it was fitted.

    source: the model; None adds nothing. take: steps, hidden or scores. keep: whether the row's own columns stay.
    """

    def __init__(
        self,
        source: FrozenEstimator | None = None,
        take: str = "hidden",
        layer: int = -1,
        keep: bool = True,
        prefix: str = "pretrained_",
    ) -> None:
        self.source = source
        self.take = take
        self.layer = layer
        self.keep = keep
        self.prefix = prefix

    def fit(self, X: pd.DataFrame, y: Any = None) -> "PretrainedRepresentation":
        """X: (rows, columns). Raises RegrowError where columns are missing that the model was fitted on."""
        validate_data(self, X, skip_check_array=True)
        if self.source is not None:
            require(X, self.source.estimator, "transfer")
        self.fitted_ = True
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """(rows, columns and the new ones)."""
        check_is_fitted(self)
        validate_data(self, X, skip_check_array=True, reset=False)
        if self.source is None:
            return X
        model = self.source.estimator
        made = np.asarray(self._taken(model, X[list(model.feature_names_in_)]), dtype="float64")
        names = [f"{self.prefix}{place}" for place in range(made.shape[1])]
        new = pd.DataFrame(made, columns=names, index=X.index)
        return pd.concat([X, new], axis=1) if self.keep else new

    def _taken(self, model: Any, X: pd.DataFrame) -> Any:
        steps, last = _parts(model)
        if self.take == "scores":
            return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X).reshape(-1, 1)
        seen = steps.transform(X) if steps is not None else X
        if self.take == "steps":
            return seen
        depth = self.layer if self.layer > 0 else len(last.coefs_) - 1
        values, activation = np.asarray(seen, dtype="float64"), ACTIVATIONS[last.activation]
        for weights, bias in zip(last.coefs_[:depth], last.intercepts_[:depth], strict=True):
            values = activation(values @ weights + bias)
        return values

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.string = True
        return tags


def require(X: pd.DataFrame, model: Any, who: str) -> None:
    """Raises RegrowError unless X has the columns that the model was fitted on."""
    if not hasattr(model, "feature_names_in_"):
        raise RegrowError("the model knows no names of columns", where=who, fix="take one that regrow trained")
    if missing := [name for name in model.feature_names_in_ if name not in X]:
        fix = f"put it where they are still there; the columns are {', '.join(map(str, X.columns[:20]))}"
        raise RegrowError(f"the model was fitted on {', '.join(missing[:10])}, which is not here", where=who, fix=fix)


def _parts(model: Any) -> tuple[Pipeline | None, Any]:
    """Steps and estimator of a model; None without steps."""
    if not isinstance(model, Pipeline):
        return None, model
    return (model[:-1] if len(model) > 1 else None), model[-1]


def _require_layer(last: Any, layer: int) -> None:
    last_kind = type(last).__name__
    if not isinstance(last, MLPClassifier | MLPRegressor):
        fix = "`take: steps` or `take: scores`, or a model of `use: mlp`"
        raise RegrowError(f"{last_kind} has no hidden layer", where="transfer.take", fix=fix)
    hidden = len(last.coefs_) - 1
    if layer != -1 and not 1 <= layer <= hidden:
        raise RegrowError(f"there is no hidden layer {layer}", where="transfer.layer", fix=f"1 to {hidden}, or -1")


def columns(settings: Transfer) -> Columns:
    """What is made is known with the model."""
    return Columns((), [f"{settings.prefix}*"])
