"""What finds a model's settings and fits it. So far one that searches nothing; `regrow.plugin.kinds.Search` says what
another plugin's gets and gives."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from regrow import Context
from regrow.plugin.kinds import Search


def none(settings: None, context: Context) -> Search:
    """Fits the settings as they are."""

    def search(build: Callable[[], Pipeline], X: pd.DataFrame, y: np.ndarray) -> Any:
        return build().fit(X, y)

    return search
