"""Evidence for turned labels: what raises it, what does not, and how soon any test at all could tell."""

import numpy as np
import pytest
import turned_bound

from regrow_monitor import turned_labels
from regrow_monitor.signals import Builder

A_DAY, DAYS = 50, 60


def drawn(rng: np.random.Generator, rows: int, turned: float, classes: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Whether it happened, and its probability, which is right but for the labels that were turned."""
    p = rng.beta(1, 3, rows) if classes == 2 else rng.beta(3, 1, rows)  # of several the most probable one
    happened = rng.random(rows) < p
    hit = rng.random(rows) < turned
    back = ~happened & (rng.random(rows) < 1 / (classes - 1))
    return np.where(hit, np.where(happened, False, back), happened).astype(float), p


def found(turned: float, begin: int = 20, seed: int = 0, classes: int = 2) -> turned_labels.Evidence:
    """Of DAYS days, with labels turned from the day `begin` on."""
    rng = np.random.default_rng(seed)
    known = drawn(rng, 1500, 0.0, classes)
    parts = [drawn(rng, A_DAY, turned if day >= begin else 0.0, classes) for day in range(DAYS)]
    later = tuple(np.concatenate(one) for one in zip(*parts, strict=True))
    build = Builder(1500, DAYS * A_DAY)
    build.sequence("labels", "turned", *(turned_labels.of_labels(*one, classes) for one in (known, later)))
    reference, rows = build.made()
    days = rows.reshape(DAYS, A_DAY, -1).sum(axis=1)
    return turned_labels.evidence(turned_labels.check_of(reference), days, reference.sums)


@pytest.mark.parametrize("classes", [2, 5])
def test_turned_labels_add_up_and_their_share_and_begin_are_told(classes):
    told = found(0.2, classes=classes)
    assert told.nats[:20].max() < 4
    assert told.nats[40] > 15
    assert abs(told.share[40] - 0.2) < 0.08
    assert abs(40 - told.days[40] + 1 - 20) <= 3


def test_labels_as_probable_as_was_said_are_no_evidence():
    assert np.median([found(0.0, seed=seed).nats.max() for seed in range(20)]) < 4


def test_labels_of_a_month_that_come_on_one_day_are_one_stretch():
    rng = np.random.default_rng(1)
    known, bulk = drawn(rng, 1500, 0.0), drawn(rng, 1500, 0.3)
    build = Builder(1500, 1500)
    build.sequence("labels", "turned", *(turned_labels.of_labels(*one, 2) for one in (known, bulk)))
    reference, rows = build.made()
    days = np.zeros((9, rows.shape[1]))
    days[4] = rows.sum(axis=0)
    told = turned_labels.evidence(turned_labels.check_of(reference), days, reference.sums)
    assert told.nats[:4].max() == 0
    assert told.nats[4] > 20
    assert told.labels[4] == 1500


def test_few_labels_say_nothing():
    build = Builder(1500, 7)
    rng = np.random.default_rng(2)
    known = drawn(rng, 1500, 0.0)
    build.sequence("labels", "turned", turned_labels.of_labels(*known, 2),
                   turned_labels.of_labels(np.ones(7), np.full(7, 0.01), 2))  # fmt: skip
    reference, rows = build.made()
    check = turned_labels.check_of(reference)
    assert turned_labels.evidence(check, rows.sum(axis=0)[None], reference.sums).nats.max() == 0


def test_a_label_that_is_not_there_does_not_count():
    told = turned_labels.of_labels(np.array([1.0, np.nan]), np.array([0.2, 0.2]), 2)
    assert np.isfinite(told[0]).all()
    assert np.isnan(told[1]).all()


def test_no_test_at_all_finds_5_percent_within_10_days_in_half_of_the_cases_where_the_model_is_seldom_sure():
    """The bound that docs/monitor.md states, with probabilities that are known exactly."""
    unsure, sure = (turned_bound.power(np.random.default_rng(0).beta(*shape, 4000)) for shape in ((3, 9), (0.5, 1.5)))
    assert unsure < 0.5 < sure
