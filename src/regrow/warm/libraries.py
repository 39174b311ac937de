"""The libraries that the warm server holds; nothing of a project's, and nothing of a plugin's."""

import contextlib
import gc
import importlib
import os
import site
import sys
import time
from collections.abc import Iterable, Mapping

# What `regrow compile` needs; a server that holds these may run it while it loads the others.
LIGHT = ("regrow.cli.compile", "regrow.cli.stage", "regrow.build", "hydra", "regrow.tools.hydra", "ruamel.yaml")
HEAVY = (
    *("numpy", "pandas", "pyarrow.parquet", "pyarrow.csv", "sklearn.base", "regrow.run"),
    *(f"regrow.artifacts.{kind}" for kind in ("table", "csv", "model", "figure", "plot", "image", "report")),
    *("pandera.pandas", "jinja2", "matplotlib.figure", "matplotlib.backends.backend_svg"),
    *("matplotlib.backends.backend_agg", "sklearn.pipeline", "sklearn.compose", "sklearn.preprocessing"),
    *("sklearn.impute", "sklearn.linear_model", "sklearn.ensemble", "sklearn.neural_network", "sklearn.neighbors"),
    *("sklearn.svm", "sklearn.tree", "sklearn.naive_bayes", "sklearn.cluster", "sklearn.decomposition"),
    *("sklearn.feature_selection", "sklearn.model_selection", "sklearn.metrics", "sklearn.inspection", "skops.io"),
)


def load(name: str) -> None:
    """Import a library if it is here and works; who needs it says what is wrong with it."""
    with contextlib.suppress(Exception):
        importlib.import_module(name)


def settle() -> None:
    """To be called when all is loaded: what children ask of packages and of their code is remembered, too.

    What is there now is not looked at by the children's garbage collector.
    """
    with contextlib.suppress(Exception):
        importlib.import_module("regrow.fingerprint").prepare()
        importlib.import_module("regrow.io_places").remember_loaded()
    gc.collect()
    gc.freeze()


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
