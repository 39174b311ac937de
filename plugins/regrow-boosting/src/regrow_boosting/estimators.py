"""LightGBM as scikit-learn estimators that give the same bytes on every run and are stored as LightGBM's text."""

from abc import ABC, abstractmethod
from typing import Any

import lightgbm
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.model_selection import train_test_split
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.validation import check_is_fitted, validate_data

from regrow import Context
from regrow_boosting.model_text import check_text
from regrow_boosting.settings import LightGBM

SEEDS = 2**31 - 1  # LightGBM's are 32 bits with a sign
# One thread and one way to build histograms: sums are added up in one order, whatever the machine has.
FIXED = {"deterministic": True, "force_row_wise": True, "num_threads": 1, "verbosity": -1}


def make(settings: LightGBM, context: Context) -> BaseEstimator:
    """LightGBMClassifier or LightGBMRegressor, unfitted."""
    made = LightGBMRegressor if context.task == "regression" else LightGBMClassifier
    return made(random_state=context.random_state, **settings.model_dump())


class _Boosted(BaseEstimator, ABC):
    """What both have: the fit, early stopping, and the state that is stored.

    Parameters are those of `regrow_boosting.settings.LightGBM`. booster_: the lightgbm.Booster, of the best round
    where it stopped early. n_features_in_, feature_names_in_: as in scikit-learn.
    """

    def __init__(
        self,
        *,
        n_estimators: int = 500,
        learning_rate: float = 0.05,
        num_leaves: int = 31,
        max_depth: int | None = None,
        min_child_samples: int = 20,
        subsample: float = 1.0,
        colsample_bytree: float = 1.0,
        reg_alpha: float = 0.0,
        reg_lambda: float = 0.0,
        max_bin: int = 255,
        early_stopping_rounds: int | None = 30,
        validation_fraction: float = 0.1,
        class_weight: Any = None,
        random_state: int = 0,
    ) -> None:
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.num_leaves = num_leaves
        self.max_depth = max_depth
        self.min_child_samples = min_child_samples
        self.subsample = subsample
        self.colsample_bytree = colsample_bytree
        self.reg_alpha = reg_alpha
        self.reg_lambda = reg_lambda
        self.max_bin = max_bin
        self.early_stopping_rounds = early_stopping_rounds
        self.validation_fraction = validation_fraction
        self.class_weight = class_weight
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def _parameters(self) -> dict[str, Any]:
        return {
            **FIXED,
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "max_depth": self.max_depth or -1,
            "min_data_in_leaf": self.min_child_samples,
            "bagging_fraction": self.subsample,
            "bagging_freq": int(self.subsample < 1),
            "feature_fraction": self.colsample_bytree,
            "lambda_l1": self.reg_alpha,
            "lambda_l2": self.reg_lambda,
            "max_bin": self.max_bin,
            "seed": self.random_state % SEEDS,
        }

    def _trees_a_round(self) -> int:
        return 1

    @abstractmethod
    def _objective(self) -> str:
        """As it stands in LightGBM's text."""

    def _boost(self, X: np.ndarray, y: np.ndarray, weight: np.ndarray | None, strata: np.ndarray | None) -> None:
        """Fit on rows (n, columns) and targets (n,). Early stopping watches a part of these rows, drawn by the seed;
        the trees are grown on the others."""
        objective, *more = self._objective().split(" ")
        parameters = self._parameters() | {"objective": objective} | dict(one.split(":") for one in more)
        rows = np.arange(len(y))
        grown, watched = rows, None
        if self.early_stopping_rounds:
            drawn = {"test_size": self.validation_fraction, "random_state": self.random_state}
            grown, watched = train_test_split(rows, stratify=strata, **drawn)
        data = lightgbm.Dataset(X[grown], y[grown], weight=None if weight is None else weight[grown], params=FIXED)
        more_data: list[lightgbm.Dataset] = []
        callbacks: list[Any] = []
        if watched is not None and self.early_stopping_rounds:
            given = None if weight is None else weight[watched]
            more_data = [lightgbm.Dataset(X[watched], y[watched], weight=given, reference=data)]
            callbacks = [lightgbm.early_stopping(self.early_stopping_rounds, verbose=False)]
        fitted = lightgbm.train(parameters, data, self.n_estimators, valid_sets=more_data, callbacks=callbacks)
        best = fitted.best_iteration if watched is not None and fitted.best_iteration > 0 else None
        self._read(fitted.model_to_string(num_iteration=best or -1))

    def _read(self, text: str) -> None:
        """Take a model as LightGBM's text: what predicts is always what would be read back."""
        check_text(text, self.n_features_in_, self._trees_a_round(), self._objective())
        self.booster_ = lightgbm.Booster(model_str=text)
        self._text = text

    def _raw(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype="float64", ensure_all_finite="allow-nan")
        return np.asarray(self.booster_.predict(X, num_threads=1))

    def __getstate__(self) -> dict[str, Any]:
        state = {name: value for name, value in vars(self).items() if name not in {"booster_", "_text"}}
        return state | ({"booster": self._text.encode()} if hasattr(self, "_text") else {})

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({name: value for name, value in state.items() if name != "booster"})
        if "booster" in state:
            self._read(state["booster"].decode())


class LightGBMRegressor(RegressorMixin, _Boosted):
    """Least squares by gradient boosting."""

    def fit(self, X: Any, y: Any) -> "LightGBMRegressor":
        """Fit on numbers (n, columns), missing ones too, and targets (n,). Raises ValueError."""
        X, y = validate_data(self, X, y, dtype="float64", ensure_all_finite="allow-nan", y_numeric=True)
        self._boost(X, y, None, None)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predictions (n,)."""
        return self._raw(X)

    def _objective(self) -> str:
        return "regression"


class LightGBMClassifier(ClassifierMixin, _Boosted):
    """Two classes or more, by gradient boosting. class_weight: "balanced", or class -> weight."""

    def fit(self, X: Any, y: Any) -> "LightGBMClassifier":
        """Fit on numbers (n, columns), missing ones too, and classes (n,). Raises ValueError."""
        X, y = validate_data(self, X, y, dtype="float64", ensure_all_finite="allow-nan")
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"all rows are of the class {self.classes_[0]}")
        weight = None if self.class_weight is None else compute_sample_weight(self.class_weight, y)
        enough = np.bincount(codes).min() > 1  # a class of one row can't be in both parts
        self._boost(X, codes, weight, codes if enough else None)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities (n, classes in the order of classes_)."""
        made = self._raw(X)
        return np.column_stack([1 - made, made]) if made.ndim == 1 else made

    def predict(self, X: Any) -> np.ndarray:
        """Classes (n,)."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def _trees_a_round(self) -> int:
        return 1 if len(self.classes_) == 2 else len(self.classes_)

    def _objective(self) -> str:
        return "binary sigmoid:1" if len(self.classes_) == 2 else f"multiclass num_class:{len(self.classes_)}"
