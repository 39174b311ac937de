"""A hold-out of 300,000 rows: right, and no harder than a small one."""

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from test_examine import run

ROWS = 300_000


def test_three_hundred_thousand_rows(examining):
    rng = np.random.default_rng(0)
    shares = 1 / (1 + np.exp(2 - rng.normal(size=ROWS)))
    weak = rng.random(ROWS) < 0.05
    true = np.where(weak, shares[rng.permutation(ROWS)], shares)
    target = (rng.random(ROWS) < true).astype(int)
    predictions = pd.DataFrame({"row": np.arange(ROWS), "fold": 0, "target": target, "prediction": (shares > 0.5) * 1,
                                "probability_0": 1 - shares, "probability_1": shares})  # fmt: skip
    table = pd.DataFrame({"outcome": target, "age": rng.normal(size=ROWS), "region": np.where(weak, "south", "north")})
    table = table.astype({"region": "str"})
    analyses = {name: {} for name in ("guess", "calibration", "slices", "harm")}
    made, found = run(
        examining, predictions, table, analyses, {"value": {"true_positive": 5.0, "false_positive": -1.0}}
    )
    assert found["guess.beaten"]["verdict"] == "passed"
    assert any("region is south" in one["title"] for one in found.values() if one["verdict"] == "failed")
    assert found["harm.value"]["verdict"] == "passed"
    gained = made["examined"]["guess"]["metrics"]["gain"]["roc_auc"]
    assert abs(gained - (roc_auc_score(target, shares) - 0.5)) < 1e-9
    low, high = found["guess.beaten"]["numbers"]["gain"]["interval"]
    assert 0.001 < high - low < 0.01
