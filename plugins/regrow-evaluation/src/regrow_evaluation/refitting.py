"""All rows of a model, those it learnt from and those held out, and fits of the same pipeline on some of them."""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.base import clone

from regrow import RegrowError, nearest
from regrow.plugin.context import column_types
from regrow_evaluation.analyses.explanation import answered
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import FEW_OF_A_CLASS, Evidence, FittedModel
from regrow_evaluation.predicted import Predicted, class_name
from regrow_evaluation.resampling import groups

PARTS_OF_A_DATE = ("year", "month", "day")
LETTERS = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}


@dataclass(frozen=True)
class Rows:
    """n rows with their targets: names of classes, or numbers."""

    features: pd.DataFrame
    target: np.ndarray
    #: (n,) their places in the table
    row: np.ndarray

    def take(self, places: np.ndarray) -> "Rows":
        """Some of them, in this order."""
        return Rows(self.features.iloc[places].reset_index(drop=True), self.target[places], self.row[places])


def all_rows(evidence: Evidence, scorer: FittedModel) -> Rows:
    """Those that were learnt from, then those held out."""
    if scorer.rows is None:
        raise ValueError("it is not known which rows the model learnt from")
    p = evidence.predicted
    true = p.target if p.task == REGRESSION else np.array(p.classes, dtype=object)[p.target]
    features = pd.concat([scorer.training, scorer.features], ignore_index=True)
    return Rows(features, np.concatenate([_named(scorer.target, p), true]), np.concatenate([scorer.rows, p.row]))


def _named(target: np.ndarray, p: Predicted) -> np.ndarray:
    return target if p.task == REGRESSION else np.array([class_name(one) for one in target.tolist()], dtype=object)


def ask(evidence: Evidence, scorer: FittedModel, learnt: Rows, asked: Rows, fold: np.ndarray) -> Predicted | None:
    """What the pipeline says of the rows `asked` once it is fitted on `learnt`; None where it can't be fitted on them.

    fold: (n,) int64 of each row that is asked for.
    """
    p = evidence.predicted
    target = learnt.target if p.task == REGRESSION else _as_fitted(learnt.target, scorer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model = clone(scorer.model).fit(learnt.features, target)
        except (TypeError, ValueError):
            return None
        place = {name: k for k, name in enumerate(p.classes)}
        true = asked.target if p.task == REGRESSION else np.array([place.get(one, -1) for one in asked.target])
        empty = None if p.probability is None else np.zeros((len(true), len(p.classes)))
        known = Predicted(p.task, true, true, empty, p.classes, p.positive, fold, asked.row)
        return answered(known, model, asked.features)


def _as_fitted(target: np.ndarray, scorer: FittedModel) -> np.ndarray:
    """Class names as the values that the model was fitted on."""
    values = {class_name(one): one for one in scorer.target.tolist()}
    return np.array([values.get(one, one) for one in target.tolist()], dtype=scorer.target.dtype)


def tells(target: np.ndarray, p: Predicted) -> bool:
    """Whether there are enough rows of each class to say anything of them."""
    if p.task == REGRESSION:
        return len(target) >= FEW_OF_A_CLASS
    return min(int((target == name).sum()) for name in p.classes) >= FEW_OF_A_CLASS


def moments(table: pd.DataFrame, by: str | None, where: str) -> pd.Series | None:
    """When each row is from: a column by its name, else the first date, else year, month and day; None where no column
    says so. Raises RegrowError for a column that is not there."""
    if by is not None:
        return column(table, by, where)
    dates = [name for name, kind in column_types(table).items() if kind == "date"]
    if dates:
        return table[dates[0]]
    if all(name in table and pd.api.types.is_numeric_dtype(table[name]) for name in PARTS_OF_A_DATE):
        return pd.to_datetime(table[list(PARTS_OF_A_DATE)], errors="coerce").rename("/".join(PARTS_OF_A_DATE))
    return None


def column(table: pd.DataFrame, name: str, where: str) -> pd.Series:
    """Raises RegrowError for one that is not there."""
    if name not in table:
        raise RegrowError(f"the table has no column {name!r}", where=where, fix=nearest(name, list(table.columns)))
    return table[name]


def periods(time: pd.Series, every: str | None, count: int, where: str) -> np.ndarray:
    """(n,) int64 from 0 on: periods of the calendar, or so many stretches of equally many rows.

    Raises RegrowError where `every` is said of what is no date.
    """
    if every is None:
        return groups(time, count)
    if not pd.api.types.is_datetime64_any_dtype(time):
        raise RegrowError(f"{time.name!r} is no date", where=where, fix="leave out `every`")
    return pd.factorize(calendar(time, every), sort=True)[0].astype("int64")


def calendar(time: pd.Series, every: str) -> pd.Series:
    """Each date's period, such as 2024-03."""
    plain = time.dt.tz_localize(None) if time.dt.tz is not None else time
    return plain.dt.to_period(LETTERS[every])
