"""The stage `bundle`: all that scoring needs, gathered, tried, and packed."""

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regrow import RegrowError, Use
from regrow.artifacts import model as model_file
from regrow.artifacts.model_schema import places
from regrow.artifacts.model_types import declared
from regrow.environment.variables import FIXED, PORTABLE
from regrow_experiment import folds
from regrow_experiment.scoring import BLOCK
from regrow_features.derived import derive
from regrow_serve import archive, fallback, lookups, sbom
from regrow_serve.bundle import CODE, TYPES, Bundle, exact, records
from regrow_serve.code import Code
from regrow_serve.schema import MOST_LEVELS, Column, Schema, frame
from regrow_serve.server import main
from regrow_serve.settings import BundleSettings

EXAMPLES, REFERENCE = 32, 1000
OWN = ("regrow", "regrow_data", "regrow_experiment", "regrow_features", "regrow_serve")
ENTRIES = (Bundle, main)  # what has to run where there is nothing but the bundle and its packages
MAIN = b"""import sys

sys.path.insert(0, sys.argv[0] + "/code")
from regrow_serve.server import main

sys.exit(main([sys.argv[0], *sys.argv[1:]]))
"""


def bundle(
    table: pd.DataFrame,
    lookups: Mapping[str, pd.DataFrame],
    split: pd.DataFrame,
    features: pd.DataFrame,
    model: Any,
    predictions: pd.DataFrame,
    ingest_record: Mapping[str, Any],
    settings: BundleSettings,
) -> dict[str, Any]:
    """The bundle, and a record of what was tried: that held-out rows, scored anew from raw columns, come out as the
    stage `train` recorded them, and how much worse the fallback is.

    Raises RegrowError where they do not.
    """
    target = settings.data.target.name or settings.data.target.column
    training = folds.learnt_from(split, folds.of(split, len(table)))
    schema = _schema(table, lookups, training, features.drop(columns=target), ingest_record, settings)
    classes = model.classes_.tolist() if settings.data.task != "regression" else None
    stored = _model_bytes(model)
    types = _declared_types(stored)
    members = {
        "model.skops": stored,
        "schema.json": archive.dumps(schema.as_json()),
        "derive.json": archive.dumps([_step(name, use) for name, use in settings.features.derive.items()]),
        "serving.json": archive.dumps(_serving(settings, schema)),
        "fallback.json": archive.dumps(_fallback(settings, table.loc[training, target].to_numpy(), classes)),
        **_tables(lookups),
        **({TYPES: archive.dumps(types)} if types else {}),
    }
    about = _about(settings, target, classes, hasattr(model, "predict_proba"))
    code, packages = _code(settings, types)
    made = Bundle.of(members | code, about, "")
    held_out = predictions["row"].to_numpy()
    anew = not training[held_out].any()  # else they are predictions of other fits than the model's
    record = {
        "rows": len(predictions),
        "compared": _check_recorded(made, table, predictions) if anew else 0,
        "fallback": _compared(predictions, members, table, settings),
    }
    members["examples.jsonl"] = _examples(made, table, held_out[_spread(len(predictions), EXAMPLES)])
    members["reference.json"] = _reference(table, schema, predictions)
    members |= {"sbom.cdx.json": archive.dumps(sbom.document(packages, members)), **code}
    return {"bundle": archive.pack(members, about), "serving": record}


def _about(settings: BundleSettings, target: str, classes: list[Any] | None, probabilities: bool) -> dict[str, Any]:
    """What bundle.json says beside the members."""
    about: dict[str, Any] = {"task": settings.data.task, "target": target, "classes": classes}
    about |= {"block": BLOCK, "threshold": None}
    about |= {"positive": settings.data.target.positive, "recipe": _recipe(), "python": f"3.{sys.version_info.minor}"}
    return about | {"probabilities": probabilities}


def _schema(
    table: pd.DataFrame,
    lookups: Mapping[str, pd.DataFrame],
    training: np.ndarray,
    features: pd.DataFrame,
    record: Mapping[str, Any],
    settings: BundleSettings,
) -> Schema:
    data = settings.data
    kinds = {one["name"]: one["type"] for one in record["columns"]}
    ignored = {data.target.name or data.target.column, data.target.column, *data.leaks}
    raw = [name for name in table.columns if name not in ignored]
    few = table.iloc[_spread(len(table), 64)].reset_index(drop=True)
    needed = _needed(few, raw, lookups, list(features.columns), settings)
    columns = [_column(table[name], training, kinds[name], name in needed, data.types.get(name)) for name in raw]
    return Schema(
        tuple(columns), tuple(sorted(ignored)), {name: features[name].dtype.name for name in features.columns}
    )


