"""What finds a model's settings and fits it: `none`, `fixed`, `grid`, `random`, `halving`."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from regrow import Context
from regrow.plugin.kinds import Search
from regrow_experiment.proposals import drawn, halved, singly
from regrow_experiment.search_settings import Fixed, Grid, Halving, Random
from regrow_experiment.searching import Searching
from regrow_experiment.space import grid as combinations


def none(settings: None, context: Context) -> Search:
    """Fits the settings as they are."""

    def search(build: Callable[..., Any], X: pd.DataFrame, y: np.ndarray) -> Any:
        return build().fit(X, y)

    return search


def fixed(settings: Fixed, context: Context) -> Search:
    """Scores the settings as they stand on the inner folds, as any search does first, and fits them."""
    return Searching(settings, context, lambda told: iter(()))


def grid(settings: Grid, context: Context) -> Search:
    """Every combination of the space; of a range, `points` values."""
    return Searching(settings, context, lambda told: singly(combinations(settings.space, settings.points)))


def random(settings: Random, context: Context) -> Search:
    """Combinations at random, none twice. Bergstra and Bengio, JMLR 13, 2012."""
    return Searching(settings, context, lambda told: singly(drawn(settings.space, context)))


def halving(settings: Halving, context: Context) -> Search:
    """Many candidates on a part of the rows, or with few trees, and the best of them on more."""
    return Searching(settings, context, lambda told: halved(settings, context, told), adaptive=True)
