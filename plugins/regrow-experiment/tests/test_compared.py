"""The model beside baselines and, where each group has one, beside the one of all rows."""

import json

import numpy as np
import pandas as pd
import pytest

from regrow_experiment.compared import bootstrap
from regrow_experiment.stage import train


def found(settings, table, split):
    made = train(table, split, table, settings)
    return {one["code"]: one for one in made["search_findings"]}, made["model_section"]["blocks"]


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_a_model_beats_what_looks_at_nothing(settings_of, features, holdout, target, task):
    findings, blocks = found(settings_of("linear", task=task), target(features, task), holdout)
    assert findings["model.beats.dummy"]["verdict"] == "passed"
    assert {"model.beats.dummy", "model.beats.last_value", "model.beats.single_feature"} <= {*findings}
    table = next(one for one in blocks if one.get("title") == "Baselines")
    assert [row[0] for row in table["rows"]] == ["dummy", "last value", "single feature"]


def test_a_dummy_beats_no_dummy(settings_of, features, holdout):
    findings, _ = found(settings_of("dummy"), features, holdout)
    assert findings["model.beats.dummy"]["verdict"] == "failed"
    assert findings["model.beats.dummy"]["numbers"]["gain"]["value"] == 0


def test_groups_are_told_with_their_gain(settings_of):
    draw = np.random.default_rng(0)
    group = np.repeat(["left", "right", "few"], [600, 600, 30])
    number = draw.normal(size=len(group))
    y = (number * np.where(group == "left", -1, 1) + draw.normal(size=len(group)) / 3 > 0).astype("int64")
    table = pd.DataFrame({"number": number, "group": pd.Series(group, dtype="str"), "y": y})
    split = pd.DataFrame({"row": np.arange(len(y)), "fold": np.where(np.arange(len(y)) % 4 == 0, 0, -1)})
    settings = settings_of({"use": "linear", "per": "group"}, steps={"text": {"use": "one_hot"}})
    findings, blocks = found(settings, table, split)
    rows = {row[0]: row for row in next(one for one in blocks if one.get("title") == "Models of groups")["rows"]}
    assert rows["left"][1] == 450
    assert rows["left"][5] == "yes"
    assert rows["left"][4]["interval"][0] > 0
    assert rows["few"][5] == "too few rows"
    assert findings["model.per"]["verdict"] == "passed"
    assert "2 of 2" in findings["model.per"]["seen"]
    json.dumps(findings)


def test_the_bootstrap_is_paired_by_row():
    draws = np.random.default_rng(1)
    hard = draws.exponential(size=500)
    gain = bootstrap(hard - 0.01, hard, 1)
    assert gain.beyond
    assert gain.mean == pytest.approx(0.01)
    assert not bootstrap(hard + draws.normal(size=500), hard, 1).beyond
    assert not bootstrap(hard[:3] - 1, hard[:3], 1).beyond  # of three rows nothing is known
