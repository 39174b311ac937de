"""search=auto beside FLAML on eight data sets that packages ship: `python -m benchmarks.auto`.

FLAML runs in an environment of its own (`--flaml PYTHON`: `uv venv`, `uv pip install "flaml[automl]" pandas pyarrow`),
with equal seconds and one core. Both see the same training rows and are scored on the same quarter of the rows:
ROC-AUC, log loss of many classes, or R2. The table says both, the ranks, and their means, whatever they are.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SETS = ("breast_cancer", "wine", "digits", "diabetes", "iris", "linnerud", "friedman", "blobs")
THEIRS = """
import json, sys
import numpy as np, pandas as pd
from flaml import AutoML
folder, task, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
train, test = pd.read_parquet(folder + "/train.parquet"), pd.read_parquet(folder + "/test.parquet")
metric = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "r2"}[task]
automl = AutoML()
automl.fit(X_train=train.drop(columns="y"), y_train=train["y"].to_numpy(), time_budget=seconds, metric=metric,
           task="regression" if task == "regression" else "classification", n_jobs=1, seed=1, verbose=0)
X = test.drop(columns="y")
said = automl.predict(X) if task == "regression" else automl.predict_proba(X)
np.save(folder + "/said.npy", np.asarray(said))
"""


def main(arguments: list[str]) -> int:
    """Run both on each set, print a table as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.auto", description=__doc__)
    parser.add_argument("--flaml", type=Path, help="Python of the environment that has FLAML; without it, ours alone")
    parser.add_argument("--seconds", type=float, default=60.0, help="of each, for each set")
    parser.add_argument("--sets", default=",".join(SETS))
    said = parser.parse_args(arguments)
    rows = []
    for name in said.sets.split(","):
        train, test, task = parts(name)
        row = {"set": name, "task": task, "regrow": ours(train, test, task, said.seconds)}
        if said.flaml:
            row["flaml"] = theirs(train, test, task, said.seconds, said.flaml)
        rows.append(row)
        print(json.dumps(row), flush=True)
    if said.flaml:
        ranks = [1.0 if a["regrow"] > a["flaml"] else 2.0 if a["regrow"] < a["flaml"] else 1.5 for a in rows]
        print(json.dumps({"mean rank": {"regrow": float(np.mean(ranks)), "flaml": 3 - float(np.mean(ranks))}}))
    return 0


def parts(name: str) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Training rows, a quarter held out, and the task; the target is the column y."""
    from sklearn import datasets
    from sklearn.model_selection import train_test_split

    task = {"breast_cancer": "binary", "wine": "multiclass", "digits": "multiclass", "iris": "multiclass",
            "blobs": "binary"}.get(name, "regression")  # fmt: skip
    if name == "friedman":
        X, y = datasets.make_friedman1(2_000, noise=1.0, random_state=1)
    elif name == "blobs":
        X, y = datasets.make_classification(3_000, 20, n_informative=6, flip_y=0.1, random_state=1)
    else:
        X, y = getattr(datasets, f"load_{name}")(return_X_y=True)
        y = y[:, 0] if y.ndim > 1 else y
    table = pd.DataFrame(X, columns=[f"column_{k}" for k in range(X.shape[1])])
    table["y"] = y.astype("float64") if task == "regression" else y.astype("int64")
    strata = None if task == "regression" else table["y"]
    train, test = train_test_split(table, test_size=0.25, random_state=1, stratify=strata)
    return train.reset_index(drop=True), test.reset_index(drop=True), task


def ours(train: pd.DataFrame, test: pd.DataFrame, task: str, seconds: float) -> float:
    """The stage `train` with search=auto, on one core."""
    from regrow_evaluation.plugin import regrow_components as metrics
    from regrow_experiment.plugin import regrow_components as estimators
    from regrow_experiment.settings import Train
    from regrow_experiment.stage import train as stage
    from regrow_features.plugin import regrow_components as steps

    registry = {(one.kind, one.name): one for one in (*metrics(), *estimators(), *steps())}
    search = {"use": "auto", "budget": {"seconds": seconds}, "noise": 2}
    values = {"features": {"steps": "auto"}, "model": {"use": "boosting"}, "search": search, "seed": 1,
              "data": {"task": task, "target": {"column": "y"}}}  # fmt: skip
    settings = Train.model_validate(values, context={"components": registry})
    whole = pd.concat([train, test], ignore_index=True)
    fold = np.where(np.arange(len(whole)) < len(train), -1, 0)
    split = pd.DataFrame({"row": np.arange(len(whole)), "fold": fold})
    made = stage(whole, split, whole, settings)["predictions"]
    if task == "regression":
        return score(task, made["target"].to_numpy(), made["prediction"].to_numpy())
    shares = [name for name in made.columns if name.startswith("probability_")]
    return score(task, made["target"].to_numpy(), made[shares].to_numpy())


def theirs(train: pd.DataFrame, test: pd.DataFrame, task: str, seconds: float, python: Path) -> float:
    """FLAML, in its own environment."""
    with tempfile.TemporaryDirectory() as folder:
        train.to_parquet(f"{folder}/train.parquet")
        test.to_parquet(f"{folder}/test.parquet")
        subprocess.run([str(python), "-c", THEIRS, folder, task, str(seconds)], check=True)
        return score(task, test["y"].to_numpy(), np.load(f"{folder}/said.npy"))


def score(task: str, target: np.ndarray, said: Any) -> float:
    """More is better: ROC-AUC, minus log loss, R2."""
    from sklearn.metrics import log_loss, r2_score, roc_auc_score

    if task == "binary":
        return float(roc_auc_score(target, said[:, 1]))
    return float(-log_loss(target, said) if task == "multiclass" else r2_score(target, said))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
