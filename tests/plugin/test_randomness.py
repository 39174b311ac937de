"""One seed, many streams; these numbers may never change: every recorded experiment stands on them."""

import numpy as np

from regrow import random_state


def test_the_numbers_are_these():
    assert [random_state(1, "split"), random_state(1, "train/model"), random_state(2, "split")] == [
        2928747489,
        1904710858,
        953821235,
    ]


def test_they_serve_as_random_state():
    seen = {random_state(seed, name) for seed in range(50) for name in ("a", "b", "a/b")}
    assert len(seen) == 150
    assert all(np.random.RandomState(one) and 0 <= one < 2**32 for one in seen)
