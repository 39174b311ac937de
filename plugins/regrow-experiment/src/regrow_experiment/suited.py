"""`features.steps: auto`: the steps that suit an estimator, as they would stand in conf/."""

from typing import Any

AUTO = "auto"
MEDIAN: dict[str, Any] = {"use": "impute_median", "columns": "numeric", "indicator": True}
ORDINAL: dict[str, Any] = {"use": "ordinal", "columns": "categorical"}
ONE_HOT: dict[str, Any] = {
    "use": "one_hot", "columns": "categorical", "min_frequency": 10, "max_categories": 30, "distinct": True
}  # fmt: skip
PRESENT: dict[str, Any] = {"use": "drop_empty"}
SCALE: dict[str, Any] = {"use": "scale", "columns": "numeric"}
#: Trees that take no missing numbers.
WHOLE_TREES = ("gradient_boosting", "GradientBoostingClassifier", "GradientBoostingRegressor")


def steps(name: str, tags: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Name -> step, in order. Trees: categories as numbers, missing as it is. Others: whole, scaled, one-hot."""
    if "takes_missing" in tags:
        return {"texts": ORDINAL, "present": PRESENT}
    if name in WHOLE_TREES:
        return {"texts": ORDINAL, "numbers": MEDIAN}
    return {"numbers": MEDIAN, "scale": SCALE, "texts": ONE_HOT}
