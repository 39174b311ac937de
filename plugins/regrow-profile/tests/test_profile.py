"""The page shows what there is to see, is the same twice, and tells what has changed."""

import json

import numpy as np
import pandas as pd
import pytest
from profiled import ROWS, settings, table

from regrow import RegrowError
from regrow_profile.associations import cramers_v, strongest
from regrow_profile.columns import described, described_column, stability
from regrow_profile.profile import profile


def test_the_page_is_whole_the_same_twice_and_asks_for_nothing():
    validation = {"assumptions": [{"says": "x is small", "result": "failed", "failing": 3, "columns": ["x"]}]}
    made = profile(table(), settings(), validation)
    page = made["profile_page"]
    assert page == profile(table(), settings(), validation)["profile_page"]
    assert "Assumed: x is small (does not hold in 3 rows)." in page
    assert "<b>Bonn" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "https://" not in page
    record = {column["name"]: column for column in made["profile"]["columns"]}
    assert record["gaps"]["missing"] == int(table()["gaps"].isna().sum())
    assert record["town"]["distinct"] == 3
    assert record["nothing"] == {"name": "nothing", "type": "number", "missing": ROWS, "distinct": 0}
    assert made["change_findings"] == []


def test_counts_ends_and_extremes():
    found = described_column(pd.Series([1.0] * 10 + [2.0] * 10 + [3.0] * 10 + [1000.0, np.nan]))
    assert (found["min"], found["median"], found["max"]) == (1, 2, 1000)
    assert (found["missing"], found["distinct"], found["extreme"]) == (1, 4, 1)
    assert described(pd.DataFrame({"a": [1, 1, 2]}))["duplicates"] == 1


def test_columns_that_go_together():
    pairs = strongest(table())
    assert pairs[0][:2] == ("x", "like_x")
    codes = np.arange(100) % 4
    assert cramers_v(codes, codes) == pytest.approx(1)
    assert cramers_v(codes, np.arange(100) // 4 % 2) < 0.3


def test_what_has_changed_is_found_and_nothing_else(tmp_path):
    file = tmp_path / "before.json"
    file.write_text(json.dumps({"commit": "abc", **described(table())}))
    same = profile(table(1), settings(), profile_before=file)
    assert {one["code"] for one in same["change_findings"] if one["verdict"] == "failed"} == set()
    other = table(1).assign(x=lambda t: t["x"] + 1, town=1.0, new=2.0).drop(columns="gaps")
    found = profile(other, settings(), profile_before=file)["change_findings"]
    failed = {one["code"]: one["seen"] for one in found if one["verdict"] == "failed"}
    assert set(failed) == {"change.x", "change.town", "change.new", "change.gaps"}
    assert failed["change.town"] == "was text, is number"
    file.write_text("{}")
    with pytest.raises(RegrowError, match="no profile"):
        profile(table(), settings(), profile_before=file)


def test_the_index_is_that_of_the_book():
    before = {**described_column(pd.Series(["a"] * 50 + ["b"] * 50, dtype="str")), "rows": 100}
    now = pd.Series(["a"] * 75 + ["b"] * 25, dtype="str")
    assert stability(now, before) == pytest.approx(0.25 * np.log(1.5) + 0.25 * np.log(2), abs=1e-3)


@pytest.mark.parametrize("task", ["regression", "multiclass"])
def test_other_tasks(task):
    made = table().assign(y=lambda t: t["x"] if task == "regression" else t["town"])
    assert profile(made, settings(task))["profile_section"]["blocks"]
