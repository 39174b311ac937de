"""model: a fitted scikit-learn estimator in a skops file whose bytes depend on the model alone.

Only types on a fixed list, and those that components declare, are written or read, whatever the file itself says;
there is no pickle.
"""

from pathlib import Path
from typing import Any

from regrow.artifacts.model_archive import check_archive
from regrow.artifacts.model_bytes import canonical
from regrow.artifacts.model_schema import check_schema, places
from regrow.artifacts.model_trees import check_trees
from regrow.artifacts.model_types import TRUSTED, UndeclaredTypeError, declared


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
    """Write it in canonical form. ValueError if it holds a type that `read` would refuse, or classes declared by
    components that are not read back as they were written."""
    import skops.io

    data = canonical(skops.io.dumps(value))
    check_schema(data)
    _check_types(data)
    check_trees(value)
    if declared() and (own := sorted(places(data).keys() & {*declared()})):
        _check_read_back(data, own)
    path.write_bytes(data)


def read(path: Path) -> Any:
    """Read it. ValueError if the file is not whole, not as `write` writes it, or holds a type that is not listed.

    Nothing of it is imported or run then, nor is anything unpacked.
    """
    return _load(path.read_bytes())


def _load(data: bytes) -> Any:
    import skops.io

    check_archive(data)
    check_schema(data)
    _check_types(data)
    try:
        model = skops.io.loads(data, trusted=[*TRUSTED, *declared()])
    except Exception as error:  # whatever a damaged archive makes zipfile, json, numpy, skops or a class raise
        raise ValueError(f"is not a whole skops file: {type(error).__name__}: {error}") from None
    check_trees(model)
    return model


def _check_types(data: bytes) -> None:
    """UndeclaredTypeError where a file names a type that is on no list. Names are compared; nothing is imported."""
    import skops.io

    try:
        unknown = {*skops.io.get_untrusted_types(data=data)} - {*TRUSTED, *declared()}
    except Exception as error:  # as for reading
        raise ValueError(f"is not a whole skops file: {type(error).__name__}: {error}") from None
    if unknown:
        found = places(data)
        raise UndeclaredTypeError({name: found.get(name, ()) for name in unknown})


def _check_read_back(data: bytes, own: list[str]) -> None:
    """A class of somebody's own is tried at once: what can't be read back must not be found out in use."""
    import skops.io

    try:
        same = canonical(skops.io.dumps(_load(data))) == data
        wrong = "" if same else "what is read back is written differently"
    except ValueError as error:
        wrong = str(error)
    if wrong:
        fix = "give the class __getstate__ and __setstate__ of arrays, numbers, text, lists and dicts"
        raise ValueError(f"{', '.join(own)} can't be stored: {wrong}; {fix}")
