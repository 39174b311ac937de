"""The stage is a pure function: it is tested without a project, without DVC and without a file."""

import pandas as pd
from regrow_drift.settings import Drift, Settings
from regrow_drift.stage import drift

from regrow import Component, Use

KS = Use(Component("ks", "distance", "regrow_drift.distances:ks"))


def test_a_column_that_moved_is_furthest():
    table = pd.DataFrame({"moved": [0.0, 0.0, 9.0, 9.0], "stayed": [1.0, 2.0, 1.0, 2.0], "name": list("abcd")})
    split = pd.DataFrame({"row": range(4), "fold": [-1, -1, 0, 0]})
    made = drift(table, split, Settings(drift=Drift(distance=KS)))
    assert made["drift_metrics"] == {"moved": 1.0, "stayed": 0.0}
    assert made["drift_plot"].index("moved") < made["drift_plot"].index("stayed")


def test_the_same_input_gives_the_same_output():
    table = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [3.0, 2.0, 1.0]})
    split = pd.DataFrame({"row": range(3), "fold": [-1, -1, 0]})
    settings = Settings(drift=Drift(distance=KS))
    assert drift(table, split, settings) == drift(table, split, settings)
