"""W1 as runs of MLflow: python main.py full, python main.py train RATE ..., python main.py again RATE."""

import json
import subprocess
import sys
from pathlib import Path

import mlflow
import script

EXPERIMENT = "w1"


def run(said, stages):
    """A run of MLflow: the commit, settings, metrics and the model are recorded."""
    with mlflow.start_run():
        commit = subprocess.check_output(["git", "rev-parse", "HEAD"], text=True).strip()
        mlflow.set_tag("commit", commit)
        mlflow.log_params({f"{group}.{key}": value for group, keys in said.items() for key, value in keys.items()})
        for stage in stages:
            script.run(stage, said)
        mlflow.log_metrics(json.loads(Path("work/metrics.json").read_text(encoding="utf-8")))
        mlflow.log_artifact("work/model.joblib")


def recorded(rate):
    """The settings of the run with that learning rate, and its model."""
    found = mlflow.search_runs(
        experiment_names=[EXPERIMENT],
        filter_string=f"params.`model.learning_rate` = '{rate}'",
        max_results=1,
        output_format="list",
    )[0]
    mlflow.artifacts.download_artifacts(run_id=found.info.run_id, artifact_path="model.joblib")
    said = script.settings()
    return {group: {key: type(value)(found.data.params[f"{group}.{key}"]) for key, value in keys.items()}
            for group, keys in said.items()}  # fmt: skip


if __name__ == "__main__":
    mlflow.set_tracking_uri("sqlite:///mlflow.db")
    mlflow.set_experiment(EXPERIMENT)
    what, *rates = sys.argv[1:]
    if what == "full":
        run(script.settings(), script.FLOW)
    elif what == "again":
        run(recorded(rates[0]), script.LAST)
    else:
        for rate in rates:
            said = script.settings()
            said["model"]["learning_rate"] = float(rate)
            run(said, script.LAST)
