"""python mlflow_model.py WORK: the pipeline as a model of MLflow's, in WORK/mlflow-model."""

import sys
from pathlib import Path

import mlflow.sklearn
import skops.io

WORK = Path(sys.argv[1])
FILE = WORK / "model.skops"
MODEL = skops.io.load(FILE, trusted=skops.io.get_untrusted_types(file=FILE))
mlflow.sklearn.save_model(MODEL, WORK / "mlflow-model", serialization_format="cloudpickle", pip_requirements=[])
