"""A small project in memory: a raw CSV of flights through every stage to a bundle."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from regrow.artifacts.model_types import trusting
from regrow_data.ingest import ingest
from regrow_data.plugin import regrow_components as data_components
from regrow_data.settings import IngestSettings
from regrow_experiment.plugin import regrow_components as experiment_components
from regrow_experiment.settings import Train
from regrow_experiment.stage import train
from regrow_features.plugin import regrow_components as feature_components
from regrow_features.settings import Features
from regrow_features.stage import features
from regrow_serve import archive
from regrow_serve.settings import BundleSettings
from regrow_serve.stage import bundle

LOCK = Path(__file__).resolve().parents[3] / "requirements.lock"
COMPONENTS = [*data_components(), *experiment_components(), *feature_components()]
REGISTRY = {"components": {(one.kind, one.name): one for one in COMPONENTS}}
TYPES = sorted({path for one in COMPONENTS for path in one.types})
ROWS = 400
DERIVE = {
    "weather": {"use": "join", "table": "weather", "by": ["origin", "day"], "prefix": "weather_"},
    "dates": {"use": "date_parts", "columns": ["date"], "parts": ["weekday"]},
    "clock": {"use": "clock_minutes", "columns": ["departure"]},
}
STEPS = {
    "numbers": {"use": "impute_median"},
    "text": {"use": "one_hot", "columns": ["origin", "carrier"], "min_frequency": 5},
    "rest": {"use": "ordinal"},
    "scale": {"use": "scale"},
}
DATA = {
    "reader": {"use": "csv", "file": "flights.csv"},
    "types": {},
    "target": {"column": "delay", "above": 20.0, "name": "late"},
    "lookups": {"weather": {"use": "csv", "file": "weather.csv"}},
}
RULE = {
    "use": "rule",
    "rule": "distance > 0",
    "says": "a flight covers some distance",
    "owner": "ops",
    "severity": "error",
}
MODELS = {
    "linear": {"use": "linear"},
    "mlp": {"use": "mlp", "hidden_layer_sizes": [8], "max_iter": 30},
    "forest": {"use": "forest", "n_estimators": 15},
    "boosting": {"use": "boosting", "max_iter": 15},
    "knn": {"use": "knn"},
    "naive": {"use": "GaussianNB"},
    "tree": {"use": "DecisionTreeClassifier", "max_depth": 5},
    "vectors": {"use": "SVC"},
    "extra_trees": {"use": "extra_trees", "n_estimators": 15},
    "gradient_boosting": {"use": "gradient_boosting", "n_estimators": 15},
    "sgd": {"use": "SGDClassifier", "loss": "log_loss"},
}


def raw(folder: Path, rows: int = ROWS) -> Path:
    """The raw files. Beyond the usual number of rows, carriers come up that none of the first has."""
    draw = np.random.default_rng(3)
    day = draw.integers(1, 29, rows)
    table = pd.DataFrame(
        {
            "day": day,
            "date": [f"2013-02-{one:02d}" for one in day],
            "departure": draw.integers(5, 23, rows) * 100 + draw.integers(0, 60, rows),
            "origin": draw.choice(["JFK", "EWR", "LGA"], rows),
            "carrier": draw.choice(["AA", "UA", "B6", None], rows, p=[0.4, 0.3, 0.2, 0.1]),
            "distance": draw.integers(90, 2500, rows),
            "seats": np.where(draw.random(rows) < 0.1, np.nan, draw.integers(50, 300, rows)),
            "fuel": draw.normal(10, 3, rows),
            "night": draw.choice(["true", "false"], rows),
            "note": "n",
            "late_already": draw.normal(size=rows),
        }
    )
    table["delay"] = draw.normal(size=rows) * 20 + (table["origin"] == "JFK") * 15 + table["fuel"]
    new = (np.arange(rows) >= ROWS) & (draw.random(rows) < 0.3)
    table.loc[new, "carrier"] = draw.choice(["9E", "ZZ", "\u00dc"], rows)[new]
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / "flights.csv", index=False, float_format="%.6g")
    days = pd.MultiIndex.from_product([["JFK", "EWR", "LGA"], range(1, 26)], names=["origin", "day"])
    weather = pd.DataFrame(
        {"wind": draw.normal(size=len(days)), "sky": draw.choice(["clear", "cloud"], len(days))}, index=days
    )
    weather.reset_index().to_csv(folder / "weather.csv", index=False)
    return folder


def settings_of(model: str, task: str = "binary", serving: dict | None = None, **features: object) -> dict:
    """As params.yaml would hold them."""
    target = DATA["target"] if task == "binary" else {"column": "delay"}
    data = {**DATA, "task": task, "target": target}
    made = {"derive": DERIVE, "exclude": ["note", "day"], "steps": STEPS} | features
    return {"data": data, "features": made, "model": MODELS[model], "seed": 1, "serving": serving or {}}


def stages(
    folder: Path,
    settings: dict,
    folds: int = 0,
    rolling: bool = False,
    pretrained: Path | None = None,
    **given: object,
) -> dict:
    """What every stage makes, the bundle among them. folds: how many; 0: a hold-out. pretrained: a folder of models of
    other commits. given: what else the stage `bundle` may need."""
    data, part = settings["data"], settings["features"]
    made = ingest(folder, IngestSettings.model_validate({"data": data}, context=REGISTRY))
    few = {"target": data["target"], "leaks": ["late_already"]}
    asked = {"features": {"derive": part["derive"], "exclude": part["exclude"]}, "data": few}
    made |= features(made["table"], made["lookups"], Features.model_validate(asked, context=REGISTRY))
    rows = np.arange(len(made["table"]))
    held_out = (rows % 3 == 0) | (rows >= ROWS)
    made["split"] = pd.DataFrame({"row": rows, "fold": rows % folds if folds else np.where(held_out, 0, -1)})
    if rolling:
        made["split"] = pd.DataFrame({"row": rows, "fold": rows * (folds + 1) // len(rows) - 1, "past": True})
    asked = {
        "features": {"steps": part["steps"]},
        "model": settings["model"],
        "search": {"use": "none"},
        "data": {"task": data["task"], "target": data["target"]},
        "seed": settings["seed"],
    }
    checked = Train.model_validate(asked, context=REGISTRY)
    with trusting(TYPES):
        made |= train(made["features"], made["split"], made["table"], checked, pretrained=pretrained)
    asked = {
        "data": {"task": data["task"], **few, "reader": data["reader"], "types": {}, "assumptions": {"far": RULE}},
        "features": {"derive": part["derive"]},
        "serving": settings["serving"],
    }
    needs = ("table", "lookups", "split", "features", "model", "predictions", "ingest_record")
    checked = BundleSettings.model_validate(asked, context=REGISTRY)
    with trusting(TYPES):
        made |= bundle(**{name: made[name] for name in needs}, settings=checked, **given)
    made["about"] = archive.unpack(made["bundle"])[1]
    return made


def written(folder: Path, made: dict) -> Path:
    """The bundle as a file."""
    file = folder / f"{hashlib.sha256(made['bundle']).hexdigest()[:12]}.bundle"
    file.write_bytes(made["bundle"])
    return file
