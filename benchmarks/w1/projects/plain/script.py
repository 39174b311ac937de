"""W1 on files, without any tool: python script.py [STAGE ...]; without a name all six, in one process."""

import json
import sys
from pathlib import Path

import stages

RAW = "data/raw/raw.csv"
# stage -> (what it needs, what it makes, the settings that it takes)
FLOW = {
    "ingest": ((), ("table.parquet",), ""),
    "validate": (("table.parquet",), ("validation.json",), ""),
    "split": (("table.parquet", "validation.json"), ("train.parquet", "test.parquet"), "split"),
    "features": (("train.parquet", "test.parquet"), ("train_features.parquet", "test_features.parquet"), "features"),
    "train": (("train_features.parquet",), ("model.joblib",), "model"),
    "evaluate": (("model.joblib", "test_features.parquet"), ("metrics.json",), ""),
}
LAST = ("train", "evaluate")  # what a setting of the model reaches


def settings():
    """What params.yaml says."""
    import yaml

    return yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))


def read(file):
    """What a file holds, by its ending."""
    if file.suffix == ".parquet":
        import pandas as pd

        return pd.read_parquet(file)
    if file.suffix == ".joblib":
        import joblib

        return joblib.load(file)
    return json.loads(file.read_text(encoding="utf-8"))


def write(value, file):
    """Keep a value in a file, by its ending."""
    if file.suffix == ".parquet":
        value.to_parquet(file)
    elif file.suffix == ".joblib":
        import joblib

        joblib.dump(value, file)
    else:
        file.write_text(json.dumps(value), encoding="utf-8")


def run(stage, said, into=Path("work"), found=Path("work")):
    """Run one stage: what it makes lies in `into`; what it needs there, or in `found`."""
    needs, makes, key = FLOW[stage]
    inputs = [read(into / name if (into / name).exists() else found / name) for name in needs] or [RAW]
    made = getattr(stages, stage)(*inputs, *([said[key]] if key else []))
    into.mkdir(parents=True, exist_ok=True)
    for name, value in zip(makes, made if len(makes) > 1 else (made,), strict=True):
        write(value, into / name)


if __name__ == "__main__":
    said = settings()
    for stage in sys.argv[1:] or FLOW:
        run(stage, said)