def _needed(
    few: pd.DataFrame,
    raw: list[str],
    lookups: Mapping[str, pd.DataFrame],
    features: list[str],
    settings: BundleSettings,
) -> set[str]:
    """The raw columns without which the features do not come out, or come out otherwise: found by leaving each out."""

    def made(columns: list[str]) -> pd.DataFrame | None:
        try:
            return derive(few[columns], lookups, settings.features.derive, ())[features]
        except (RegrowError, KeyError, ValueError, TypeError, AttributeError):
            return None

    whole = made(raw)
    if whole is None:
        raise RegrowError("the features can't be derived from the raw columns", where="bundle")
    needed = {one for one in raw if one in features}
    for one in raw:
        without = made([name for name in raw if name != one]) if one not in needed else None
        if without is None or not without.equals(whole):
            needed.add(one)
    chosen = made([name for name in raw if name in needed])
    return needed if chosen is not None and chosen.equals(whole) else set(raw)


def _column(values: pd.Series, training: np.ndarray, kind: str, needed: bool, said: Any) -> Column:
    """Ranges and levels are of training rows; held-out ones may lack values, too, and got answers."""
    present = values[training].dropna()
    made: dict[str, Any] = {"nullable": bool(values.isna().any()), "needed": needed}
    if isinstance(said, Mapping) and said.get("format"):
        made["format"] = said["format"]
    if kind in ("integer", "number", "date") and len(present):
        low, high = present.min(), present.max()
        made |= (
            {"low": low.isoformat(), "high": high.isoformat()}
            if kind == "date"
            else {"low": low.item(), "high": high.item()}
        )
    if kind == "text" and present.nunique() <= MOST_LEVELS:
        made["levels"] = tuple(sorted(present.unique().tolist()))
    return Column(str(values.name), kind, values.dtype.name, **made)


def _step(name: str, use: Use) -> dict[str, Any]:
    given = use.settings
    parameters = (
        given.model_dump(mode="json", exclude_unset=True) if hasattr(given, "model_dump") else dict(given or {})
    )
    component = use.component
    return {
        "name": name,
        "use": use.name,
        "make": component.make,
        "settings": component.settings,
        "parameters": parameters,
    }


def _serving(settings: BundleSettings, schema: Schema) -> dict[str, Any]:
    """The guard's settings, and how a CSV file is written."""
    needed = {one.name for one in schema.needed}
    own = {key: dict(one) for key, one in settings.data.assumptions.items()}
    judged = [one | {"key": key} for key, one in own.items() if _row_wise(one, needed)]
    said = settings.serving.model_dump(mode="json")
    reader = {
        key: settings.data.reader[key]
        for key in ("separator", "encoding", "decimal", "missing")
        if key in settings.data.reader
    }
    return {"guard": said["guard"], "lookups": said["lookups"], "assumptions": judged, "reader": reader}


def _row_wise(assumption: Mapping[str, Any], needed: set[str]) -> bool:
    if assumption.get("use") == "rule":
        from regrow_data.expression import parse

        return set(parse(assumption["rule"])[1].values()) <= needed
    return assumption.get("use") in ("range", "allowed") and assumption["column"] in needed


def _fallback(settings: BundleSettings, target: np.ndarray, classes: Sequence[Any] | None) -> dict[str, Any]:
    said = settings.serving.fallback
    rules = [rule.model_dump(mode="json", exclude_none=True) for rule in said.rules]
    odd = [rule["prediction"] for rule in rules if classes is not None and rule["prediction"] not in classes]
    if odd:
        fix = f"there are: {', '.join(map(str, classes or ()))}"
        raise RegrowError(f"{odd[0]!r} is no class of the target", where="serving.fallback.rules", fix=fix)
    return {**fallback.usual(target, classes), "rules": rules, "refusals": said.refusals}


def _compared(
    predictions: pd.DataFrame, members: Mapping[str, bytes], table: pd.DataFrame, settings: BundleSettings
) -> dict[str, Any]:
    """How much worse the fallback is than the model on held-out rows: wrong in a thousand, or the mean distance."""
    said = json.loads(members["fallback.json"])
    rows = records(table.iloc[predictions["row"].to_numpy()])
    guessed = np.array([fallback.answer(said, row, None)["prediction"] for row in rows])
    truth, predicted = predictions["target"].to_numpy(), predictions["prediction"].to_numpy()
    if settings.data.task == "regression":
        unit, errors = "mean distance", (np.abs(predicted - truth).mean(), np.abs(guessed - truth).mean())
    else:
        unit, errors = "wrong in a thousand", ((predicted != truth).mean() * 1000, (guessed != truth).mean() * 1000)
    return {
        "unit": unit,
        "model": float(errors[0]),
        "fallback": float(errors[1]),
        "worse_by": float(errors[1] - errors[0]),
    }


