"""The analyses of the stage `readiness`, on models of which it is known what they should find."""

import learnt
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from regrow.plugin.manager import Plugins
from regrow_govern.readiness.tuning import neighbours


@pytest.fixture(scope="module")
def shown():
    """A linear model, well tuned, on rows that do not change with time."""
    return learnt.evidence(learnt.rows(), learnt.linear())


def one(made: dict) -> dict:
    (found,) = made["findings"]
    assert " Limit: " in found["seen"]
    assert found["docs"].startswith("docs/readiness.md#")
    return found


def test_a_model_that_draws_without_a_seed_does_not_come_out_again(shown):
    assert one(learnt.looked("refit", shown))["verdict"] == "passed"
    forest = learnt.over_numbers(RandomForestClassifier(5, random_state=None))
    assert one(learnt.looked("refit", learnt.evidence(learnt.rows(), forest)))["verdict"] == "failed"


def test_trees_that_are_far_too_flat_are_found(shown):
    assert one(learnt.looked("tuning", shown))["verdict"] == "passed"
    strong = learnt.evidence(
        learnt.rows(), learnt.over_numbers(RandomForestClassifier(20, max_depth=1, random_state=0))
    )
    found = one(learnt.looked("tuning", strong, effect=0.0))
    assert found["verdict"] == "failed"
    assert "max_depth 3 in place of 1" in found["seen"]


def test_neighbours_are_larger_and_smaller_and_whole_numbers_stay_whole():
    model = learnt.over_numbers(RandomForestClassifier(max_depth=2, min_samples_leaf=1))
    assert sorted((name.rpartition("__")[2], now, other) for name, now, other in neighbours(model, 3.0)) == [
        ("max_depth", 2, 1),
        ("max_depth", 2, 6),
        ("min_samples_leaf", 1, 3),
    ]


def test_what_getting_old_costs_is_seen_where_the_world_turns(shown):
    (still,) = learnt.looked("staleness", shown)["findings"]
    assert still["verdict"] == "passed"
    assert still["numbers"]["days"]["value"] == pytest.approx(400, abs=1)  # four of six stretches of 600 days
    table = learnt.rows(3000)
    late = np.arange(len(table)) >= 1500
    draw = np.random.default_rng(5).random(len(table))
    turned = draw < 1 / (1 + np.exp(1.5 * table["amount"] - table["age"]))
    table["bought"] = np.where(late, turned, table["bought"]).astype("int64")
    (found,) = learnt.looked("staleness", learnt.evidence(table, learnt.linear()))["findings"]
    assert found["verdict"] == "failed"
    assert found["numbers"]["gain"]["interval"][1] < 0
    assert found["numbers"]["days"]["value"] == pytest.approx(
        250, abs=1
    )  # one of six of 1500 days: the age to train at


def test_without_a_column_that_says_when_nothing_is_said_of_age():
    made = learnt.evidence(learnt.rows().drop(columns="day").assign(day=1.0), learnt.linear())
    (found,) = learnt.looked("staleness", made)["findings"]
    assert (found["verdict"], "`by`" in found["seen"]) == ("not enough data", True)


def test_a_group_that_is_served_worse_is_named(shown):
    assert {found["verdict"] for found in learnt.looked("inclusion", shown)["findings"]} == {"passed"}
    table = learnt.rows(4000)
    north = (table["shop"] == "north").to_numpy()
    coin = np.random.default_rng(6).integers(0, 2, len(table))
    table["bought"] = np.where(north, coin, table["bought"])
    (found,) = learnt.looked("inclusion", learnt.evidence(table, learnt.linear()), at_most=0.1)["findings"]
    assert (found["code"], found["verdict"]) == ("ready.inclusion.shop", "failed")
    assert "north least" in found["seen"]


def test_each_example_is_made_and_tried_for_every_task():
    from regrow.plugin.project import Project
    from regrow_testing import components as kit

    plugins = _plugins(Project)
    mine = next(one for one in plugins.loaded if one.name == "govern")
    assert [str(problem) for problem in kit.problems(mine, plugins)] == []


def _plugins(project: type) -> Plugins:
    from pathlib import Path

    from regrow.plugin.manager import load_plugins

    names = ("data", "evaluation", "experiment", "features", "govern", "serve")
    return load_plugins(project(Path(__file__).parent, plugins=names))
