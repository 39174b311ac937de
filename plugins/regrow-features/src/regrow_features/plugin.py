"""What regrow-features brings: a stage, what it derives with, and the steps that learn inside the model's pipeline."""

from typing import Any

from regrow import Artifact, Component, Stage, maybe
from regrow_features.catalogue import more_components


def regrow_stages() -> list[Stage]:
    """The stage `features`: table and lookups -> the columns that a model may see, and the target."""
    return [
        Stage(
            name="features",
            kind="feature",
            run="regrow_features.stage:features",
            needs=("table", "lookups", maybe("suspects")),
            makes=(
                Artifact("features", "table"),
                Artifact("features_section", "section", path="sections/features.json"),
            ),
            params=("features.derive", "features.exclude", "features.leave_out", "data.target", "data.leaks"),
            settings="regrow_features.settings:Features",
            about="derives columns row by row and leaves out leaks, excluded columns and the target's source",
            columns="regrow_features.named:features",
        )
    ]


def regrow_components() -> list[Component]:
    """Components of kind `derive` (row by row, computed once) and `transformer` (they learn, inside the pipeline)."""
    return [
        _derive("clock_minutes", "dates", "clock times such as 1745 as minutes after midnight", {"columns": ["clock"]}),
        _derive(
            "date_parts", "dates", "year, month, weekday, hour, ... of date columns", {"parts": ["month", "weekday"]}
        ),
        _derive("cyclic", "dates", "an hour, a weekday as a place on a circle", {"column": "clock", "period": 2400.0}),
        _derive("elapsed", "dates", "the days between two dates", {"start": "day", "end": "day", "name": "none"}),
        _derive(
            "interaction",
            "interaction",
            "two numeric columns made into one",
            {"left": "amount", "right": "count", "operation": "divide"},
        ),
        _derive(
            "join",
            "join",
            "columns of a second table, many rows to one",
            {"table": "shops", "by": ["shop"], "prefix": "shop_"},
            source="Codd, Communications of the ACM 13, 1970",
        ),
        _transformer(
            "impute_constant",
            "missing values become one given value",
            {"fill": "none"},
            columns="keeping",
            tags=("row_wise", "takes_missing"),
        ),
        _transformer(
            "impute_median",
            "missing numbers become the median of the training rows",
            {"indicator": True},
            columns="impute",
            source="Little and Rubin, Statistical Analysis with Missing Data, 1987",
        ),
        _transformer(
            "one_hot",
            "one 0/1 column for each category",
            {"min_frequency": 2, "distinct": True},
            types=("regrow_features.encoders:DistinctOneHotEncoder",),
        ),
        _transformer(
            "ordinal",
            "one whole number for each category",
            {"columns": ["colour"], "max_categories": 3},
            columns="keeping",
        ),
        _transformer(
            "scale",
            "numbers brought to one scale: standard, robust or minmax",
            {"method": "robust"},
            columns="keeping",
            source="LeCun et al., Efficient BackProp, 1998",
        ),
        *_learning(),
        *more_components(),
    ]


NUMBERS = {"columns": ["count", "clock"]}
# name -> what it is, an example, the function of `named` for its columns, tags beside learns, where it is described
LEARNING: dict[str, tuple[str, dict[str, Any], str, tuple[str, ...], str]] = {
    "encode_target": (
        "the mean target of each category, cross-fitted",
        {"folds": 3},
        "one_hot",
        ("random", "takes_missing"),
        "Micci-Barreca, SIGKDD Explorations 3, 2001",
    ),
    "bin": ("numbers as the place of their bin", {**NUMBERS, "bins": 3}, "keeping", (), "Dougherty et al., ICML 1995"),
    "impute_mode": (
        "missing values become the most frequent one",
        {},
        "impute",
        ("takes_missing",),
        "Little and Rubin, Statistical Analysis with Missing Data, 1987",
    ),
    "impute_knn": (
        "missing numbers become the mean of the nearest rows",
        {"neighbors": 3},
        "impute",
        ("takes_missing", "slow"),
        "Troyanskaya et al., Bioinformatics 17, 2001",
    ),
    "select_variance": (
        "columns that hardly vary go",
        {"least": 0.1},
        "keeping",
        ("takes_missing",),
        "Guyon and Elisseeff, JMLR 3, 2003",
    ),
    "select_correlation": (
        "the columns that go with the target best, one by one",
        {**NUMBERS, "most": 1},
        "keeping",
        (),
        "Guyon and Elisseeff, JMLR 3, 2003",
    ),
    "select_l1": (
        "the columns that a linear model with an L1 penalty uses",
        {**NUMBERS, "strength": 0.001},
        "keeping",
        ("random", "slow"),
        "Tibshirani, JRSS B 58, 1996",
    ),
    "select_recursive": (
        "the columns that are left when the weakest goes, again and again",
        {**NUMBERS, "most": 1},
        "keeping",
        ("slow",),
        "Guyon et al., Machine Learning 46, 2002",
    ),
}


def _learning() -> list[Component]:
    return [
        _transformer(name, about, example, module="learning", columns=columns, tags=("learns", *tags), source=source)
        for name, (about, example, columns, tags, source) in LEARNING.items()
    ]


def _derive(name: str, module: str, about: str, example: dict[str, Any], source: str = "") -> Component:
    return Component(
        name,
        "derive",
        f"regrow_features.{module}:{name}",
        f"regrow_features.settings:{_model(name)}",
        about=about,
        columns=f"regrow_features.named:{name}",
        tags=("row_wise", "takes_missing"),
        example=example,
        source=source,
    )


def _transformer(
    name: str,
    about: str,
    example: dict[str, Any],
    *,
    module: str = "transformers",
    columns: str = "",
    tags: tuple[str, ...] = ("learns", "takes_missing"),
    source: str = "",
    types: tuple[str, ...] = (),
) -> Component:
    return Component(
        name,
        "transformer",
        f"regrow_features.{module}:{name}",
        f"regrow_features.settings:{_model(name)}",
        about=about,
        columns=f"regrow_features.named:{columns or name}",
        tags=tags,
        example=example,
        source=source,
        types=types,
    )


def _model(name: str) -> str:
    """date_parts -> DateParts, the class of its settings."""
    return "".join(word.capitalize() for word in name.split("_"))
