"""The noise floor against what repeated draws show."""

import numpy as np
import pytest
from scipy import stats

from regrow_experiment import noise


def test_the_floor_is_the_corrected_standard_error():
    repeats = [[0.70, 0.72, 0.74], [0.71, 0.73, 0.69]]
    flat = np.array(repeats).ravel()
    expected = stats.t.ppf(0.975, 5) * np.sqrt((1 / 3 + 0.5) * flat.var(ddof=1))
    assert noise.floor(repeats, 0.5) == pytest.approx(expected)
    assert noise.floor(repeats[:1], 0.5) is None


def test_without_the_correction_it_is_the_paired_t_test():
    draws = np.random.default_rng(0)
    old, new = draws.normal(size=10), draws.normal(0.5, size=10)
    found = noise.gain(new, old, 0.0, True, None)
    interval = stats.ttest_rel(new, old).confidence_interval()
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert noise.gain(new, old, 0.0, False, None).mean == -found.mean


def test_a_gain_below_the_floor_is_noise_however_sure():
    old, new = [0.7, 0.71, 0.72], [0.701, 0.711, 0.721]
    assert noise.gain(new, old, 0.5, True, None).beyond
    assert not noise.gain(new, old, 0.5, True, 0.01).beyond


def test_no_gain_is_seldom_taken_for_one():
    draws = np.random.default_rng(1)
    told = [noise.gain(draws.normal(size=5), draws.normal(size=5), 0.25, True, None).beyond for _ in range(2000)]
    assert np.mean(told) < 0.025
