"""Columns that are worth keeping, by what a model loses when one is shuffled on rows that it was not fitted on."""

from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_selection import SelectKBest, SelectorMixin, mutual_info_classif, mutual_info_regression
from sklearn.inspection import permutation_importance
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split
from sklearn.utils.validation import check_is_fitted

from regrow import Context, nearest
from regrow_features.learning_settings import SelectBudget, SelectInformation, SelectPermutation
from regrow_features.transformers import on_columns

ROUNDS, HELD_OUT = 60, 0.3
SURE = 1e-15


class InformationSelector(SelectKBest):
    """SelectKBest by mutual information (Kraskov et al., Physical Review E 69, 2004), its noise drawn from a seed."""

    def __init__(self, k: int = 10, numeric_target: bool = False, random_state: int | None = None) -> None:
        super().__init__(k=k)
        self.numeric_target = numeric_target
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> "InformationSelector":
        """X: (n, columns) numbers, none missing."""
        information = mutual_info_regression if self.numeric_target else mutual_info_classif
        self.score_func = lambda X, y: information(X, y, random_state=self.random_state)
        try:
            super().fit(X, y)
        finally:
            del self.score_func  # what is stored holds no function
        return self


class PermutationSelector(SelectorMixin, BaseEstimator):
    """Boosted trees are fitted on 70 % of the training rows; a column's worth is what they lose on the others when it
    is shuffled (log loss, or R2), less its spread. Breiman, Machine Learning 45, 2001.

    costs: pattern -> price of the columns it names, which come or go together; price: of every other column. Without a
    budget or a worth, prices do not matter.
    """

    def __init__(
        self,
        numeric_target: bool = False,
        least: float = 0.0,
        most: int | None = None,
        repeats: int = 5,
        costs: dict[str, float] | None = None,
        price: float = 1.0,
        budget: float | None = None,
        worth: float = 0.0,
        random_state: int | None = None,
    ) -> None:
        self.numeric_target = numeric_target
        self.least = least
        self.most = most
        self.repeats = repeats
        self.costs = costs
        self.price = price
        self.budget = budget
        self.worth = worth
        self.random_state = random_state

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> "PermutationSelector":
        """X: (n, columns) numbers, some missing. At least one column stays. ValueError for a price of no column."""
        names = list(map(str, X.columns))
        for pattern in self.costs or {}:
            if not any(fnmatchcase(name, pattern) for name in names):
                raise ValueError(f"costs: {pattern!r} fits none of the columns; {nearest(pattern, names)}")
        self.feature_names_in_ = np.array(names, dtype=object)
        self.n_features_in_ = X.shape[1]
        y = np.asarray(y)
        shares = None if self.numeric_target or min(np.unique(y, return_counts=True)[1]) < 2 else y
        few, rest, few_y, rest_y = train_test_split(
            X, y, train_size=HELD_OUT, random_state=self.random_state, stratify=shares
        )
        made = HistGradientBoostingRegressor if self.numeric_target else HistGradientBoostingClassifier
        model = made(max_iter=ROUNDS, early_stopping=False, random_state=self.random_state).fit(rest, rest_y)
        found = permutation_importance(
            model,
            few,
            few_y,
            scoring=_r2 if self.numeric_target else _log_likelihood,
            n_repeats=self.repeats,
            random_state=self.random_state,
        )
        self.importances_, self.spread_ = found.importances_mean, found.importances_std
        self.support_ = self._chosen(self.importances_ - self.spread_)
        return self

    def _chosen(self, gain: np.ndarray) -> np.ndarray:
        """(columns,) which stay."""
        bought = [self._item(name) for name in self.feature_names_in_]
        items = {item: [place for place, one in enumerate(bought) if one == item] for item in dict.fromkeys(bought)}
        gains = {item: float(sum(max(gain[place], 0.0) for place in own)) for item, own in items.items()}
        prices = {item: (self.costs or {}).get(item, self.price) for item in items}
        ranked = sorted(items, key=lambda item: (-gains[item] / max(prices[item], SURE), items[item][0]))
        left = np.inf if self.budget is None else self.budget
        kept = np.zeros(len(gain), dtype=bool)
        for item in ranked:
            if gains[item] > self.least and gains[item] >= self.worth * prices[item] and prices[item] <= left:
                kept[items[item]] = True
                left -= prices[item]
        if self.most is not None and kept.sum() > self.most:
            kept &= np.isin(np.arange(len(gain)), np.argsort(-gain, kind="stable")[: self.most])
        if not kept.any():
            kept[np.argmax(gain)] = True
        return kept

    def _item(self, name: str) -> str:
        """The first pattern that names a column, or its own name."""
        return next((pattern for pattern in self.costs or {} if fnmatchcase(name, pattern)), name)

    def _get_support_mask(self) -> np.ndarray:
        check_is_fitted(self)
        return self.support_


def _r2(model: Any, X: pd.DataFrame, y: np.ndarray) -> float:
    return float(r2_score(y, model.predict(X)))


def _log_likelihood(model: Any, X: pd.DataFrame, y: np.ndarray) -> float:
    """The mean log probability of each row's class; of one that the model never met, next to nothing."""
    place = np.searchsorted(model.classes_, y).clip(max=len(model.classes_) - 1)
    share = np.where(model.classes_[place] == y, model.predict_proba(X)[np.arange(len(y)), place], SURE)
    return float(np.log(np.maximum(share, SURE)).mean())


def select_information(settings: SelectInformation, context: Context) -> ColumnTransformer:
    """The `most` columns stay that say most about the target, one by one, curved relations too."""
    chooser = InformationSelector(settings.most, context.task == "regression", context.random_state)
    return on_columns(chooser, settings.columns)


def select_permutation(settings: SelectPermutation, context: Context) -> ColumnTransformer:
    """Columns stay without which boosted trees are worse on training rows that they were not fitted on."""
    chooser = PermutationSelector(
        context.task == "regression",
        settings.least,
        settings.most,
        settings.repeats,
        random_state=context.random_state,
    )
    return on_columns(chooser, settings.columns)


def select_budget(settings: SelectBudget, context: Context) -> ColumnTransformer:
    """Columns stay that bring most for their price, as select_permutation measures it, until the budget is spent."""
    chooser = PermutationSelector(
        context.task == "regression",
        repeats=settings.repeats,
        costs=settings.costs,
        price=settings.price,
        budget=settings.budget,
        worth=settings.worth,
        random_state=context.random_state,
    )
    return on_columns(chooser, settings.columns)
