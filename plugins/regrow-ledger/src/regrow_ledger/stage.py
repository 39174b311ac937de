"""The stage `feature_ledger`: a row for each feature, the one that brings most first."""

from typing import Any

import pandas as pd

from regrow import RegrowError, nearest
from regrow.artifacts import blocks
from regrow_experiment import folds
from regrow_experiment.target import as_target
from regrow_ledger import prices
from regrow_ledger.importance import importances
from regrow_ledger.settings import LedgerSettings

NOT_SAID = "not said"
HEAD = [
    "Feature",
    "Brings",
    "Spread",
    "Folds it helps",
    "Columns",
    "Memory, kB",
    "Drift",
    "Privacy",
    "Price",
    "Worth it",
]
ABOUT = (
    "What the model loses on held-out rows when a column is shuffled, with its spread over folds, beside its four "
    "prices: columns and memory to hold, drift to be watched, privacy to be kept, and what having it costs. A feature "
    "is worth it where it brings more than its spread. Two columns that say the same share what they bring: leave them "
    "out by turns."
)


def feature_ledger(features: pd.DataFrame, split: pd.DataFrame, model: Any, settings: LedgerSettings) -> dict[str, Any]:
    """`feature_ledger`: feature, brings, spread, helps (share of folds), columns, bytes, drift, privacy, price, worth;
    and a section of the report. No times: they are no result. Raises RegrowError for a pattern that fits no feature.
    """
    target, asked = settings.data.target.final_name, settings.ledger
    X, y = features.drop(columns=target).reset_index(drop=True), as_target(features[target], settings.data.task)
    _refuse_unknown({**asked.privacy, **asked.prices}, list(X.columns))
    found = importances(model, X, y, split, asked.repeats, asked.rows, settings.seed)
    held_out = folds.of(split, len(X)) >= 0
    made = prices.columns(model, X)
    rows = []
    for name in X:
        brings, spread = float(found[name].mean()), float(found[name].std(ddof=0))
        privacy, price = prices.said(asked.privacy, name) or NOT_SAID, prices.said(asked.prices, name)
        drift = 0.0 if held_out.all() else prices.drift(X[name], held_out)
        cost = (made[name], prices.memory(X[name]), drift, privacy, 0.0 if price is None else float(price))
        rows.append((name, brings, spread, float((found[name] > 0).mean()), *cost, brings > spread))
    names = ["feature", "brings", "spread", "helps", "columns", "bytes", "drift", "privacy", "price", "worth"]
    ledger = pd.DataFrame(rows, columns=names).sort_values(["brings", "feature"], ascending=[False, True])
    ledger = ledger.reset_index(drop=True)
    return {"feature_ledger": ledger, "feature_ledger_section": _section(ledger, len(found))}


def _refuse_unknown(patterns: dict[str, Any], names: list[str]) -> None:
    for pattern in patterns:
        if not any(prices.said({pattern: True}, name) for name in names):
            raise RegrowError(f"{pattern!r} fits no feature", where="ledger", fix=nearest(pattern, names))


def _section(ledger: pd.DataFrame, count: int) -> dict[str, Any]:
    rows = [
        [
            one.feature,
            round(one.brings, 5),
            round(one.spread, 5),
            {"value": one.helps, "unit": blocks.SHARE},
            one.columns,
            round(one.bytes / 1000, 1),
            round(one.drift, 3),
            one.privacy,
            one.price,
            "yes" if one.worth else "no",
        ]
        for one in ledger.itertuples(index=False)
    ]
    idle = list(ledger.loc[~ledger["worth"], "feature"])
    said = [blocks.text(ABOUT), blocks.table(f"Features, over {count} folds", HEAD, rows)]
    if idle:
        said.append(blocks.text(f"Without a sign that they bring anything: {', '.join(idle)}."))
    return {"title": "What each feature brings and costs", "level": "analyse", "order": 60, "blocks": said}
