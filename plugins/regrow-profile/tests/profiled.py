"""A table with a column of each kind, and the settings of a profile of it."""

import numpy as np
import pandas as pd

from regrow_profile.settings import ProfileSettings

ROWS = 400


def table(seed=0):
    draw = np.random.default_rng(seed)
    x = draw.normal(size=ROWS)
    return pd.DataFrame(
        {
            "x": x,
            "like_x": x + draw.normal(size=ROWS) / 5,
            "gaps": np.where(draw.random(ROWS) < 0.25, np.nan, draw.integers(0, 5, ROWS)),
            "town": pd.Series(draw.choice(["Köln", "<b>Bonn</b>", "Ulm"], ROWS), dtype="str"),
            "when": pd.date_range("2020-01-01", periods=ROWS),
            "one": 1.0,
            "nothing": np.nan,
            "y": pd.Series(np.where(x > 0, "yes", "no"), dtype="str"),
        }
    )


def settings(task="binary", **more):
    values = {"profile": {"columns": 40, "changed": 0.2, **more}, "data": {"task": task, "target": {"column": "y"}}}
    return ProfileSettings.model_validate(values)
