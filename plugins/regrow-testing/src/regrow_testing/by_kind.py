"""What the contract kit tries of a component: one function for each kind of `regrow.plugin.kinds`, named as the kind.

Each takes what the component's example made, and a `Kit`; it raises ValueError for what is wrong, and returns what a
second one must return, too.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regrow.plugin.context import Context
from regrow.plugin.declare import Component
from regrow.plugin.predicted import Predicted
from regrow_testing.kit_table import TARGET

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

FEW = [0, 7, 20, 41]


@dataclass(frozen=True)
class Kit:
    """What a component's example is tried on."""

    component: Component
    #: As the factory got it.
    context: Context
    #: See `regrow_testing.kit_table`.
    table: "pd.DataFrame"
    lookups: "dict[str, pd.DataFrame]"
    #: Of the raw files.
    folder: Path

    @property
    def features(self) -> "pd.DataFrame":
        """The table without target and dates; without missing values unless the component is said to take them."""
        features = self.table.drop(columns=[TARGET, "day"])
        if "takes_missing" in self.component.tags:
            return features
        return features.fillna({"colour": "none", "amount": 0.0})

    @property
    def numbers(self) -> "pd.DataFrame":
        """The features that are numbers."""
        return self.features.select_dtypes("number")

    @property
    def y(self) -> "np.ndarray":
        """(n,) the target."""
        return self.table[TARGET].to_numpy(dtype=float if self.context.task == "regression" else None)


def _require(holds: object, wrong: str) -> None:
    if not holds:
        raise ValueError(wrong)


def _frame(made: Any, rows: int, what: str) -> "pd.DataFrame":
    import pandas as pd

    _require(isinstance(made, pd.DataFrame), f"{what} is a {type(made).__name__}, not a DataFrame")
    _require(len(made) == rows or rows < 0, f"{what} has {len(made)} rows, and {rows} went in")
    _require(made.columns.is_unique, f"{what} has two columns of one name")
    return made


def reader(read: Any, kit: Kit) -> Any:
    """A table of at least one row comes of the kit's raw files."""
    made = _frame(read(kit.folder), -1, "what it read")
    _require(len(made) and made.shape[1], "it read no rows")
    return made


def check(assumption: Any, kit: Kit) -> Any:
    """A pandera schema comes of the table; whether the table fits it is not asked."""
    schema = assumption(kit.table.copy())
    _require(hasattr(schema, "validate") and hasattr(schema, "columns"), "it made no pandera DataFrameSchema")
    try:
        schema.validate(kit.table.copy(), lazy=True)
    except Exception as error:
        if type(error).__name__ != "SchemaErrors":
            raise
        return sorted(map(str, error.failure_cases["index"]))  # type: ignore[attr-defined]
    return []


def splitter(split: Any, kit: Kit) -> Any:
    """One whole number a row, or one for each repeat; some row is held out, some row left to learn from."""
    import numpy as np

    folds = np.asarray(split(kit.table[TARGET].copy()))
    one_a_row = len(folds) == len(kit.table) and folds.ndim in (1, 2) and folds.dtype.kind == "i"
    _require(one_a_row, "it must give one whole number a row")
    _require((folds >= -2).all() and (folds >= 0).any(), "it holds out no row, or a fold is below -2")
    _require(len(np.unique(folds)) > 1, "it leaves no row to learn from")
    return folds


def derive(step: Any, kit: Kit) -> Any:
    """The rows and their order stay; with the tag `row_wise`, a few rows alone give what they give among all."""
    given = kit.table.drop(columns=TARGET)

    def run(table: "pd.DataFrame") -> "pd.DataFrame":
        return _frame(step(table.copy(), dict(kit.lookups)), len(table), "what it derived")

    made = run(given)
    _require(made.index.equals(given.index), "it changed the order of the rows")
    if "row_wise" in kit.component.tags:
        few = run(given.iloc[FEW].reset_index(drop=True))
        _require(few.equals(made.iloc[FEW].reset_index(drop=True)), "it is tagged row_wise, and looks at other rows")
    return made


def transformer(made: Any, kit: Kit) -> Any:
    """It learns from some rows and changes others into a DataFrame of the same columns."""
    from sklearn.base import clone

    if hasattr(made, "set_output"):
        made.set_output(transform="pandas")
    clone(made)
    half, y = len(kit.features) // 2, kit.y
    learnt = _frame(made.fit_transform(kit.features.iloc[:half], y[:half]), half, "what fit_transform gave")
    changed = _frame(made.transform(kit.features.iloc[half:]), len(y) - half, "what transform gave")
    _require(list(learnt.columns) == list(changed.columns), "fit_transform and transform give other columns")
    if "row_wise" in kit.component.tags:
        few = made.transform(kit.features.iloc[half:].iloc[:3])
        _require(few.equals(changed.iloc[:3]), "it is tagged row_wise, and looks at other rows")
    return changed


def estimator(made: Any, kit: Kit) -> Any:
    """It can be cloned, learns from some rows and predicts others: one finite value, or known class, a row."""
    from sklearn.base import clone

    half = len(kit.numbers) // 2
    return _predicted(clone(made).fit(kit.numbers.iloc[:half], kit.y[:half]), kit, half)


def search(find: Any, kit: Kit) -> Any:
    """A fitted model comes of a tiny pipeline and its training rows, which stay as they were."""
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import Pipeline

    half = len(kit.numbers) // 2
    X, y = kit.numbers.iloc[:half].copy(), kit.y[:half].copy()
    model = Ridge if kit.context.task == "regression" else LogisticRegression
    found = find(lambda: Pipeline([("model", model())]), X, y)
    _require(X.equals(kit.numbers.iloc[:half]) and (y == kit.y[:half]).all(), "it changed its training rows in place")
    return _predicted(found, kit, half)


def _predicted(fitted: Any, kit: Kit, half: int) -> Any:
    import numpy as np

    said = np.asarray(fitted.predict(kit.numbers.iloc[half:]))
    _require(said.shape == (len(kit.y) - half,), f"it predicts an array of shape {said.shape}")
    known = np.isfinite(said).all() if kit.context.task == "regression" else set(said) <= set(kit.y)
    _require(known, "it predicts what is no finite number, or no class of the target")
    return said


def metric(measure: Any, kit: Kit) -> float:
    """A finite number comes of predictions that are right in most rows; of probabilities, too, where it needs them."""
    import numpy as np

    classes, codes = np.unique(kit.y, return_inverse=True)
    numeric = kit.context.task == "regression"
    target = kit.y + 1 if numeric else codes  # no 0: a share of it is undefined
    wrong = np.arange(len(target)) % 5 == 0
    prediction = target + wrong if numeric else (target + wrong) % len(classes)
    probability = None if numeric else np.where(np.eye(len(classes))[prediction] == 1, 0.7, 0.3 / (len(classes) - 1))
    positive = 1 if kit.context.task == "binary" else None
    names = () if numeric else tuple(map(str, classes))
    row, fold = np.arange(len(target)), np.zeros(len(target), dtype="int64")
    predicted = Predicted(kit.context.task, target, prediction, probability, names, positive, fold, row)
    _require(
        isinstance(getattr(measure, "needs_probability", None), bool), "it has no needs_probability, true or false"
    )
    value = measure(predicted)
    _require(isinstance(value, float) and np.isfinite(value), f"it measures {value!r}, which is no finite number")
    return value
