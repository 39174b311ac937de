"""The stage is a pure function: it is tested without a project, without DVC and without a file."""

import pandas as pd
from regrow_drift.settings import Drift, Settings
from regrow_drift.stage import drift

from regrow import Component, Use
from regrow_testing.contract import check_plugin

KS = Use(Component("ks", "distance", "regrow_drift.distances:ks"))
TABLE = pd.DataFrame({"moved": [0.0, 0.0, 9.0, 9.0], "stayed": [1.0, 2.0, 1.0, 2.0], "name": list("abcd")})
SPLIT = pd.DataFrame({"row": range(4), "fold": [-1, -1, 0, 0]})


def test_the_plugin_keeps_its_contract():
    inputs = {"table": TABLE, "split": SPLIT}
    distances = [{"use": "ks"}, {"use": "shift", "of": "median"}]
    check_plugin("regrow_drift.plugin", {"drift": [(inputs, {"drift": {"distance": one}}) for one in distances]})


def test_a_column_that_moved_is_furthest():
    made = drift(TABLE, SPLIT, Settings(drift=Drift(distance=KS)))
    assert made["drift_metrics"] == {"moved": 1.0, "stayed": 0.0}
    assert made["drift_plot"].index("moved") < made["drift_plot"].index("stayed")
