"""The stage is a pure function: it is tested without a project, without DVC and without a file."""

import pandas as pd

from {{ cookiecutter.__package }}.settings import Limit, Settings
from {{ cookiecutter.__package }}.stage import run


def test_columns_above_the_limit_are_named():
    table = pd.DataFrame({"full": [1, 2], "half": [None, "b"]})
    made = run(table, Settings({{ cookiecutter.__name }}=Limit(most=0.2)))
    assert made == {"{{ cookiecutter.__name }}": {"shares": {"full": 0.0, "half": 0.5}, "above": ["half"]}}
