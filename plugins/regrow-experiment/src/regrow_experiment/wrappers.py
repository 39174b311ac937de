"""Estimators around others, as scikit-learn has them: calibrated, with a tuned threshold, resampled, stacked; and
sparse linear models."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import StackingClassifier, StackingRegressor
from sklearn.linear_model import ElasticNet as SklearnElasticNet
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import f1_score, jaccard_score, make_scorer, precision_score, recall_score
from sklearn.model_selection import KFold, StratifiedKFold, TunedThresholdClassifierCV
from sklearn.utils import get_tags
from sklearn.utils.metaestimators import available_if

from regrow import Context, Use
from regrow_experiment.wrapper_settings import Calibrated, ElasticNet, Lasso, Resampled, Stack, Thresholded

OF_ONE_CLASS = {"f1": f1_score, "jaccard": jaccard_score, "precision": precision_score, "recall": recall_score}


def _inside(use: Use, context: Context, name: str = "of") -> Any:
    """The estimator inside, with a stream of its own."""
    return use.make(replace(context, random_state=context.stream(name)))


def _folds(count: int, context: Context) -> Any:
    kind = KFold if context.task == "regression" else StratifiedKFold
    return kind(count, shuffle=True, random_state=context.stream("folds"))


def calibrated(settings: Calibrated, context: Context) -> BaseEstimator:
    """scikit-learn's CalibratedClassifierCV. Niculescu-Mizil and Caruana, ICML 2005."""
    cv = _folds(settings.folds, context)
    return CalibratedClassifierCV(
        _inside(settings.of, context), method=settings.method, cv=cv, ensemble=settings.ensemble
    )


def thresholded(settings: Thresholded, context: Context) -> BaseEstimator:
    """scikit-learn's TunedThresholdClassifierCV; its probabilities are those of the estimator inside."""
    cv, inside = _folds(settings.folds, context), _inside(settings.of, context)
    scoring: Any = settings.scoring
    if settings.positive is not None and scoring in OF_ONE_CLASS:
        scoring = make_scorer(OF_ONE_CLASS[scoring], pos_label=settings.positive)
    return TunedThresholdClassifierCV(inside, scoring=scoring, cv=cv, random_state=context.random_state)


def stack(settings: Stack, context: Context) -> BaseEstimator:
    """scikit-learn's stacking. Wolpert, Neural Networks 5, 1992."""
    inside = [(name, _inside(use, context, f"of/{name}")) for name, use in settings.of.items()]
    made = StackingRegressor if context.task == "regression" else StackingClassifier
    plain = Ridge() if context.task == "regression" else LogisticRegression(max_iter=1000)
    final = _inside(settings.final, context, "final") if settings.final else plain
    return made(inside, final_estimator=final, cv=_folds(settings.folds, context))


def resampled(settings: Resampled, context: Context) -> BaseEstimator:
    """The estimator inside, fitted on rows drawn by class."""
    return ResampledClassifier(_inside(settings.of, context), settings.how, settings.ratio, context.random_state)


class ResampledClassifier(ClassifierMixin, BaseEstimator):
    """A classifier fitted on training rows that are drawn by class; what it predicts is not drawn.

    estimator: unfitted. how: "over" repeats rows of small classes at random, until they have `ratio` of the largest;
    "under" leaves rows of large ones out, until the smallest has `ratio` of each. estimator_: fitted. Probabilities are
    those of the drawn rows: they are too high for small classes; see `calibrated`.
    """

    def __init__(self, estimator: Any, how: str = "under", ratio: float = 1.0, random_state: int = 0) -> None:
        self.estimator = estimator
        self.how = how
        self.ratio = ratio
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags = get_tags(self.estimator).input_tags
        return tags

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> "ResampledClassifier":
        """Fit on rows (n, columns) and classes (n,)."""
        rows = self._rows(np.asarray(y))
        self.estimator_ = clone(self.estimator).fit(X.iloc[rows] if hasattr(X, "iloc") else X[rows], y[rows])
        self.classes_ = self.estimator_.classes_
        return self

    def _rows(self, y: np.ndarray) -> np.ndarray:
        """Which rows it is fitted on, in their order."""
        draws = np.random.default_rng(self.random_state)
        of = [np.flatnonzero(y == one) for one in np.unique(y)]
        largest, smallest = max(map(len, of)), min(map(len, of))
        kept = []
        for rows in of:
            if self.how == "over":
                more = max(0, round(self.ratio * largest) - len(rows))
                kept.append(np.concatenate([rows, draws.choice(rows, more)]))
            else:
                kept.append(draws.choice(rows, min(len(rows), round(smallest / self.ratio)), replace=False))
        return np.sort(np.concatenate(kept))

    def predict(self, X: Any) -> np.ndarray:
        """Classes (n,)."""
        return np.asarray(self.estimator_.predict(X))

    @available_if(lambda self: hasattr(self.estimator, "predict_proba"))
    def predict_proba(self, X: Any) -> np.ndarray:
        """(n, classes in the order of classes_)."""
        return np.asarray(self.estimator_.predict_proba(X))


def elastic_net(settings: ElasticNet, context: Context) -> BaseEstimator:
    """LogisticRegression by SAGA, or ElasticNet with alpha = 1 / (2 C). Zou and Hastie, JRSS B 67, 2005."""
    return _sparse(settings.C, settings.l1_ratio, settings.max_iter, context)


def lasso(settings: Lasso, context: Context) -> BaseEstimator:
    """As `elastic_net` with the L1 penalty alone. Tibshirani, JRSS B 58, 1996."""
    return _sparse(settings.C, 1.0, settings.max_iter, context)


def _sparse(strength: float, l1_ratio: float, max_iter: int, context: Context) -> BaseEstimator:
    seed = context.random_state
    if context.task == "regression":
        return SklearnElasticNet(alpha=1 / (2 * strength), l1_ratio=l1_ratio, max_iter=max_iter, random_state=seed)
    return LogisticRegression(C=strength, l1_ratio=l1_ratio, solver="saga", max_iter=max_iter, random_state=seed)
