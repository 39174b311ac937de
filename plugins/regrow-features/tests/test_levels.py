"""Categories counted, merged and hashed, and statistics of groups: the right values, for new levels too."""

import numpy as np
import pandas as pd
import pytest

from regrow import Context, RegrowError
from regrow.artifacts import model as models
from regrow.artifacts.model_types import trusting
from regrow_features import groups, levels
from regrow_features.catalogue import LEARNT
from regrow_features.learning_settings import Aggregate, CountLevels, HashLevels, RareLevels

TRAIN = pd.DataFrame(
    {
        "city": pd.Series(["a", "a", "b", None, "a"], dtype="str"),
        "n": [1, 2, 3, 4, 5],
        "late": [10.0, 20.0, 5.0, np.nan, 30.0],
    }
)
NEW = pd.DataFrame({"city": pd.Series(["a", "b", "z", None], dtype="str"), "n": [1] * 4, "late": [1.0] * 4})


def fitted(make, settings):
    return make(settings, Context(task="binary", random_state=1)).fit(TRAIN, np.array([0, 1, 0, 1, 0]))


def test_a_category_becomes_how_often_it_was_met():
    assert fitted(levels.count, CountLevels()).transform(NEW)["city"].tolist() == [3, 1, 0, 1]
    assert fitted(levels.count, CountLevels(share=True)).transform(NEW)["city"].tolist() == [0.6, 0.2, 0, 0.2]
    assert fitted(levels.count, CountLevels(columns=["n"])).transform(NEW)["n"].tolist() == [1] * 4


@pytest.mark.parametrize("least", [2, 0.3])
def test_rare_and_new_categories_are_one(least):
    made = fitted(levels.rare_levels, RareLevels(min_frequency=least)).transform(NEW)["city"]
    assert made.fillna("gone").tolist() == ["a", "other", "other", "gone"]


def test_hashes_are_the_same_everywhere():
    made = fitted(levels.hash_levels, HashLevels(buckets=4)).transform(NEW)
    assert list(made) == ["hash_0", "hash_1", "hash_2", "hash_3", "n", "late"]
    hashed = made.iloc[:, :4]
    assert hashed.abs().sum(axis=1).tolist() == [1, 1, 1, 0]
    assert hashed.to_numpy().tolist() == HASHED  # of every machine and version


HASHED = [[0.0, 0.0, 0.0, -1.0], [0.0, 1.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]


def test_statistics_are_of_the_training_rows_of_a_group():
    settings = Aggregate(by=["city"], columns=["late"], statistics=["mean", "max"], difference=True)
    made = fitted(groups.aggregate, settings).transform(NEW)
    assert list(made) == ["city", "n", "late", "late_mean_by_city", "late_max_by_city", "late_above_city"]
    usual = TRAIN["late"].mean()  # of a level that training rows do not have, or of which none has a value
    np.testing.assert_allclose(made["late_mean_by_city"], [20, 5, usual, usual])
    np.testing.assert_allclose(made["late_max_by_city"], [30, 5, 30, 30])
    np.testing.assert_allclose(made["late_above_city"], [-19, -4, 1 - usual, 1 - usual])
    with pytest.raises(RegrowError, match="no column 'town'"):
        fitted(groups.aggregate, Aggregate(by=["town"], columns=["late"]))


@pytest.mark.parametrize(
    ("use", "make", "settings"),
    [
        ("count", levels.count, CountLevels()),
        ("rare_levels", levels.rare_levels, RareLevels(min_frequency=2)),
        ("hash_levels", levels.hash_levels, HashLevels()),
        ("aggregate", groups.aggregate, Aggregate(by=["city"], columns=["late"])),
    ],
)
def test_they_are_stored_without_pickle_and_rows_come_out_the_same_alone(use, make, settings, tmp_path):
    made = fitted(make, settings)
    with trusting([f"regrow_features.{one}" for one in LEARNT[use][-1]]):
        models.write(made, tmp_path / "model.skops")
        read = models.read(tmp_path / "model.skops")
    together = made.transform(NEW)
    alone = pd.concat([read.transform(NEW.iloc[[place]]) for place in range(len(NEW))])
    pd.testing.assert_frame_equal(alone, together, check_exact=True)
