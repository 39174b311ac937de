"""The stage `bundle`: all that scoring needs, gathered, tried, and packed."""

import json
import logging
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
from regrow.artifacts import model_schema
from regrow.artifacts.model_types import declared
from regrow.environment.variables import FIXED, PORTABLE
from regrow_data.lines import SETTINGS as AROUND
from regrow_experiment import folds
from regrow_experiment.scoring import BLOCK
from regrow_features.derived import derive
from regrow_serve import archive, fallback, requirements, sbom
from regrow_serve.bundle import CODE, LAST, Bundle, exact, records
from regrow_serve.code import Code
from regrow_serve.lookups import as_members, write
from regrow_serve.pins import LOCK
from regrow_serve.schema import MOST_LEVELS, Column, Schema, frame
from regrow_serve.server import main
from regrow_serve.settings import BundleSettings
from regrow_serve.unavailable import earlier

log = logging.getLogger("regrow")
EXAMPLES, REFERENCE = 32, 5000
DOCUMENTS = {"card": "card.md", "decision": "decision.json"}
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
    requirements_lock: Path | None = None,
    fallback_bundle: Path | None = None,
    threshold: Mapping[str, Any] | None = None,
    **documents: Any,
) -> dict[str, Any]:
    """The bundle. bundle.json tells what was tried: how many held-out rows, scored anew from raw columns, came out as
    the stage `train` recorded them.

    requirements_lock: the project's, whose hashes the bundle's own gets. fallback_bundle: a file, to answer where the
    model can't. threshold: the artifact. documents: card and decision, as text, mapping or file, kept as they are.
    Raises RegrowError where a row comes out otherwise.
    """
    target = settings.data.target.name or settings.data.target.column
    training = folds.learnt_from(split, folds.of(split, len(table)))
    schema = _schema(table, lookups, training, features.drop(columns=target), ingest_record, settings)
    members = {"model.skops": _model_bytes(model), **as_members(lookups), **_said(settings, schema)}
    members |= {LAST: _alone(fallback_bundle)} if fallback_bundle else {}
    types = _declared_types(members["model.skops"])
    about = _about(settings, target, model, types, threshold)
    last = earlier(fallback_bundle, target, about["classes"]) if fallback_bundle else None
    usual = fallback.of(settings.serving, table.loc[training, target].to_numpy(), about["classes"])
    members["fallback.json"] = archive.dumps(usual)
    code, packages = _code(settings, types, last, requirements_lock)
    made = Bundle.of(members | code, about, "")
    held_out = predictions["row"].to_numpy()
    about["tried"] = {"rows": len(held_out), "compared": _check_recorded(made, table, predictions, training)}
    members["examples.jsonl"] = _examples(made, table, held_out[_spread(len(predictions), EXAMPLES)])
    members["reference.json"] = _reference(table, schema, predictions)
    members |= {DOCUMENTS[name]: _document(one) for name, one in documents.items() if one is not None}
    members |= {"sbom.cdx.json": archive.dumps(sbom.document(packages, members, about, schema, model)), **code}
    return {"bundle": archive.pack(members, about)}


def _said(settings: BundleSettings, schema: Schema) -> dict[str, bytes]:
    """The members that say how a row becomes features, and what the guard thinks of it."""
    return {
        "schema.json": archive.dumps(schema.as_json()),
        "derive.json": archive.dumps([_step(name, use) for name, use in settings.features.derive.items()]),
        "serving.json": archive.dumps(_serving(settings, schema)),
    }


