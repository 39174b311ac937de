"""Weak parts of the rows are found and named, and none where there is none."""

import pytest
from loans import lent

from regrow_evaluation.predicted import read
from regrow_evaluation.slicing import judge, signals, slices

SEEDS = range(20)


def looked_at(table, predictions):
    """The slices that differ beyond chance, by name."""
    p = read(predictions, "binary", 1)
    found = slices(table.drop(columns="default"), bins=4, least=30, most=200, pairs=True)
    return [one.slice.name for one in judge(found, signals(p, 0.1), seed=1) if one.chance <= 0.05 and one.counts]


@pytest.mark.parametrize(
    ("effects", "name"), [({"bias": 1.0}, "sex is "), ({"weak": 1.0}, "region is south")], ids=["bias", "weak"]
)
def test_an_injected_effect_is_named_in_19_of_20_seeds(effects, name):
    """Which of two sexes is named first is a matter of the draw: one is judged too high where the other is too low."""
    named = [any(name in one for one in looked_at(*lent(seed, **effects))[:1]) for seed in SEEDS]
    assert sum(named) >= 19


def test_without_an_effect_nothing_is_named_in_19_of_20_seeds():
    assert sum(looked_at(*lent(seed)) == [] for seed in SEEDS) >= 19
