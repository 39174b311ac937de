"""The pipeline as ONNX, for programs that can't run Python; written only if it answers as the bundle does.

The row-wise steps and the guard are no part of it: it takes what these make, in the columns of schema.json's features.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from regrow import RegrowError
from regrow_serve import lookups
from regrow_serve.bundle import Bundle, records
from regrow_serve.schema import frame

CLOSEST = 1e-6  # of a probability; of a prediction of a number, relative to it
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
    data = _converted(loaded, X)
    found = _run(data, X, loaded)
    differ, furthest = _apart(found, recorded, loaded)
    if differ or not furthest <= CLOSEST:
        wrong = f"{differ} of {len(X)} reference rows get another prediction, and the furthest is {furthest:.2g} off"
        fix = f"at most {CLOSEST:g} is let through: ONNX has no such missing values, types or kernels; use a wheel"
        raise RegrowError(wrong, where="--onnx", fix=fix)
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


def _converted(loaded: Bundle, X: pd.DataFrame) -> bytes:
    try:
        from skl2onnx import convert_sklearn
        from skl2onnx.common import data_types
    except ImportError:
        raise RegrowError("needs skl2onnx and onnxruntime", where="--onnx", fix=EXTRA) from None
    kinds = {
        "float64": data_types.DoubleTensorType,
        "int64": data_types.Int64TensorType,
        "bool": data_types.BooleanTensorType,
        "str": data_types.StringTensorType,
    }
    if odd := [name for name in X if X[name].dtype.name not in kinds]:
        raise RegrowError(f"the feature {odd[0]!r} is {X[odd[0]].dtype}, which ONNX has not", where="--onnx")
    inputs = [(name, kinds[X[name].dtype.name]([None, 1])) for name in X]
    options = {id(loaded.model): {"zipmap": False}} if loaded.about["probabilities"] else None
    try:
        made = convert_sklearn(loaded.model, "model", inputs, options=options)
    except Exception as error:  # whatever a converter says of what it has no counterpart for
        said = str(error).strip().splitlines()[0][:300]
        raise RegrowError(f"can't be said in ONNX: {type(error).__name__}: {said}", where="--onnx") from None
    return bytes(made.SerializeToString())


def _run(data: bytes, X: pd.DataFrame, loaded: Bundle) -> Mapping[str, np.ndarray]:
    """prediction, and probabilities where there are any."""
    import onnxruntime

    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    given = {name: _tensor(X[name]) for name in X}
    try:
        outputs = session.run(None, {one.name: given[one.name] for one in session.get_inputs()})
    except Exception as error:
        said = str(error).strip().splitlines()[0][:300]
        raise RegrowError(f"ONNX does not run the reference rows: {said}", where="--onnx") from None
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
