"""Gaps between groups are found where they are, with fairlearn's rates."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("fairlearn")

from regrow import Context
from regrow_evaluation.evidence import Evidence
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.resampling import Bootstrap
from regrow_evaluation.settings import Objective
from regrow_fairness.groups import fairness
from regrow_fairness.settings import FairnessSettings


def lent(seed, gap, rows=1500):
    rng = np.random.default_rng(seed)
    sex = rng.choice(["a", "b"], rows)
    table = pd.DataFrame({"sex": sex, "region": rng.choice(["n", "s"], rows)})
    target = (rng.random(rows) < 0.3).astype(int)
    said = (rng.random(rows) < 0.2 + 0.3 * target + gap * (sex == "b")).astype(int)
    at = np.arange(rows)
    p = Predicted("binary", target, said, None, ("0", "1"), 1, at * 0, at)
    return Evidence(p, table, table, {}, {}, Bootstrap(200, 0.95, 1), Objective())


def failed(seed, gap, **settings):
    found = fairness(FairnessSettings(columns=["sex"], **settings), Context(task="binary"))(lent(seed, gap))["findings"]
    return {one["code"] for one in found if one["verdict"] == "failed"}


def test_a_gap_is_named_and_none_where_there_is_none():
    assert sum("fairness.gap.sex.selection_rate" in failed(seed, 0.2) for seed in range(20)) >= 19
    assert sum(not failed(seed, 0.0) for seed in range(20)) >= 19


def test_intersections_and_rates_are_told():
    made = fairness(FairnessSettings(columns=["sex", "region"]), Context(task="binary"))(lent(1, 0.2))
    tables = {block["title"]: block for block in made["section"]["blocks"]}
    assert set(tables) == {"By sex", "By region", "By sex and region"}
    assert [row[0] for row in tables["By sex and region"]["rows"]] == ["a, n", "a, s", "b, n", "b, s"]
    evidence = lent(1, 0.2)
    picked = evidence.predicted.prediction[evidence.table["sex"] == "b"].mean()
    assert tables["By sex"]["rows"][1][2]["value"] == pytest.approx(picked)


def test_few_rows_are_not_enough():
    made = fairness(FairnessSettings(columns=["sex"], least_rows=1000), Context(task="binary"))(lent(1, 0.3))
    assert [one["verdict"] for one in made["findings"]] == ["not enough data"]
