"""The stage `bundle`: what of the recorded predictions it scores anew is what the model was not fitted on."""

import flights
import pytest

from regrow.artifacts.model_types import trusting
from regrow_experiment.plugin import regrow_components
from regrow_serve.bundle import Bundle


@pytest.mark.parametrize(("folds", "rolling"), [(3, False), (3, True)])
def test_predictions_of_other_fits_than_the_models_are_not_compared(tmp_path, folds, rolling):
    made = flights.stages(flights.raw(tmp_path), flights.settings_of("linear"), folds, rolling)
    assert made["about"]["tried"]["compared"] == 0
    assert made["about"]["tried"]["rows"] == len(made["predictions"]) > 0


def test_of_a_hold_out_all_are(made):
    assert made["about"]["tried"]["compared"] == made["about"]["tried"]["rows"] == len(made["predictions"])


def test_models_of_groups_are_served_as_they_were_evaluated(tmp_path):
    settings = flights.settings_of("linear")
    settings["model"] = {**settings["model"], "per": {"column": "origin", "least": 20}}
    with trusting(path for one in regrow_components() for path in one.types):  # as the runner does
        made = flights.stages(flights.raw(tmp_path), settings)
    assert len(made["model"].names_) > 1
    assert made["about"]["tried"]["compared"] == made["about"]["tried"]["rows"] == len(made["predictions"])
    file = flights.written(tmp_path, made)
    bundle = Bundle.load(file)
    row = {**bundle.examples()[0]["row"], "origin": "XXX"}  # a group that nobody has seen
    assert len(bundle.predict([row])) == 1
