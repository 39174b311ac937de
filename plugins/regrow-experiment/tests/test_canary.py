"""The canary stays silent over an honest project, and names the step that leaks."""

import numpy as np
import pandas as pd
import pytest
from leaky_step import Remembers
from sklearn.tree import DecisionTreeClassifier

from regrow import Component, Context
from regrow.plugin.components import Use, parse
from regrow.plugin.context import column_types
from regrow_data.plugin import regrow_components as data_components
from regrow_experiment.canary import culprits, measure, sing
from regrow_experiment.plugin import regrow_components
from regrow_experiment.stage import train
from regrow_features.plugin import regrow_components as feature_components
from regrow_testing.kit_table import TARGET, table

LEAKY = Component("remembers", "transformer", "leaky_step:remembers")
HONEST = {"texts": {"use": "ordinal"}}
MODEL = {"use": "boosting", "max_iter": 15, "min_samples_leaf": 5}


@pytest.fixture
def sung(settings_of, features):
    def sung(steps, model=MODEL, task="binary", table=features):
        Remembers.seen.clear()

        def predictions(table, split, steps):
            return train(table, split, table, settings_of(model, task=task, steps=steps, more=[LEAKY]))["predictions"]

        return sing(table[[*(name for name in table if name != "y"), "y"]], "y", 1, predictions, steps)

    return sung


def test_it_is_silent_over_honest_steps_and_names_the_one_that_leaks(sung):
    assert not sung(HONEST).leaks
    leaky = {"recall": {"use": "remembers"}, **HONEST}
    found = sung(leaky)
    assert found.leaks
    assert found.mean > 0.9
    without = {f"features.steps.{name}": {key: use for key, use in leaky.items() if key != name} for name in leaky}
    assert culprits(without, sung) == ["features.steps.recall"]


ALL = [*regrow_components(), *feature_components(), *data_components()]
STEPS = {one.name: one for one in ALL if one.kind == "transformer"}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [*STEPS, "remembers"])
def test_no_step_of_ours_leaks(name):
    component = LEAKY if name == "remembers" else STEPS[name]
    use = Use(component, parse(component, component.example))
    kit = pd.concat([table("binary")] * 4, ignore_index=True).drop(columns="day")
    draw = np.random.default_rng(0)
    kit["number"] = draw.normal(size=len(kit))
    kit["amount"] = kit["amount"].fillna(1.0) + draw.normal(size=len(kit)) / 100

    def predictions(rows, split, settings):
        X, y = rows.drop(columns=TARGET), rows[TARGET].to_numpy()
        context = Context(task="binary", target=TARGET, columns=column_types(X), random_state=1)

        def fitted(inside):
            step = use.make(context).fit(X[inside], y[inside])
            return step, DecisionTreeClassifier(max_depth=4, random_state=0).fit(numbers(step, X[inside]), y[inside])

        fitted(np.ones(len(X), dtype=bool))
        parts = []
        for one in np.unique(split["fold"]):
            here = (split["fold"] == one).to_numpy()
            step, tree = fitted(~here)
            said = tree.predict_proba(numbers(step, X[here]))[:, 0]
            parts.append(pd.DataFrame({"fold": one, "target": y[here], "prediction": 0, "probability_0": said}))
        return pd.concat(parts)

    Remembers.seen.clear()
    assert sing(kit, TARGET, 1, predictions, {}).leaks == (name == "remembers")


def numbers(step, rows):
    made = step.transform(rows)
    return made.assign(**{name: made[name].astype("category").cat.codes for name in made.select_dtypes("str")})


def test_scores_of_a_guess():
    draw = np.random.default_rng(0)
    fold, target = np.arange(3000) % 3, draw.integers(0, 2, 3000)
    guess = pd.DataFrame(
        {"fold": fold, "target": target, "prediction": target[::-1], "probability_0": draw.random(3000)}
    )
    score, chance, deviation = measure(guess)
    assert chance == 0.5
    assert abs(score - chance) < 4 * deviation
    number = pd.DataFrame({"fold": fold, "target": target + 0.5, "prediction": target + draw.normal(size=3000)})
    score, chance, deviation = measure(number)
    assert chance == 0
    assert score > 4 * deviation
