"""The libraries that the warm server holds; nothing of a project's, and nothing of a plugin's."""

import contextlib
import gc
import importlib
import os
import site
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum

# What `regrow compile` needs; what every stage needs; and what many of them do, in parts small enough to be waited for.
LIGHT = ("regrow.cli.compile", "regrow.cli.stage", "regrow.build", "hydra", "regrow.tools.hydra", "ruamel.yaml")
CORE = (
    *("numpy", "pandas", "pyarrow.parquet", "pyarrow.csv", "regrow.run"),
    *(f"regrow.artifacts.{kind}" for kind in ("table", "csv", "model", "figure", "plot", "image", "report")),
)
MORE = (
    *("scipy.sparse", "scipy.linalg", "scipy.optimize", "scipy.stats", "joblib", "sklearn.base"),
    *("sklearn.model_selection", "sklearn.pipeline", "sklearn.compose", "sklearn.preprocessing", "sklearn.impute"),
    *("sklearn.linear_model", "sklearn.ensemble", "sklearn.metrics"),
    *("sklearn.neural_network", "sklearn.neighbors", "sklearn.svm", "sklearn.tree", "sklearn.naive_bayes"),
    *("sklearn.cluster", "sklearn.decomposition", "sklearn.feature_selection", "sklearn.inspection"),
    *("scipy.io", "sklearn.datasets", "sklearn.utils._testing", "dask.array", "skops.io"),  # the last needs the others
    *("jinja2", "pandera.pandas", "pyparsing", "PIL.Image", "matplotlib", "matplotlib.colors", "matplotlib.text"),
    *("matplotlib.axes", "matplotlib.figure", "matplotlib.backends.backend_svg", "matplotlib.backends.backend_agg"),
)


class Loaded(IntEnum):
    """How far a server is: what can be begun with what is there."""

    NOTHING = 0
    COMPILES = 1
    STAGES = 2
    ALL = 3


def load_all() -> Iterator[Loaded]:
    """Load part after part; after each, how far that is.

    Stages need not wait for the end: a child loads by itself what its stage needs and is not there yet. The garbage
    collector, which would look at all of it again and again, is off until then; it never looks at what is there now.
    """
    gc.disable()
    reached = Loaded.NOTHING
    for names, there in ((LIGHT, Loaded.COMPILES), (CORE, Loaded.STAGES), (MORE, Loaded.STAGES)):
        for name in names:
            _load(name)
            gc.freeze()
            reached = there if name == names[-1] else reached
            yield reached
    yield from (reached for _ in _remember())
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.enable()
    yield Loaded.ALL


def _load(name: str) -> None:
    """Import a library if it is here and works; who needs it says what is wrong with it."""
    with contextlib.suppress(Exception):
        importlib.import_module(name)


def _remember() -> Iterator[None]:
    """What children ask of packages and of their code, in parts, and last where all that is loaded lies."""
    with contextlib.suppress(Exception):
        yield from importlib.import_module("regrow.fingerprint").prepare()
        importlib.import_module("regrow.io_places").remember_loaded()


def seen() -> dict[str, tuple[int, int, int]]:
    """What was loaded, and where more could be installed: path -> (time, size, inode). Equal: nothing has changed."""
    files = {str(getattr(module, "__file__", None) or "") for module in list(sys.modules.values())}
    folders = {*site.getsitepackages(), site.getusersitepackages(), *os.environ.get("PYTHONPATH", "").split(os.pathsep)}
    return {path: _about(path) for path in files | folders | _installed(folders) if path}


def changed_since(when: int, found: Mapping[str, tuple[int, int, int]]) -> bool:
    """Whether something was written after `when` (nanoseconds), perhaps after it had been loaded."""
    return any(when < written <= time.time_ns() for written, _, _ in found.values())


def _installed(folders: Iterable[str]) -> set[str]:
    """What says which packages are there, and the .pth files, by which other folders take part."""
    found = set()
    for folder in filter(None, folders):
        with contextlib.suppress(OSError):
            for name in os.listdir(folder):  # noqa: PTH208 - as names
                if name.endswith(".pth"):
                    found.add(f"{folder}/{name}")
                elif name.endswith(".dist-info"):
                    found.add(f"{folder}/{name}/METADATA")
    return found


def _about(path: str) -> tuple[int, int, int]:
    try:
        about = os.stat(path)  # noqa: PTH116 - two thousand of them for every command
    except OSError:
        return (0, 0, 0)
    return (about.st_mtime_ns, about.st_size, about.st_ino)
