"""The canary stays silent over an honest project, and names the step that leaks."""

import numpy as np
import pandas as pd
import pytest
from leaky_step import Remembers

from regrow import Component
from regrow_experiment.canary import culprits, measure, sing
from regrow_experiment.stage import train

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
    leaky = {"memory": {"use": "remembers"}, **HONEST}
    found = sung(leaky)
    assert found.leaks
    assert found.mean > 0.9
    without = {f"features.steps.{name}": {key: use for key, use in leaky.items() if key != name} for name in leaky}
    assert culprits(without, sung) == ["features.steps.memory"]


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
