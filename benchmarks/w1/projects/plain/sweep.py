"""Training with many learning rates, without any tool: python sweep.py WORKERS RATE ...; each in runs/RATE."""

import multiprocessing
import sys
from pathlib import Path

import script


def one(rate):
    """Train and evaluate."""
    said = script.settings()
    said["model"]["learning_rate"] = float(rate)
    for stage in script.LAST:
        script.run(stage, said, into=Path("runs") / rate)


def load():
    """Import once what every fork needs."""
    import joblib  # noqa: F401
    import pandas  # noqa: F401
    import pyarrow.parquet  # noqa: F401
    import sklearn.ensemble
    import sklearn.metrics  # noqa: F401


if __name__ == "__main__":
    load()
    workers, *rates = sys.argv[1:]
    with multiprocessing.get_context("fork").Pool(int(workers)) as pool:
        pool.map(one, rates, chunksize=1)
