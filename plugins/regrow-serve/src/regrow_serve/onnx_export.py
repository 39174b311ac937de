"""The pipeline as ONNX, for programs that can't run Python; written only if it answers as the bundle does.

The row-wise steps and the guard are no part of it: it takes what these make, in the columns of schema.json's features.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from regrow import RegrowError
from regrow_serve import lookups
from regrow_serve.bundle import Bundle, records
from regrow_serve.schema import frame

CLOSEST = 1e-6  # of a probability; of a prediction of a number, relative to it
WHEEL = "use a wheel, `regrow export`, which is the pipeline itself"
EXTRA = "pip install 'regrow-serve[onnx]'"


@dataclass(frozen=True)
class Parity:
    """What was compared. rows: of the reference. furthest: the largest difference."""

    rows: int
    furthest: float


def write(bundle: Path, out: Path) -> Parity:
    """Write the pipeline of a bundle as an ONNX file.

    Raises RegrowError, and writes nothing, where skl2onnx or onnxruntime is not installed, a step has no counterpart
    in ONNX, or one of the bundle's reference rows gets another answer.
    """
    loaded = Bundle.load(bundle)
    X, recorded = _reference(loaded)
    data, furthest = _converted(loaded, X, recorded)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(data)
    return Parity(len(X), furthest)


def _reference(loaded: Bundle) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Features of the reference rows, and what the bundle answers."""
    table = lookups.read(loaded.members["reference.json"])
    typed = loaded.schema.of_rows(records(table[[one.name for one in loaded.schema.needed]]))
    parts = list(frame(typed, np.arange(typed.rows)))
    X = pd.concat([loaded.features(part) for _, part in parts], ignore_index=True)
    return X, pd.concat([loaded.table(loaded.answer(*one)) for one in parts], ignore_index=True)


def _converted(loaded: Bundle, X: pd.DataFrame, recorded: pd.DataFrame) -> tuple[bytes, float]:
    """The first form that answers alike: numbers as doubles, or as floats, which scikit-learn's trees make of them."""
    if not all(map(find_spec, ("onnx", "onnxruntime", "skl2onnx"))):
        raise RegrowError("needs skl2onnx and onnxruntime", where="--onnx", fix=EXTRA)
    from regrow_serve import onnx_graph

    kinds = {name: X[name].dtype.name for name in X}
    if odd := [name for name, kind in kinds.items() if kind not in onnx_graph.INPUTS]:
        raise RegrowError(f"the feature {odd[0]!r} is {kinds[odd[0]]}, which ONNX has not", where="--onnx")
    failed: list[str] = []
    for form in onnx_graph.FORMS:
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                data = onnx_graph.graph_of(loaded.model, kinds, bool(loaded.about["probabilities"]), form)
            differ, furthest = _apart(_run(data, X, loaded), recorded, loaded)
        except Exception as error:  # whatever a converter says of what it has no counterpart for
            failed.append(f"{type(error).__name__}: {str(error).strip().splitlines()[0][:300]}")
            continue
        if not differ and furthest <= CLOSEST:
            return data, furthest
        others = f"{differ} of {len(X)} reference rows get another prediction, and the furthest is {furthest:.2g} off"
        failed.append(f"{others} (at most {CLOSEST:g} is let through)")
    raise RegrowError(f"no form of the pipeline in ONNX answers as it does: {failed[-1]}", where="--onnx", fix=WHEEL)


def _run(data: bytes, X: pd.DataFrame, loaded: Bundle) -> Mapping[str, np.ndarray]:
    """prediction, and probabilities where there are any."""
    import onnxruntime

    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    given = {name: _tensor(X[name]) for name in X}
    outputs = session.run(None, {one.name: given[one.name] for one in session.get_inputs()})
    names = ("prediction", "probabilities") if loaded.about["probabilities"] else ("prediction",)
    return dict(zip(names, outputs, strict=False))


def _tensor(column: pd.Series) -> np.ndarray:
    if column.dtype.name == "str":
        return column.fillna("").to_numpy(dtype=object).reshape(-1, 1)
    return column.to_numpy().reshape(-1, 1)


def _apart(found: Mapping[str, np.ndarray], recorded: pd.DataFrame, loaded: Bundle) -> tuple[int, float]:
    """How many predictions are others, and how far numbers are apart at most."""
    prediction, wanted = found["prediction"].reshape(-1), recorded["prediction"].to_numpy()
    if loaded.classes is None:
        distance = np.abs(prediction - wanted) / np.maximum(np.abs(wanted), 1.0)
        return 0, float(distance.max(initial=0.0))
    differ = int((prediction.astype(wanted.dtype) != wanted).sum())
    if "probabilities" not in found:
        return differ, 0.0
    columns = [f"probability_{one}" for one in loaded.classes]
    return differ, float(np.abs(found["probabilities"] - recorded[columns].to_numpy()).max(initial=0.0))
