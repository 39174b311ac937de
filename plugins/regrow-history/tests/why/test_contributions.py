"""Contributions are Shapley's, exact, and say what could not be told apart."""

from fractions import Fraction
from math import factorial

import numpy as np
import pytest
from shapley_by_formula import by_formula, subsets

from regrow_history.why.contributions import in_order, shapley
from regrow_history.why.told import rounded

FACTORS = ("data", "settings", "code", "environment")


@pytest.mark.parametrize("size", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", range(5))
def test_they_are_shapleys_and_sum_to_the_last_bit(size, seed):
    factors = FACTORS[:size]
    values = {
        one: float(value)
        for one, value in zip(subsets(factors), np.random.default_rng(seed).normal(size=16), strict=False)
    }
    shares = shapley(values, factors)
    assert dict(shares.parts) == by_formula(values, factors)
    assert sum(shares.parts.values()) == Fraction(values[frozenset(factors)]) - Fraction(values[frozenset()])
    assert shares.orders == factorial(size)
    one_way = in_order(values, factors)
    assert sum(one_way.parts.values()) == shares.change


def test_what_changes_only_together_is_one():
    """A setting that the old code does not know, and a new code that needs it."""
    values = dict.fromkeys(subsets(FACTORS[:3]), 0.0)
    values |= {one: values[one] + 1 for one in values if {"settings", "code"} <= one}
    values |= {one: values[one] + 2 for one in values if "data" in one}
    runnable = {one: value for one, value in values.items() if len(one & {"settings", "code"}) != 1}
    shares = shapley(runnable, FACTORS[:3])
    assert dict(shares.parts) == {("data",): 2, ("settings", "code"): 1}
    assert in_order(runnable, FACTORS[:3]) is None


def test_a_combination_that_cannot_be_run_leaves_the_orders_without_it():
    values = {frozenset(): 0.0, frozenset({"code"}): 1.0, frozenset({"code", "settings"}): 5.0}
    shares = shapley(values, ("settings", "code"))
    assert dict(shares.parts) == {("settings",): 4, ("code",): 1}
    assert shares.orders == 1


def test_shown_lines_sum_to_the_shown_change():
    for seed in range(50):
        values = [Fraction(float(one)) for one in np.random.default_rng(seed).normal(size=4)]
        shown = rounded(values)
        assert all(abs(one - two) < 1.001e-3 * max(map(abs, values)) for one, two in zip(shown, values, strict=True))
        assert round(sum(shown), 3) == pytest.approx(float(sum(values)), abs=1.001e-3)
