"""The one way from features to predictions: the stage `train`, a bundle, a server and a batch all call `score`."""

from typing import Any

import numpy as np
import pandas as pd
from joblib import parallel_config

BLOCK = 16  # rows: a matrix product takes other kernels, with another last bit, for what is left over beside a block


def score(pipeline: Any, X: pd.DataFrame) -> tuple[np.ndarray, np.ndarray | None]:
    """Predictions (n,) and probabilities (n, classes in the order of classes_), or None if the estimator gives none.

    A row's result is the same to the last bit alone and among others: rows are padded to a multiple of BLOCK by
    repeating the last one, and cut again. One worker, since a forest adds up its trees' votes in the order in which
    they come in. At least one row. Raises what the pipeline raises.
    """
    rows = len(X)
    padded = X.iloc[np.minimum(np.arange(rows + -rows % BLOCK), rows - 1)]
    with parallel_config("threading", n_jobs=1):
        probabilities = pipeline.predict_proba(padded)[:rows] if hasattr(pipeline, "predict_proba") else None
        return pipeline.predict(padded)[:rows], probabilities
