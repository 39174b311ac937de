"""model: a fitted scikit-learn estimator in a skops file whose bytes depend on the model alone.

Only types on a fixed list are written or read, whatever the file itself says; there is no pickle.
"""

from pathlib import Path
from typing import Any

from regrow.artifacts.model_archive import check_archive
from regrow.artifacts.model_bytes import canonical
from regrow.artifacts.model_schema import check_schema
from regrow.artifacts.model_trees import check_trees
from regrow.artifacts.model_types import TRUSTED

_UNLISTED = "holds types that are not on regrow's list"


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
    check_schema(data)
    if unknown := sorted(set(skops.io.get_untrusted_types(data=data)) - set(TRUSTED)):
        raise ValueError(f"{_UNLISTED}: {', '.join(unknown)}")
    check_trees(value)
    path.write_bytes(data)


def read(path: Path) -> Any:
    """Read it. ValueError if the file is not whole, not as `write` writes it, or holds a type that is not listed.

    Nothing of it is run then, nor is anything unpacked.
    """
    return _load(path.read_bytes())


def _load(data: bytes) -> Any:
    import skops.io
    from skops.io.exceptions import UntrustedTypesFoundException

    check_archive(data)
    check_schema(data)
    try:
        model = skops.io.loads(data, trusted=list(TRUSTED))
    except UntrustedTypesFoundException as error:
        raise ValueError(f"{_UNLISTED}: {str(error).splitlines()[0]}") from None
    except Exception as error:  # whatever a damaged archive makes zipfile, json, numpy or skops raise
        raise ValueError(f"is not a whole skops file: {type(error).__name__}: {error}") from None
    check_trees(model)
    return model
