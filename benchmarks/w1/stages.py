"""W1's six stages, the same functions for everybody: frames and settings in, frames and results out.

Each imports what it needs when it is called, as one does where every stage is a process of its own.
"""

from collections.abc import Mapping
from typing import Any

FEWEST = 100  # rows


def ingest(raw: str) -> Any:
    """The rows of a CSV file."""
    import pandas as pd

    return pd.read_csv(raw)


def validate(table: Any) -> dict[str, Any]:
    """What there is. Raises ValueError if something is missing."""
    nulls = int(table.isna().sum().sum())
    if nulls or len(table) < FEWEST:
        raise ValueError(f"{nulls} values are missing, and there are {len(table)} rows")
    return {"rows": len(table), "nulls": nulls, "rate": float(table["y"].mean()), "columns": list(table.columns)}


def split(table: Any, validation: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[Any, Any]:
    """Rows to train on, and rows held out. Raises ValueError if other rows were validated."""
    from sklearn.model_selection import train_test_split

    if validation["rows"] != len(table):
        raise ValueError("these are not the rows that were validated")
    parts = train_test_split(table, test_size=settings["test_size"], random_state=settings["seed"], stratify=table["y"])
    train, test = (part.reset_index(drop=True) for part in parts)
    return train, test


def features(train: Any, test: Any, settings: Mapping[str, Any]) -> tuple[Any, Any]:
    """Both standardised by the training rows' mean and deviation, with products of neighbouring columns."""
    columns = [name for name in train.columns if name != "y"]
    mean, deviation = train[columns].mean(), train[columns].std()
    made = []
    for rows in (train, test):
        new = (rows[columns] - mean) / deviation
        for number in range(settings["n_cross"]):
            new[f"cross_{number}"] = new[columns[number]] * new[columns[number + 1]]
        new["y"] = rows["y"].to_numpy()
        made.append(new)
    return made[0], made[1]


def train(rows: Any, settings: Mapping[str, Any]) -> Any:
    """A fitted classifier."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        learning_rate=settings["learning_rate"],
        max_iter=settings["max_iter"],
        max_leaf_nodes=settings["max_leaf_nodes"],
        random_state=settings["seed"],
    )
    return model.fit(rows.drop(columns="y"), rows["y"])


def evaluate(model: Any, rows: Any) -> dict[str, float]:
    """How well it does on rows that it has not seen."""
    from sklearn.metrics import accuracy_score, roc_auc_score

    scores = model.predict_proba(rows.drop(columns="y"))[:, 1]
    return {
        "roc_auc": float(roc_auc_score(rows["y"], scores)),
        "accuracy": float(accuracy_score(rows["y"], scores > 0.5)),
    }
