"""The metric `{{ cookiecutter.__name }}`."""

from dataclasses import dataclass

import numpy as np
from regrow import Context
from regrow.plugin.predicted import Predicted

from {{ cookiecutter.__package }}.settings import Prices


@dataclass(frozen=True)
class Cost:
    """What wrong predictions cost, on average over all rows; 0 is best."""

    prices: Prices
    needs_probability: bool = False

    def __call__(self, predicted: Predicted) -> float:
        """In the prices' unit."""
        real, said = (one == predicted.positive for one in (predicted.target, predicted.prediction))
        return float(np.mean(self.prices.false_alarm * (said & ~real) + self.prices.miss * (real & ~said)))


def make(settings: Prices, context: Context) -> Cost:
    """The metric with its prices."""
    return Cost(settings)
