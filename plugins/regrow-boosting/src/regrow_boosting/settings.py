"""What may stand in conf/: the parameters by the names of LightGBM's scikit-learn interface."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]


class LightGBM(BaseModel):
    """Gradient boosting by LightGBM. Threads, seeds and determinism can't be set: they are fixed."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    n_estimators: Count = Field(500, description="rounds of boosting, at most")
    learning_rate: Positive = Field(0.05, description="how much of each tree counts")
    num_leaves: int = Field(31, ge=2, le=131072, description="leaves of a tree, at most")
    max_depth: Count | None = Field(None, description="depth of a tree, at most")
    min_child_samples: Count = Field(20, description="training rows in a leaf, at least")
    subsample: Share = Field(1.0, description="share of the rows that each tree sees")
    colsample_bytree: Share = Field(1.0, description="share of the columns that each tree sees")
    reg_alpha: NotNegative = Field(0.0, description="L1 penalty on leaves")
    reg_lambda: NotNegative = Field(0.0, description="L2 penalty on leaves")
    max_bin: int = Field(255, ge=2, le=255, description="bins of a column, at most")
    early_stopping_rounds: Count | None = Field(
        30, description="rounds without a gain after which it stops; null: never"
    )
    validation_fraction: float = Field(
        0.1, gt=0, lt=1, description="share of the training rows that early stopping watches"
    )
    class_weight: Literal["balanced"] | dict[str, Positive] | None = Field(
        None, description="classification only: weights of classes"
    )

    def check_task(self, task: str) -> None:
        """Raises ValueError where a parameter is set that the task has no use for."""
        if task == "regression" and self.class_weight is not None:
            raise ValueError("model.class_weight is for classification, and data.task is regression: leave it out")
