"""model: a fitted scikit-learn estimator in a skops file whose bytes depend on the model alone.

skops names the members of its archive by memory addresses and stamps them with the time; both are replaced here.
Only types on a fixed list are written or read, whatever the file itself says; there is no pickle.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

# What fitted estimators of regrow's families hold beyond skops' own list; scikit-learn's and numpy's only.
TRUSTED = (
    "numpy.dtype",
    "sklearn.compose._column_transformer.make_column_selector",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.metrics._dist_metrics.ChebyshevDistance64",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.metrics._dist_metrics.ManhattanDistance64",
    "sklearn.metrics._dist_metrics.MinkowskiDistance64",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
)
_DATE = (1980, 1, 1, 0, 0, 0)


def check(value: Any) -> None:
    """ValueError unless it is a fitted scikit-learn estimator made of types that can be read back safely."""
    from sklearn.base import BaseEstimator
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    if not isinstance(value, BaseEstimator):
        raise ValueError(f"must be a fitted scikit-learn estimator, not {type(value).__name__}")
    try:
        check_is_fitted(value)
    except NotFittedError:
        raise ValueError(f"is a {type(value).__name__} that was not fitted") from None


def write(value: Any, path: Path) -> None:
    """Write it in canonical form. ValueError if it holds a type that `read` would refuse."""
    import skops.io

    data = canonical(skops.io.dumps(value))
    _load(data)
    path.write_bytes(data)


def read(path: Path) -> Any:
    """Read it. ValueError if the file is not whole or holds a type that is not on the list.

    Nothing of it is run then.
    """
    return _load(path.read_bytes())


def _load(data: bytes) -> Any:
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    try:
        return skops.io.loads(data, trusted=list(TRUSTED))
    except UntrustedTypesFoundException as error:
        raise ValueError(f"holds types that are not on regrow's list: {error}") from None
    except Exception as error:  # whatever a damaged archive makes zipfile, json, numpy or skops raise
        raise ValueError(f"is not a whole skops file: {type(error).__name__}: {error}") from None


def canonical(data: bytes) -> bytes:
    """A skops archive with objects and members numbered in the order of the schema, and without dates."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = json.loads(archive.read("schema.json"))
        numbers: dict[Any, int] = {}
        members: dict[str, str] = {}
        _renumber(schema, numbers, members)
        contents = {new: _without_padding(new, archive.read(old)) for old, new in members.items()}
    contents["schema.json"] = json.dumps(schema, indent=1).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(contents):
            archive.writestr(zipfile.ZipInfo(name, _DATE), contents[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _without_padding(name: str, data: bytes) -> bytes:
    """The nodes of a tree are records with unused bytes between them, whatever was in memory there: zeros instead."""
    import numpy as np

    if not name.endswith(".npy"):
        return data
    array = np.load(io.BytesIO(data), allow_pickle=False)
    if not array.dtype.names:
        return data
    clean = np.zeros(array.shape, array.dtype)  # zeros_like leaves the gaps as they come
    for field in array.dtype.names:
        clean[field] = array[field]
    out = io.BytesIO()
    np.save(out, clean, allow_pickle=False)
    return out.getvalue()


def _renumber(node: Any, numbers: dict[Any, int], members: dict[str, str]) -> None:
    if isinstance(node, list):
        for inner in node:
            _renumber(inner, numbers, members)
    elif isinstance(node, dict):
        if "__id__" in node:
            # Equal constants may or may not be one object, as the interpreter likes; they are told apart always.
            key = len(numbers) if node.get("__loader__") == "JsonNode" else ("id", node["__id__"])
            node["__id__"] = numbers.setdefault(key, len(numbers))
        if isinstance(node.get("file"), str):
            stem, _, ending = node["file"].rpartition(".")
            members.setdefault(node["file"], f"{len(members):06d}.{ending}" if stem else node["file"])
            node["file"] = members[node["file"]]
        for inner in node.values():
            _renumber(inner, numbers, members)
