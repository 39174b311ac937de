"""What a search costs over the bare scikit-learn fits of its trials: `python -m benchmarks.search`.

In one process, the same trials on the same folds: bare fits, GridSearchCV, Optuna alone where it is installed, and
regrow's `search=grid` with one and two workers. Each fit is made to last as long as `--seconds` says, so that the
overhead is seen and not the library.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

TRIALS, FOLDS = 8, 3


def main(arguments: list[str]) -> int:
    """Measure, print JSON: who -> seconds, and what a trial costs more than bare."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.0, help="of one fit")
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--times", type=int, default=3, help="rounds")
    said = parser.parse_args(arguments)
    found = measured(said.seconds, said.trials, said.times)
    bare = found["bare fits"]
    told = {
        who: {"seconds": round(took, 3), "over bare": round(took / bare - 1, 4),
              "ms a trial": round((took - bare) / said.trials * 1000, 1)}
        for who, took in found.items()
    }  # fmt: skip
    told["two workers"] = {"times one": round(found["regrow, 1 worker"] / found["regrow, 2 workers"], 2)}
    print(json.dumps(told, indent=1))
    return 0


def measured(seconds: float, trials: int, times: int) -> dict[str, float]:
    """Who -> the median of so many rounds, in which each has a turn."""
    X, y = table()
    strengths = np.geomspace(0.01, 100, trials - 1).tolist()
    who: dict[str, Callable[[], object]] = {
        "bare fits": lambda: bare(X, y, strengths, seconds),
        "GridSearchCV": lambda: grid_search(X, y, strengths, seconds),
        "regrow, 1 worker": lambda: regrow(X, y, strengths, seconds, 1),
        "regrow, 2 workers": lambda: regrow(X, y, strengths, seconds, 2),
    }
    try:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        who["Optuna"] = lambda: with_optuna(optuna, X, y, strengths, seconds)
    except ImportError:
        print("Optuna is not installed: left out", file=sys.stderr)
    taken: dict[str, list[float]] = {name: [] for name in who}
    for _ in range(times):
        for name, run in who.items():
            began = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - began)
    return {name: float(np.median(some)) for name, some in taken.items()}


def table() -> tuple[pd.DataFrame, np.ndarray]:
    """2,000 rows of ten numbers and a binary target."""
    draw = np.random.default_rng(1)
    X = pd.DataFrame(draw.normal(size=(2_000, 10)), columns=[f"column_{k}" for k in range(10)])
    return X, (X["column_0"].to_numpy() + draw.normal(size=len(X)) > 0).astype("int64")


def pipeline(strength: float, seconds: float) -> Any:
    """Scaled logistic regression whose fit keeps a core busy for so many seconds."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    class Slow(LogisticRegression):
        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
            end = time.process_time() + seconds
            made = super().fit(X, y, sample_weight)
            while time.process_time() < end:
                pass
            return made

    return make_pipeline(StandardScaler(), Slow(C=strength))


def folds(X: pd.DataFrame, y: np.ndarray) -> Any:
    """The same for everybody."""
    from sklearn.model_selection import StratifiedKFold

    return StratifiedKFold(FOLDS, shuffle=True, random_state=1)


def score(strength: float, X: pd.DataFrame, y: np.ndarray, seconds: float) -> float:
    """The mean of the folds."""
    from sklearn.metrics import roc_auc_score

    found = []
    for train, test in folds(X, y).split(X, y):
        model = pipeline(strength, seconds).fit(X.iloc[train], y[train])
        found.append(roc_auc_score(y[test], model.predict_proba(X.iloc[test])[:, 1]))
    return float(np.mean(found))


def bare(X: pd.DataFrame, y: np.ndarray, strengths: list[float], seconds: float) -> Any:
    """Fits and scores, and the best on all rows."""
    scores = [score(one, X, y, seconds) for one in [1.0, *strengths]]
    return pipeline([1.0, *strengths][int(np.argmax(scores))], seconds).fit(X, y)


def grid_search(X: pd.DataFrame, y: np.ndarray, strengths: list[float], seconds: float) -> Any:
    """scikit-learn's own."""
    from sklearn.model_selection import GridSearchCV

    space = {"slow__C": [1.0, *strengths]}
    return GridSearchCV(pipeline(1.0, seconds), space, scoring="roc_auc", cv=folds(X, y)).fit(X, y)


def with_optuna(optuna: Any, X: pd.DataFrame, y: np.ndarray, strengths: list[float], seconds: float) -> Any:
    """Optuna's loop over the same values."""
    space = {"C": [1.0, *strengths]}
    study = optuna.create_study(sampler=optuna.samplers.GridSampler(space, seed=1), direction="maximize")
    study.optimize(lambda trial: score(trial.suggest_categorical("C", space["C"]), X, y, seconds))
    return pipeline(study.best_params["C"], seconds).fit(X, y)


def regrow(X: pd.DataFrame, y: np.ndarray, strengths: list[float], seconds: float, workers: int) -> Any:
    """`search=grid` as the stage calls it: each trial in a process of its own."""
    from regrow import Context
    from regrow_experiment.search import grid
    from regrow_experiment.search_settings import Grid

    settings = Grid.model_validate({"space": {"model": {"C": strengths}}, "folds": FOLDS, "noise": 1})
    search = grid(settings, Context(task="binary", random_state=1, workers=workers))

    def build(changes: Mapping[str, Any] | None = None, repeat: int = 0) -> Any:
        return pipeline((changes or {}).get("model.C", 1.0), seconds)

    return search(build, X, y)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
