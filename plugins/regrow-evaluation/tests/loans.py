"""Synthetic loans: who does not pay back, with effects as parameters, and a plain model's predictions of later ones."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

NUMBERS = ["income", "debt", "age"]
TRAIN, TEST = 3000, 3000


def loans(seed: int, rows: int, bias: float = 0.0, weak: float = 0.0) -> pd.DataFrame:
    """`rows` loans with the target `default`, 0 or 1, about one in five.

    bias: how much likelier, in log-odds, people of sex b do not pay back; the model does not see the sex.
    weak: 0 to 1, how far what is known of people in the south says nothing of whether they pay back.
    """
    rng = np.random.default_rng(seed)
    made = pd.DataFrame(
        {
            "income": rng.gamma(4, 10, rows).round(1),
            "debt": rng.gamma(2, 5, rows).round(1),
            "age": rng.integers(18, 75, rows),
            "region": rng.choice(["north", "east", "south", "west"], rows),
            "job": rng.choice(["employed", "own", "none"], rows, p=[0.7, 0.2, 0.1]),
            "sex": rng.choice(["a", "b"], rows),
        }
    ).astype({"region": "str", "job": "str", "sex": "str"})
    signal = 0.2 * (made["debt"] - 10) - 0.05 * (made["income"] - 40) + 1.0 * (made["job"] == "none")
    known = np.where(made["region"] == "south", 1 - weak, 1.0)
    odds = -1.6 + known * signal + bias * ((made["sex"] == "b") - 0.5)
    return made.assign(default=(rng.random(rows) < 1 / (1 + np.exp(-odds))).astype(int))


def fitted(train: pd.DataFrame, columns: list[str] | None = None) -> LogisticRegression:
    """A logistic regression on the numbers and the job."""
    return LogisticRegression(max_iter=500).fit(_matrix(train, columns), train["default"])


def _matrix(rows: pd.DataFrame, columns: list[str] | None = None) -> pd.DataFrame:
    chosen = rows[columns or NUMBERS] / 10
    return chosen if columns else chosen.assign(none=rows["job"] == "none")


def predicted(model: LogisticRegression, rows: pd.DataFrame, columns: list[str] | None = None) -> pd.DataFrame:
    """The table of predictions."""
    share = model.predict_proba(_matrix(rows, columns))[:, 1]
    return pd.DataFrame(
        {
            "row": np.arange(len(rows)),
            "fold": 0,
            "target": rows["default"].to_numpy(),
            "prediction": (share >= 0.5).astype(int),
            "probability_0": 1 - share,
            "probability_1": share,
        }
    )


def lent(seed: int, **effects: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Later loans as a table, and a model's predictions of them."""
    whole = loans(seed, TRAIN + TEST, **effects)
    later = whole.iloc[TRAIN:].reset_index(drop=True)
    return later, predicted(fitted(whole.iloc[:TRAIN]), later)
