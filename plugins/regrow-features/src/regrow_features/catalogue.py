"""The components that enrich, combine, impute and select, as data: see `plugin` for the first ones."""

from typing import Any

from regrow import Component

NUMBERS = {"columns": ["count", "clock"]}
HISTORY = {"table": "shops", "at": "amount", "known": "size", "by": ["shop"], "columns": ["size"], "delay": 1.0}
# module, settings, the function of `named`, what it is, an example, tags, where it is described, stored classes
Said = tuple[str, str, str, str, dict[str, Any], tuple[str, ...], str, tuple[str, ...]]
ROW_WISE = ("row_wise", "takes_missing")
DERIVED: dict[str, Said] = {
    "expression": (
        "rowwise",
        "row_settings:Expression",
        "expression",
        "what a formula over columns gives",
        {"formula": "(amount + 5) / count", "name": "each"},
        ROW_WISE,
        "",
        (),
    ),
    "weighted_sum": (
        "rowwise",
        "row_settings:WeightedSum",
        "weighted_sum",
        "columns, each times a weight, added up",
        {"weights": {"amount": 0.5, "count": 2.0}, "name": "points"},
        ROW_WISE,
        "Dawes, American Psychologist 34, 1979",
        (),
    ),
    "text_length": (
        "rowwise",
        "row_settings:TextLength",
        "text_length",
        "how many characters, words, digits a text has",
        {"columns": ["colour"]},
        ROW_WISE,
        "",
        (),
    ),
    "extract": (
        "parts",
        "row_settings:Extract",
        "extract",
        "parts of a text that a pattern finds: both numbers of a place, the network of an address",
        {"column": "colour", "pattern": "^(?P<first>.)", "texts": ["first"], "drop": False},
        ROW_WISE,
        "",
        (),
    ),
    "json_fields": (
        "parts",
        "row_settings:JsonFields",
        "json_fields",
        "fields of JSON objects in a column",
        {"column": "colour", "numbers": ["width"], "drop": False},
        ROW_WISE,
        "RFC 8259",
        (),
    ),
    "distance": (
        "rowwise",
        "row_settings:Distance",
        "distance",
        "kilometres between two places by latitude and longitude",
        {"start": ["count", "weight"], "end": ["weight", "count"], "name": "km"},
        ROW_WISE,
        "Sinnott, Sky and Telescope 68, 1984",
        (),
    ),
    "days_since": (
        "rowwise",
        "row_settings:DaysSince",
        "days_since",
        "the days from a fixed day to a date",
        {"column": "day", "since": "2024-01-01"},
        ROW_WISE,
        "",
        (),
    ),
    "as_of": (
        "history",
        "row_settings:AsOf",
        "as_of",
        "the latest row of a second table that was known at the row's moment",
        {**HISTORY, "days": 50.0},
        ROW_WISE,
        "Kaufman et al., Leakage in data mining, ACM TKDD 6, 2012",
        (),
    ),
    "lag": (
        "history",
        "row_settings:Lag",
        "lag",
        "the values of the rows before of the same entity",
        {**HISTORY, "steps": [1, 2]},
        ROW_WISE,
        "Box and Jenkins, Time Series Analysis, 1970",
        (),
    ),
    "planned": (
        "history",
        "row_settings:Planned",
        "planned",
        "how many rows of a timetable lie around the row's moment",
        {"table": "shops", "at": "amount", "known": "size", "by": ["shop"], "before": 20.0, "after": 5.0, "name": "n"},
        ROW_WISE,
        "Kaufman et al., Leakage in data mining, ACM TKDD 6, 2012",
        (),
    ),
    "window": (
        "history",
        "row_settings:Window",
        "window",
        "statistics over the days before the row, of the same entity",
        {**HISTORY, "days": [20.0, None], "statistics": ["count", "mean", "std", "max"]},
        ROW_WISE,
        "Kanter and Veeramachaneni, Deep feature synthesis, DSAA 2015",
        (),
    ),
}
LEARNT: dict[str, Said] = {
    "count": (
        "levels",
        "learning_settings:CountLevels",
        "keeping",
        "how many training rows a category has",
        {"share": True},
        ("learns", "takes_missing"),
        "Pargent et al., Computational Statistics 37, 2022",
        ("levels:LevelCounter",),
    ),
    "rare_levels": (
        "levels",
        "learning_settings:RareLevels",
        "keeping",
        "rare categories, and those first met later, become one",
        {"min_frequency": 8},
        ("learns", "takes_missing"),
        "Kuhn and Johnson, Feature Engineering and Selection, 2019, 5.4",
        ("levels:RareLevelMerger",),
    ),
    "hash_levels": (
        "levels",
        "learning_settings:HashLevels",
        "hash_levels",
        "any number of categories in few columns",
        {"buckets": 4},
        ROW_WISE,
        "Weinberger et al., Feature hashing, ICML 2009",
        ("levels:LevelHasher",),
    ),
    "polynomial": (
        "learning",
        "learning_settings:Polynomial",
        "products",
        "numbers, their powers and products",
        {**NUMBERS, "degree": 2},
        ("row_wise",),
        "Gergonne, Annales de Mathematiques 6, 1815",
        (),
    ),
    "aggregate": (
        "groups",
        "learning_settings:Aggregate",
        "aggregate",
        "what is usual in the row's group",
        {"by": ["shop", "open"], "columns": ["amount"], "statistics": ["median", "std"], "difference": True},
        ("learns", "takes_missing"),
        "Kanter and Veeramachaneni, Deep feature synthesis, DSAA 2015",
        ("groups:GroupAggregates",),
    ),
    "impute_iterative": (
        "imputing",
        "learning_settings:ImputeIterative",
        "impute",
        "missing numbers by a regression on the other columns",
        {"rounds": 2, "indicator": True},
        ("learns", "takes_missing", "slow"),
        "van Buuren and Groothuis-Oudshoorn, mice, Journal of Statistical Software 45, 2011",
        ("imputing:ChainedImputer", "imputing:ColumnwiseRidge"),
    ),
    "select_information": (
        "selection",
        "learning_settings:SelectInformation",
        "keeping",
        "the columns that say most about the target, one by one",
        {**NUMBERS, "most": 1},
        ("learns", "random", "slow"),
        "Kraskov et al., Physical Review E 69, 2004",
        ("selection:InformationSelector",),
    ),
    "select_permutation": (
        "selection",
        "learning_settings:SelectPermutation",
        "keeping",
        "the columns without which a model is worse",
        {"most": 2, "repeats": 2},
        ("learns", "random", "slow", "takes_missing"),
        "Breiman, Machine Learning 45, 2001",
        ("selection:PermutationSelector",),
    ),
    "select_budget": (
        "selection",
        "learning_settings:SelectBudget",
        "keeping",
        "the columns that bring most for their price, until a budget is spent",
        {"costs": {"amount": 3.0, "c*": 1.5}, "budget": 4.0, "repeats": 2},
        ("learns", "random", "slow", "takes_missing"),
        "Turney, Journal of Artificial Intelligence Research 2, 1995",
        ("selection:PermutationSelector",),
    ),
}


def more_components() -> list[Component]:
    """Of kinds `derive` and `transformer`."""
    return [
        *(_component(name, "derive", said) for name, said in DERIVED.items()),
        *(_component(name, "transformer", said) for name, said in LEARNT.items()),
    ]


def _component(name: str, kind: str, said: Said) -> Component:
    module, settings, named, about, example, tags, source, types = said
    return Component(
        name,
        kind,
        f"regrow_features.{module}:{name}",
        f"regrow_features.{settings}",
        about=about,
        columns=f"regrow_features.named:{named}",
        tags=tags,
        example=example,
        source=source,
        types=tuple(f"regrow_features.{one}" for one in types),
    )
