"""A real project, small: flights of planes over a year, with Git and DVC, and features of every kind."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

ROWS = 500
DVC_CONFIG = (
    "[core]\n    analytics = false\n[hydra]\n    enabled = true\n    config_dir = conf\n    config_name = config\n"
)
PYPROJECT = """\
[tool.regrow]
package = "delays"
plugins = ["data", "experiment", "features", "ledger", "serve", "store", "text"]

[tool.regrow.sources]
raw = "data/raw"
"""
WHO = {f"GIT_{role}_{what}": "t@e" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
PAST = {"table": "flights", "at": "time", "by": ["plane"]}
FEATURES = {
    "derive": {
        "plane_past": {
            "use": "feature_view",
            "entity": "plane",
            "owner": "fleet",
            **PAST,
            "columns": ["distance"],
            "days": [30.0, None],
            "statistics": ["count", "mean", "std", "max"],
        },
        "delays": {"use": "window", **PAST, "columns": ["delay"], "days": [60.0], "delay": 1.0},
        "before": {"use": "lag", **PAST, "columns": ["distance"], "prefix": "before_"},
        "weather": {
            "use": "as_of",
            "table": "weather",
            "at": "time",
            "by": ["origin"],
            "columns": ["wind"],
            "days": 2.0,
            "prefix": "weather_",
        },
        "speed": {"use": "expression", "formula": "distance / (fuel + 1) - 2", "name": "reach"},
        "points": {"use": "weighted_sum", "weights": {"distance": 0.01, "fuel": 2.0}, "name": "points"},
        "words": {"use": "text_length", "columns": ["note"]},
        "km": {"use": "distance", "start": ["lat", "lon"], "end": ["to_lat", "to_lon"], "name": "km"},
        "age": {"use": "days_since", "column": "time", "since": "2024-01-01"},
        "vectors": {"use": "word_vectors", "column": "note", "table": "vectors", "drop": True},
        "dates": {"use": "date_parts", "columns": ["time"], "parts": ["hour", "weekday", "weekend"]},
    },
    "exclude": [],
    "leave_out": [],
    "steps": {
        "gaps": {"use": "impute_knn", "columns": ["fuel"]},
        "numbers": {"use": "impute_median", "indicator": True},
        "target": {"use": "encode_target", "columns": ["plane"]},
        "bins": {"use": "bin", "columns": ["distance"], "bins": 4},
        "products": {"use": "polynomial", "columns": ["reach", "points"]},
        "texts": {"use": "ordinal"},
        "still": {"use": "select_variance"},
        "best": {"use": "select_correlation", "most": 15},
        "scale": {"use": "scale"},
    },
}


def raw(folder: Path) -> None:
    """The raw files: flights, the weather, vectors of words."""
    draw = np.random.default_rng(5)
    planes = draw.choice([f"N{n}" for n in range(20)], ROWS)
    hours = np.sort(draw.integers(0, 24 * 300, ROWS))
    time = pd.Timestamp("2024-01-01") + pd.to_timedelta(hours, unit="h")
    late = pd.Series(planes).str[1:].astype(int).to_numpy() - 10
    table = pd.DataFrame(
        {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S"),
            "plane": planes,
            "origin": draw.choice(["JFK", "EWR"], ROWS),
            "note": draw.choice(["late crew", "fog", "early crew"], ROWS),
            "distance": draw.integers(100, 3000, ROWS),
            "fuel": np.where(draw.random(ROWS) < 0.1, np.nan, draw.normal(10, 2, ROWS).round(3)),
            "lat": draw.uniform(30, 50, ROWS).round(3),
            "lon": draw.uniform(-120, -70, ROWS).round(3),
            "to_lat": 51.5,
            "to_lon": -0.5,
            "delay": (late * 3 + draw.normal(0, 20, ROWS)).round(1),
        }
    )
    folder.mkdir(parents=True)
    table.to_csv(folder / "flights.csv", index=False)
    days = pd.date_range("2024-01-01", periods=300, freq="D")
    weather = pd.DataFrame({"time": [*days, *days], "origin": ["JFK"] * 300 + ["EWR"] * 300})
    weather.assign(wind=draw.normal(10, 3, 600).round(2)).to_csv(folder / "weather.csv", index=False)
    (folder / "words.txt").write_text("late 1 0 0\ncrew 0 1 0.5\nfog 0.25 0 1\n")


class Project:
    """In a folder; commands run in it as a user's do."""

    def __init__(self, root: Path) -> None:
        self.root = root
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.environment = os.environ | WHO | {"DVC_NO_ANALYTICS": "1", "PATH": path}
        for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
            self.environment.pop(name, None)

    def run(self, *command: str, code: int = 0) -> str:
        """A command's output, both streams."""
        done = subprocess.run(command, cwd=self.root, env=self.environment, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
        assert done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")


def make(root: Path) -> Project:
    """A project that was run and committed once."""
    made = Project(root)
    raw(root / "data/raw")
    csv = {name: {"use": "csv", "file": f"{name}.csv"} for name in ("flights", "weather")}
    data = {
        "task": "binary",
        "reader": csv["flights"],
        "types": {},
        "target": {"column": "delay", "above": 15.0, "name": "late"},
        "leaks": [],
        "assumptions": {},
        "lookups": {**csv, "vectors": {"use": "word_vectors", "file": "words.txt"}},
    }
    config = {
        "defaults": ["plugins", "_self_", {"experiment": None}],
        "seed": 1,
        "data": data,
        "features": FEATURES,
        "split": {"use": "holdout", "test_size": 0.3},
        "model": {"use": "linear"},
        "search": {"use": "none"},
        "ledger": {"repeats": 1, "rows": 32},
        "compute": {"n_jobs": 1},
    }
    made.write("conf/config.yaml", yaml.safe_dump(config, sort_keys=False))
    made.write("conf/experiment/.gitkeep", "")
    made.write("pyproject.toml", PYPROJECT)
    made.write("requirements.lock", "")
    made.write("src/delays/__init__.py", "")
    made.write(".gitignore", "__pycache__/\n")
    made.run("git", "init", "--quiet")
    made.run("dvc", "init", "--quiet")
    made.write(".dvc/config", DVC_CONFIG)
    made.run("dvc", "add", "--quiet", "data/raw")
    made.run("regrow", "compile")
    made.run("dvc", "repro", "--quiet")
    made.run("git", "add", "--all")
    made.run("git", "commit", "--quiet", "-m", "a run")
    return made
