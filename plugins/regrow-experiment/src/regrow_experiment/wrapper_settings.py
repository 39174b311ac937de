"""What may stand in conf/ for estimators that hold other estimators, for baselines, and for sparse linear models."""

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from regrow import OfKind, Use
from regrow.plugin.schema import Strict

Count = Annotated[int, Field(ge=1)]
Folds = Annotated[int, Field(ge=2)]
Positive = Annotated[float, Field(gt=0)]
Inner = Annotated[Use, OfKind("estimator")]


class Wrapper(Strict):
    """An estimator around another."""

    of: Inner = Field(description="the estimator inside: {use: NAME, ...}")

    def check_task(self, task: str) -> None:
        """Raises ValueError where what is inside can't serve the task."""
        check_inside(self.of, "of", task)


class Calibrated(Wrapper):
    """Probabilities that hold: of ten rows with 0.3, three are of the class."""

    method: Literal["sigmoid", "isotonic", "temperature"] = Field(
        "sigmoid", description="the curve: Platt's for few rows, isotonic from about a thousand on, or a temperature"
    )
    folds: Folds = Field(5, description="inner folds of the training rows, on which it is fitted")
    ensemble: bool = Field(default=False, description="whether each fold's estimator is kept; else one, of all rows")


class Thresholded(Wrapper):
    """The threshold of the probability from which on a row counts as positive, tuned on inner folds."""

    scoring: Literal["balanced_accuracy", "accuracy", "f1", "precision", "recall", "matthews_corrcoef", "jaccard"] = (
        Field("balanced_accuracy", description="scikit-learn's name of what the threshold makes best")
    )
    positive: bool | int | float | str | None = Field(
        default=None, description="the class that f1, precision, recall and jaccard are of; null: 1"
    )
    folds: Folds = Field(5, description="inner folds of the training rows, on which it is tuned")


class Resampled(Wrapper):
    """Training rows drawn so that classes are nearer to each other in number; other rows stay as they are."""

    how: Literal["over", "under"] = Field("under", description="repeat rows of small classes, or leave some out")
    ratio: float = Field(1.0, gt=0, le=1, description="rows of a class over those of the largest (over), or smallest")


class Stack(Strict):
    """Several estimators, and one that learns from what they say on inner folds."""

    of: dict[str, Inner] = Field(min_length=2, description="name -> an estimator")
    final: Inner | None = Field(default=None, description="what learns from them; null: a linear model")
    folds: Folds = Field(5, description="inner folds of the training rows")

    @field_validator("of")
    @classmethod
    def _names(cls, of: dict[str, Any]) -> dict[str, Any]:
        if odd := [name for name in of if "__" in name or name in {"final_estimator", "estimators", "cv"}]:
            raise ValueError(f"an estimator of a stack can't be called {odd[0]!r}")
        return of

    def check_task(self, task: str) -> None:
        """Raises ValueError where what is inside can't serve the task."""
        inside = {f"of.{name}": use for name, use in self.of.items()}
        for name, use in ({**inside, "final": self.final} if self.final else inside).items():
            check_inside(use, name, task)


class ElasticNet(Strict):
    """A linear model with both penalties: few columns, and small weights."""

    C: Positive = Field(1.0, description="inverse of the penalty's strength; in regression alpha = 1 / (2 C)")
    l1_ratio: float = Field(0.5, ge=0, le=1, description="share of the L1 penalty; 1: lasso")
    max_iter: Count = Field(2000, description="steps of the solver, at most")


class Lasso(Strict):
    """A linear model with the L1 penalty: few columns."""

    C: Positive = Field(1.0, description="inverse of the penalty's strength; in regression alpha = 1 / (2 C)")
    max_iter: Count = Field(2000, description="steps of the solver, at most")


class Dummy(Strict):
    """Looks at no column."""


class LastValue(Strict):
    """Says what the last training rows said, in the order of the table."""

    rows: Count = Field(1, description="how many of the last rows: their mean, or the shares of their classes")


class SingleFeature(Strict):
    """A small tree on the one column that says most."""

    leaves: int = Field(8, ge=2, le=64, description="of the tree, at most")


def check_inside(use: Use, where: str, task: str) -> None:
    """Raises ValueError where an estimator inside another can't serve the task."""
    if use.component.tasks and task not in use.component.tasks:
        raise ValueError(
            f"model.{where}: {use.name} is for {' or '.join(use.component.tasks)}, and data.task is {task}"
        )
    check = getattr(use.settings, "check_task", None)
    if check is not None:
        check(task)