def _check_recorded(made: Bundle, table: pd.DataFrame, predictions: pd.DataFrame) -> int:
    """Scores held-out rows from their raw columns. Raises RegrowError if one is not, to the bit, what was recorded."""
    from regrow_serve.frames import of_frame

    held_out = table.iloc[predictions["row"].to_numpy()]
    typed = of_frame(made.schema, held_out)
    columns = [name for name in predictions.columns if name.startswith("probability_")] or ["prediction"]
    recorded, differ = predictions[columns].to_numpy(), 0
    for rows, part in frame(typed, np.arange(typed.rows)):
        scored = made.table(made.answer(rows, part))[columns].to_numpy()
        differ += int((scored != recorded[rows]).any(axis=1).sum())
    if differ:
        raise RegrowError(
            f"{differ} of {len(held_out)} held-out rows, scored from their raw columns, are not what `train` recorded",
            where="bundle",
            fix="a step of features.derive gives other values for these rows than for the whole table",
        )
    return len(held_out)


def _examples(made: Bundle, table: pd.DataFrame, chosen: np.ndarray) -> bytes:
    rows = [
        {name: row[name] for name in row if name in {one.name for one in made.schema.needed}}
        for row in records(table.iloc[chosen])
    ]
    lines = []
    for part, typed_rows in frame(made.schema.of_rows(rows), np.arange(len(rows))):
        scored = made.answer(part, typed_rows)
        for place, row in enumerate(part):
            shares = None if scored.probabilities is None else scored.probabilities[place]
            lines.append((int(row), {"row": rows[row], "answer": exact(scored.prediction[place], shares)}))
    return b"".join(
        json.dumps(line, sort_keys=True).encode() + b"\n" for _, line in sorted(lines, key=lambda one: one[0])
    )


def _reference(table: pd.DataFrame, schema: Schema, predictions: pd.DataFrame) -> bytes:
    """Held-out rows with their scores, to hold new ones against."""
    some = predictions.iloc[_spread(len(predictions), REFERENCE)].reset_index(drop=True)
    raw = table.iloc[some["row"].to_numpy()][[one.name for one in schema.needed]].reset_index(drop=True)
    taken = {
        f"scored_{name}": some[name]
        for name in some.columns
        if name.startswith(("prediction", "probability_", "target"))
    }
    return lookups.write(pd.concat([raw, pd.DataFrame(taken)], axis=1), "reference")


def _code(settings: BundleSettings, types: Sequence[str]) -> tuple[dict[str, bytes], Sequence[sbom.Package]]:
    """The modules that scoring reaches, with what is said of the packages that these need; and these packages."""
    components = [use.component for use in settings.features.derive.values()]
    paths = [*types, *(path for one in components for path in (one.make, one.settings) if path)]
    tops = {path.partition(":")[0].partition(".")[0] for path in paths}
    reached = Code({*OWN, *tops})
    reached.reach([*paths, *(f"{entry.__module__}:{entry.__name__}" for entry in ENTRIES)])
    packages = sbom.packages(reached.outside | {"numpy", "pandas", "scipy", "sklearn", "skops"})
    files = {
        **{f"{CODE}/{path}": source for path, source in reached.members().items()},
        "__main__.py": MAIN,
        "requirements.txt": "".join(f"{one.name}=={one.version}\n" for one in packages).encode(),
        "licences.json": archive.dumps({one.name: one.licence for one in packages}),
    }
    return files, packages


def _tables(tables: Mapping[str, pd.DataFrame]) -> dict[str, bytes]:
    return lookups.as_members(tables)


def _declared_types(stored: bytes) -> list[str]:
    """The classes in a model file that components declare, as "module:Class"."""
    named = places(stored).keys() & {*declared()}
    return sorted(":".join(one.rpartition(".")[::2]) for one in named)


def _model_bytes(model: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.skops"
        model_file.write(model, file)
        return file.read_bytes()


def _recipe() -> dict[str, str]:
    """What of the environment decides the last bit: the kernels and threads that this runs with."""
    kept = (*PORTABLE, *(name for name in FIXED if name.endswith("_THREADS")))
    return {name: os.environ[name] for name in sorted(kept) if name in os.environ}  # regrow: harmless machine


def _spread(rows: int, most: int) -> np.ndarray:
    return np.unique(np.linspace(0, rows - 1, min(rows, most)).astype("int64"))
