"""The metric on predictions as the stage `evaluate` hands them over."""

from types import SimpleNamespace

import numpy as np
from regrow import Context

from {{ cookiecutter.__package }}.metric import make
from {{ cookiecutter.__package }}.settings import Prices


def test_a_miss_costs_more_than_a_false_alarm():
    predicted = SimpleNamespace(target=np.array([1, 0, 0, 1]), prediction=np.array([0, 1, 0, 1]), positive=1)
    assert make(Prices(false_alarm=1.0, miss=3.0), Context())(predicted) == 1.0
