"""What regrow-features brings: a stage, what it derives with, and the steps that learn inside the model's pipeline."""

from regrow import Artifact, Component, Stage


def regrow_stages() -> list[Stage]:
    """The stage `features`: table and lookups -> the columns that a model may see, and the target."""
    return [
        Stage(
            name="features",
            kind="feature",
            run="regrow_features.stage:features",
            needs=("table", "lookups"),
            makes=(
                Artifact("features", "table"),
                Artifact("features_section", "section", path="sections/features.json"),
            ),
            params=("features.derive", "features.exclude", "data.target", "data.leaks"),
            settings="regrow_features.settings:Features",
            about="derives columns row by row and leaves out leaks, excluded columns and the target's source",
            columns="regrow_features.named:features",
        )
    ]


def regrow_components() -> list[Component]:
    """Components of kind `derive` (row by row, computed once) and `transformer` (they learn, inside the pipeline)."""
    return [
        _derive("clock_minutes", "dates", "ClockMinutes", "clock times such as 1745 as minutes after midnight"),
        _derive("date_parts", "dates", "DateParts", "year, month, weekday, hour, ... of date columns"),
        _derive("interaction", "interaction", "Interaction", "two numeric columns made into one"),
        _derive("join", "join", "Join", "columns of a second table, many rows to one"),
        _transformer("impute_constant", "ImputeConstant", "missing values become one given value", "keeping"),
        _transformer("impute_median", "ImputeMedian", "missing numbers become the median of the training rows"),
        _transformer("one_hot", "OneHot", "one 0/1 column for each category"),
        _transformer("ordinal", "Ordinal", "one whole number for each category", "keeping"),
        _transformer("scale", "Scale", "numbers brought to one scale: standard, robust or minmax", "keeping"),
    ]


def _derive(name: str, module: str, settings: str, about: str) -> Component:
    make, columns = f"regrow_features.{module}:{name}", f"regrow_features.named:{name}"
    return Component(name, "derive", make, f"regrow_features.settings:{settings}", (), about, columns)


def _transformer(name: str, settings: str, about: str, columns: str = "") -> Component:
    make, columns = f"regrow_features.transformers:{name}", f"regrow_features.named:{columns or name}"
    return Component(name, "transformer", make, f"regrow_features.settings:{settings}", (), about, columns)
