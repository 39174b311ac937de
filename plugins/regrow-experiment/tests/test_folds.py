"""Which rows a split holds out, and which the model that is kept learns from."""

import numpy as np
import pandas as pd
import pytest

from regrow import RegrowError
from regrow_experiment import folds


def split(fold, **more):
    return pd.DataFrame({"row": range(len(fold)), "fold": fold, **more})


@pytest.mark.parametrize(
    ("made", "learnt"),
    [
        (split([-1, 0, -1, -2]), [True, False, True, False]),  # a hold-out with a gap
        (split([0, 1, 0, 1]), [True] * 4),  # each row is held out once
        (split([-1, 0, 1, -2], past=True), [True, True, True, False]),  # folds that roll
    ],
)
def test_what_the_model_learns_from(made, learnt):
    assert folds.learnt_from(made, folds.of(made, 4)).tolist() == learnt


def test_repeats_come_in_their_order_too():
    made = split([0, 1], **{"fold_10": [19, 18], "fold_2": [3, 2]})[::-1]
    assert [one.tolist() for one in folds.repeats(made)] == [[3, 2], [19, 18]]


def test_folds_come_in_the_order_of_the_rows():
    assert folds.of(split([-1, 0, 1])[::-1], 3).tolist() == [-1, 0, 1]


@pytest.mark.parametrize(
    ("fold", "rows", "told"),
    [([-1, 0], 3, "2 rows"), ([-1, -1], 2, "holds out no row"), ([0, 0], 2, "no row to train")],
)
def test_a_split_that_cannot_be_is_refused(fold, rows, told):
    with pytest.raises(RegrowError, match=told):
        folds.of(split(np.array(fold)), rows)
