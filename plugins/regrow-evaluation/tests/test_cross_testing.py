"""What is learnt from some groups or periods, tried on another: a group that is its own is named, others are not."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from test_examine import run

from regrow import RegrowError

ROWS, HELD_OUT = 2400, 600
CODE = "cross_testing.unseen"


def shops(seed, odd=0.0, hard=0.0):
    """Rows of four shops. odd: how far, of half a turn, the rule in the south is another, which a model that learnt
    from it knows by the column `south`; hard: how far rows in the west can't be told by whatever is learnt."""
    rng = np.random.default_rng(seed)
    made = pd.DataFrame(rng.normal(size=(ROWS, 2)), columns=["x", "y"])
    made["shop"] = pd.Series(rng.choice(["east", "north", "south", "west"], ROWS), dtype="str")
    made["day"] = pd.date_range("2024-01-01", periods=ROWS, freq="3h")
    south = made["shop"] == "south"
    made["inside"] = np.where(south, made["x"], 0.0)
    odds = 2 * made["x"] * np.where(south, 1 - 2 * odd, 1) * np.where(made["shop"] == "west", 1 - hard, 1)
    return made.assign(outcome=(rng.random(ROWS) < 1 / (1 + np.exp(-odds))).astype(int))


def examined(examining, whole, columns=("x", "y", "inside"), **settings):
    """The analysis of a logistic regression with a random hold-out."""
    out = np.sort(np.random.default_rng(1).permutation(len(whole))[:HELD_OUT])
    features, fold = whole[[*columns, "outcome"]], np.where(np.isin(np.arange(len(whole)), out), 0, -1)
    X, y = features.drop(columns="outcome"), features["outcome"]
    model = LogisticRegression().fit(X[fold < 0], y[fold < 0])
    shares = model.predict_proba(X.iloc[out])
    predictions = pd.DataFrame({"row": out, "fold": 0, "target": y.iloc[out].to_numpy(),
                                "prediction": shares.argmax(axis=1), "probability_0": shares[:, 0],
                                "probability_1": shares[:, 1]})  # fmt: skip
    split = pd.DataFrame({"row": np.arange(len(whole)), "fold": fold})
    made, found = run(examining, predictions, whole, {"cross_testing": settings}, features=features, split=split,
                      model=model)  # fmt: skip
    return made["examined"]["cross_testing"], found


def test_a_group_whose_rule_is_another_is_named_and_one_that_is_hard_for_all_is_not(examining):
    for seed in range(3):
        made, found = examined(examining, shops(seed, odd=0.9), by="shop")
        assert [code for code, one in found.items() if one["verdict"] == "failed"] == [f"{CODE}.south"]
        south = found[f"{CODE}.south"]
        gain = south["numbers"]["gain"]
        assert gain["interval"][0] < gain["value"] < gain["interval"][1] < 0
        assert south["numbers"]["roc_auc"]["value"] < 0.5
        assert south["n"] == (shops(seed)["shop"] == "south").sum()
        assert made["metrics"]["tested"] == 4
        assert made["metrics"]["lost"] == pytest.approx(-gain["value"])
        table = made["section"]["blocks"][1]
        assert [row[0] for row in table["rows"]] == ["east", "north", "south", "west"]
    calm = [examined(examining, shops(seed, hard=0.9), by="shop")[1][CODE]["verdict"] for seed in range(5)]
    assert calm == ["passed"] * 5


def test_later_periods_are_predicted_from_earlier_ones_alone(examining):
    whole = shops(1)
    late = whole["day"] >= "2024-08-01"
    rng = np.random.default_rng(2)
    whole["inside"] = np.where(late, whole["x"], 0.0)
    odds = 2 * whole["x"] * np.where(late, -1, 1)  # the rule turns round in August
    whole["outcome"] = (rng.random(ROWS) < 1 / (1 + np.exp(-odds))).astype(int)
    made, found = examined(examining, whole, by="day", every="month")
    table = made["section"]["blocks"][1]
    assert [row[0] for row in table["rows"]] == [f"2024-{month:02}" for month in range(2, 11)]
    failed = {code for code, one in found.items() if one["verdict"] == "failed"}
    assert f"{CODE}.2024-08" in failed
    assert not any(f"{CODE}.2024-0{month}" in failed for month in range(2, 8))
    assert "earlier ones alone" in found[f"{CODE}.2024-08"]["seen"]
    made, _ = examined(examining, whole, by="day")
    spans = [row[0] for row in made["section"]["blocks"][1]["rows"]]
    assert len(spans) == 3
    assert all(" to " in one for one in spans)
    everything, _ = examined(examining, whole, by="day", every="month", learn="others")
    assert len(everything["section"]["blocks"][1]["rows"]) == 10


def test_small_groups_are_left_out_and_where_all_are_nothing_is_said(examining):
    whole = shops(1)
    whole.loc[:20, "shop"] = "kiosk"
    whole.loc[30:60, "shop"] = np.nan
    made, _ = examined(examining, whole, by="shop")
    assert "kiosk" not in [row[0] for row in made["section"]["blocks"][1]["rows"]]
    _, found = examined(examining, whole.assign(shop=[f"s{n}" for n in range(ROWS)]), by="shop")
    assert found[CODE]["verdict"] == "not enough data"
    one_class = whole.assign(outcome=np.where(whole["shop"] == "east", 0, whole["outcome"]))
    made, _ = examined(examining, one_class, by="shop")
    assert "east" not in [row[0] for row in made["section"]["blocks"][1]["rows"]]


def test_a_column_that_is_not_there_or_no_date_is_refused(examining):
    with pytest.raises(RegrowError, match="no column 'sho'.*|shop"):
        examined(examining, shops(1), by="sho")
    with pytest.raises(RegrowError, match="'shop' is no date"):
        examined(examining, shops(1), by="shop", every="month")


def test_of_numbers_it_is_the_error(examining):
    whole = shops(1)
    rng = np.random.default_rng(3)
    slope = np.where(whole["shop"] == "south", -3, 3)
    whole["outcome"] = slope * whole["x"] + rng.normal(size=ROWS)
    X, out = whole[["x", "inside"]], np.arange(0, ROWS, 4)
    fold = np.where(np.isin(np.arange(ROWS), out), 0, -1)
    model = Ridge().fit(X[fold < 0], whole["outcome"][fold < 0])
    predictions = pd.DataFrame({"row": out, "fold": 0, "target": whole["outcome"].iloc[out].to_numpy(),
                                "prediction": model.predict(X.iloc[out])})  # fmt: skip
    split = pd.DataFrame({"row": np.arange(ROWS), "fold": fold})
    _, found = run(examining, predictions, whole, {"cross_testing": {"by": "shop"}}, task="regression",
                   features=X.assign(outcome=whole["outcome"]), split=split, model=model)  # fmt: skip
    assert [code for code, one in found.items() if one["verdict"] == "failed"] == [f"{CODE}.south"]
