"""The plugin keeps the contract of regrow's plugins, within the stage `train`."""

import numpy as np
import pandas as pd
import pytest

from regrow_testing.contract import check_plugin

pytest.importorskip("lightgbm", reason="lightgbm is in no lock; to run this: uv pip install lightgbm")
MODEL = {"use": "lightgbm", "n_estimators": 10, "min_child_samples": 5, "early_stopping_rounds": 3}


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_plugin_keeps_its_contract(X, target, task):
    features = X.assign(y=pd.Series(target(task)))
    split = pd.DataFrame({"row": np.arange(len(X)), "fold": np.where(np.arange(len(X)) % 4 == 0, 0, -1)})
    data = {"task": task, "target": {"column": "y"}}
    settings = {"features": {"steps": {}}, "model": MODEL, "search": {"use": "none"}, "data": data, "seed": 1}
    inputs = {"features": features, "split": split, "table": features}
    others = ["regrow_experiment.plugin", "regrow_features.plugin"]
    check_plugin("regrow_boosting.plugin", {"train": (inputs, settings)}, others)