def _about(
    settings: BundleSettings, target: str, model: Any, types: list[str], threshold: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What bundle.json says beside the members."""
    classes = model.classes_.tolist() if settings.data.task != "regression" else None
    about: dict[str, Any] = {"task": settings.data.task, "target": target, "classes": classes}
    about |= {"block": BLOCK, "positive": settings.data.target.positive, "recipe": _recipe(), "types": types}
    about |= {"python": f"3.{sys.version_info.minor}", "probabilities": hasattr(model, "predict_proba")}
    return about | {"threshold": fallback.threshold(settings.serving, threshold, about)}


def _alone(file: Path) -> bytes:
    """A bundle without the one that it falls back on in turn."""
    data = file.read_bytes()
    members, about = archive.unpack(data, str(file))
    if LAST not in members:
        return data
    about = {name: value for name, value in about.items() if name not in ("format", "members")}
    return archive.pack({name: content for name, content in members.items() if name != LAST}, about)


def _declared_types(model: bytes) -> list[str]:
    """The types in it that components of the project's plugins declare: "module:Class"."""
    return sorted(":".join(name.rsplit(".", 1)) for name in model_schema.places(model).keys() & {*declared()})


def _document(value: Any) -> bytes:
    if isinstance(value, Path):
        return value.read_bytes()
    if isinstance(value, str):
        return value.encode()
    return value if isinstance(value, bytes) else archive.dumps(value)


def _schema(
    table: pd.DataFrame,
    lookups: Mapping[str, pd.DataFrame],
    training: np.ndarray,
    features: pd.DataFrame,
    record: Mapping[str, Any],
    settings: BundleSettings,
) -> Schema:
    data = settings.data
    about = {one["name"]: one for one in record["columns"]}
    ignored = {data.target.name or data.target.column, data.target.column, *data.leaks}
    raw = [name for name in table.columns if name not in ignored]
    few = table.iloc[_spread(len(table), 64)].reset_index(drop=True)
    needed = _needed(few, raw, lookups, list(features.columns), settings)
    columns = [_column(table[name], training, about[name], name in needed) for name in raw]
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


def _column(values: pd.Series, training: np.ndarray, about: Mapping[str, Any], needed: bool) -> Column:
    """Ranges and levels are of training rows; held-out ones may lack values, too, and got answers. about: the column,
    as ingest_record has it."""
    present, kind = values[training].dropna(), about["type"]
    made: dict[str, Any] = {"nullable": bool(values.isna().any()), "needed": needed}
    if (form := about.get("form")) is not None:
        made |= {"format": form.get("format"), "form": form}
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
    keys = ("separator", "encoding", "decimal", "missing", *AROUND)
    reader = {key: settings.data.reader[key] for key in keys if key in settings.data.reader}
    kept = {name: said[name] for name in ("guard", "lookups", "log")}
    return {**kept, "assumptions": judged, "reader": reader}


def _row_wise(assumption: Mapping[str, Any], needed: set[str]) -> bool:
    if assumption.get("use") == "rule":
        from regrow_data.expression import parse

        return set(parse(assumption["rule"])[1].values()) <= needed
    return assumption.get("use") in ("range", "allowed") and assumption["column"] in needed


def _check_recorded(made: Bundle, table: pd.DataFrame, predictions: pd.DataFrame, training: np.ndarray) -> int:
    """Scores held-out rows from their raw columns. Raises RegrowError if one is not, to the bit, what was recorded.

    None is scored where the model learnt from some of them: other fits than the model's predicted those.
    """
    if training[predictions["row"].to_numpy()].any():
        return 0
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
    return write(pd.concat([raw, pd.DataFrame(taken)], axis=1), "reference")


def _code(
    settings: BundleSettings, types: Sequence[str], last: Bundle | None, lock: Path | None
) -> tuple[dict[str, bytes], Sequence[sbom.Package]]:
    """The modules that scoring reaches, with what is said of the packages that these need; and these packages."""
    components = [
        use.component for uses in (settings.features.derive, last.steps if last else {}) for use in uses.values()
    ]
    paths = [path for one in components for path in (one.make, one.settings) if path]
    own = [path for path in (*types, *(last.about["types"] if last else ())) if sbom.is_ours(_top(path))]
    reached = Code({*OWN, *map(_top, [*paths, *own])})
    reached.reach([*paths, *own, *(f"{entry.__module__}:{entry.__name__}" for entry in ENTRIES)])
    others = {_top(path) for path in (*types, *(last.about["types"] if last else ())) if path not in own}
    named = [name for one in components for name in one.packages]
    packages = sbom.packages(reached.outside | others | {"numpy", "pandas", "scipy", "sklearn", "skops"}, named)
    project = lock.read_text(encoding="utf-8") if lock else ""
    if missing := requirements.without_hashes(packages, project):
        names = ", ".join(missing[:5])
        log.warning("bundle: requirements.lock has no hashes for %s in these versions, so the bundle's has none", names)
    files = {
        **{f"{CODE}/{path}": source for path, source in reached.members().items()},
        "__main__.py": MAIN,
        LOCK: requirements.lock(packages, project),
        "licences.json": archive.dumps({one.name: one.licence for one in packages}),
    }
    return files, packages


def _top(path: str) -> str:
    return path.partition(":")[0].partition(".")[0]


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
