"""What alarms promise, on flights and loans, 20 seeds each: few without a cause, a shift found, its column named."""

import numpy as np
import pytest
import years

from regrow_monitor.signals import LEAST

SEEDS = 20
COLUMNS = {"flights": "distance", "loans": "income"}


@pytest.fixture(scope="module", params=["flights", "loans"])
def drawn(request):
    of = years.world(request.param)
    return request.param, [years.year(of, seed) for seed in range(SEEDS)]


def test_a_year_without_a_change_has_at_most_one_alarm_in_19_of_20(drawn):
    counts = [one.alarms() for _, each in [drawn] for one in each]
    assert sum(count <= 1 for count in counts) >= 19, counts


def test_a_shift_of_0_3_sd_at_50_rows_a_day_is_found_in_a_week_and_its_column_named_first(drawn):
    name, each = drawn
    found = [one.shifted(COLUMNS[name], 0.3, 100) for one in each]
    assert np.median([days for days, _ in found]) <= 7, found
    assert sum(culprit == COLUMNS[name] for _, culprit in found) >= 18, found


def test_5_percent_turned_labels_at_50_a_day_are_found_within_10_days_of_the_labels(drawn):
    _, each = drawn
    found = [one.turned(0.05, 100, np.random.default_rng(seed)) for seed, one in enumerate(each)]
    assert np.median(found) <= 10, found


def test_a_window_of_few_rows_says_nothing(drawn):
    _, each = drawn
    few = each[0].rows[each[0].rows["day"] == "2026-01-01"].head(LEAST - 1)
    assert not each[0].worst(few)[1].any()
