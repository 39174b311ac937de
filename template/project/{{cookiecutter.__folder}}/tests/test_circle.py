"""The component `circle`, tried as a stage would use it: no pipeline, no files."""

import pandas as pd
import pytest
from regrow import Context, RegrowError

from {{ cookiecutter.package_name }}.circle import circle
from {{ cookiecutter.package_name }}.settings import Circle


def test_midnight_is_near_to_the_hour_before():
    table = circle(Circle(column="hour", period=24), Context())(pd.DataFrame({"hour": [0, 6, 23, 24]}), {})
    assert table["hour_cos"].tolist() == pytest.approx([1, 0, 0.966, 1], abs=1e-3)
    assert table["hour_sin"].tolist() == pytest.approx([0, 1, -0.259, 0], abs=1e-3)


def test_a_missing_hour_stays_missing():
    table = circle(Circle(column="hour", period=24), Context())(pd.DataFrame({"hour": [1.0, None]}), {})
    assert table["hour_sin"].isna().tolist() == [False, True]


def test_a_column_that_is_not_there_is_named():
    with pytest.raises(RegrowError, match="'minute'"):
        circle(Circle(column="minute", period=60), Context())(pd.DataFrame({"hour": [1]}), {})
