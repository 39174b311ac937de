"""The libraries that the warm server holds; nothing of a project's, and nothing of a plugin's."""

import contextlib
import gc
import importlib
import os
import re
import site
import struct
import sys
import time
from collections.abc import Collection, Container, Iterable, Iterator
from enum import IntEnum
from functools import cache
from importlib.machinery import ModuleSpec

from regrow.base import find_source

# What `regrow compile` needs; what every stage needs; and what many of them do, in parts small enough to be waited for.
# skops asks all modules, in the order of their import, for functions that are mostly scipy.special's: it comes early.
LIGHT = (
    "regrow.cli.compile",
    "regrow.cli.stage",
    "regrow.compile.write_and_check",
    "hydra",
    "regrow.tools.hydra",
    "ruamel.yaml",
)
CORE = (
    *(
        "regrow.cli.stage",
        "numpy",
        "scipy.special",
        "pandas",
        "pyarrow.parquet",
        "pyarrow.csv",
        "pyarrow.pandas_compat",
        "regrow.stage.run_stage",
        "pydantic",  # of settings models
    ),
    *(f"regrow.artifacts.{kind}" for kind in ("table", "csv", "record", "metrics", "model", "curve", "figure", "plot")),
    *(f"regrow.artifacts.{kind}" for kind in ("image", "report", "section", "findings", "ledger", "models", "choices")),
    "encodings.cp437",  # for zip archives
)
MODELS = (
    *("scipy.sparse", "scipy.linalg", "scipy.optimize", "scipy.stats", "joblib", "sklearn.base"),
    *("sklearn.model_selection", "sklearn.pipeline", "sklearn.compose", "sklearn.preprocessing", "sklearn.impute"),
    *("sklearn.linear_model", "sklearn.ensemble", "sklearn.metrics"),
    *("sklearn.neural_network", "sklearn.neighbors", "sklearn.svm", "sklearn.tree", "sklearn.naive_bayes"),
    *("sklearn.cluster", "sklearn.decomposition", "sklearn.feature_selection", "sklearn.inspection"),
)
SKOPS, TOOLS = "skops.io", "sklearn.utils._testing"
FILES = ("scipy.io", "sklearn.datasets", "dask.array", SKOPS)  # the last needs the others
PYTHON = sys.stdlib_module_names
READERS = {"omegaconf"}  # of the packages that are wanted, those that no module of a plugin imports
ABOUT = struct.Struct("<qqQ")  # time of the last change, which no call sets, size, inode
ABSENT = ABOUT.pack(0, 0, 0)
_FOUND: dict[str, ModuleSpec | None] = {}
IMPORT = re.compile(r"(?m)^[ \t]*(?:from ([A-Za-z]\w*(?:\.\w+)*) import |import ([A-Za-z]\w*(?:\.\w+)*)(?: as \w+)?$)")


class Loaded(IntEnum):
    """How far a server is: what can be begun with what is there. STAGES: without models. MODELS: without files of them.
    ENOUGH: all but what no project has asked for."""

    NOTHING = 0
    COMPILES = 1
    STAGES = 2
    MODELS = 3
    FILES = 4
    ENOUGH = 5
    ALL = 6


def needed(packages: Container[str], modules: Iterable[str] = ()) -> Loaded:
    """How far a server has to be for a stage that stands on these packages, and on the code of these modules: by itself
    it would take longer."""
    brought = {name.partition(".")[0] for name in (*LIGHT, *CORE, *MODELS, *FILES)}
    libraries = libraries_of(modules) - sys.modules.keys()
    if any(name.partition(".")[0] not in brought for name in libraries):
        return Loaded.ENOUGH
    if "skops" in packages:
        return Loaded.FILES
    return Loaded.MODELS if "scikit-learn" in packages else Loaded.STAGES


def libraries_of(names: Iterable[str]) -> set[str]:
    """The libraries that modules import, anywhere in them, found by their text; a project's own code is not found.

    None is what Python brings, or what has code among the modules. Of other names, those of READERS are libraries.
    """
    modules = {name for name in names if "." in name and not name.startswith("regrow.")}  # ours are in CORE
    followed = {module.partition(".")[0] for module in modules}
    found = {one for module in modules for one in _imported(module) if one.partition(".")[0] not in followed}
    return found | READERS.intersection(names)


@cache
def _imported(module: str) -> frozenset[str]:
    """What one imports that is neither Python's nor a package of regrow."""
    file = find_source.source_of(find_source.find(module, _FOUND))
    try:
        text = file.read_text(encoding="utf-8") if file else ""
    except (OSError, UnicodeDecodeError):
        text = ""
    found = {one or other for one, other in IMPORT.findall(text)}
    tops = {one: one.partition(".")[0] for one in found}
    return frozenset(one for one in found if not tops[one].startswith("regrow") and tops[one] not in PYTHON)


def modules_in(packages: Iterable[str]) -> set[str]:
    """The modules of packages, found without importing them."""
    found = set()
    for package in packages:
        folder = find_source.find_folder(package)
        files = folder.rglob("*.py") if folder else ()
        found |= {".".join(file.relative_to(folder.parent).with_suffix("").parts) for file in files if folder}
    return found


def of_installed() -> set[str]:
    """The modules of all plugins that are installed: who does not say what it wants may want any."""
    from regrow.plugin.manager import installed_plugins

    return modules_in({plugin.value.partition(":")[0].partition(".")[0] for plugin in installed_plugins()}) | READERS


def load_all(wanted: Collection[str], compiles: bool = True, only: bool = False) -> Iterator[Loaded]:
    """Load part after part; after each, how far that is.

    wanted: packages that stages stand on, and modules whose code is looked at, with what these import; it may grow
    meanwhile. compiles: whether compiling comes before stages. only: nobody will ever want more.

    Stages need not wait for the end: a child loads by itself what is not there yet. The garbage collector, which would
    look at all of it again and again, is off until there is enough; it never looks at what is there by then. What
    nobody has asked for comes last: whoever has better to do need not go on.
    """
    gc.disable()
    reached = Loaded.NOTHING
    parts = [(CORE, Loaded.STAGES)]
    parts += [(MODELS, Loaded.MODELS)] if not only or "scikit-learn" in wanted else []
    parts += [(FILES, Loaded.FILES)] if not only or "skops" in wanted else []
    for names, there in [(LIGHT, Loaded.COMPILES), *parts] if compiles else parts:
        for name in names:
            _load(name)
            reached = max(reached, there) if name == names[-1] else reached
            yield reached
    done = set[str]()
    while left := sorted(libraries_of(wanted) - done):
        done.add(left[0])
        yield from (reached for _ in map(_load, (left[0].partition(".")[0], left[0])))
    yield from (reached for _ in _remember(wanted, code=only))  # a replay takes nothing that was kept of code
    gc.freeze()
    gc.enable()
    yield Loaded.ALL if only else Loaded.ENOUGH
    used = {name.partition(".")[0] for name in wanted if "." in name} - {"regrow"}
    for name in () if only else [*LIGHT, *sorted(libraries_of(modules_in(used)) - done)]:
        _load(name)
        yield Loaded.ENOUGH
    yield from (Loaded.ENOUGH for _ in (() if only else _remember()))
    yield Loaded.ALL


def _load(name: str) -> None:
    """Import a library if it is here and works; who needs it says what is wrong with it."""
    with contextlib.suppress(Exception), _without_pytest() if name == SKOPS else contextlib.nullcontext():
        importlib.import_module(name)
    gc.freeze()


@contextlib.contextmanager
def _without_pytest() -> Iterator[None]:
    """To look for estimators, as skops does, scikit-learn imports its tools for tests, and these import pytest: 45 ms
    for marks that no stage uses. Both are afterwards as if nobody had imported them yet."""
    hidden = "pytest" not in sys.modules
    if hidden:
        sys.modules["pytest"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if hidden:
            del sys.modules["pytest"]
        if hidden and TOOLS in sys.modules:
            del sys.modules[TOOLS], sys.modules["sklearn.utils"]._testing


def _remember(wanted: Container[str] | None = None, *, code: bool = True) -> Iterator[None]:
    """What children ask of tables, settings, packages and, if it is to be read now, code, in parts; of those that are
    wanted, None: of all."""
    for look_at in (_look_at_a_table, _look_at_a_model, _look_at_settings):
        with contextlib.suppress(Exception):
            look_at()
        yield
    with contextlib.suppress(Exception):
        yield from importlib.import_module("regrow.fingerprint.fingerprint").prepare(wanted, code=code)
    _remember_loaded()


def _remember_loaded() -> None:
    """Where all that is loaded lies."""
    with contextlib.suppress(Exception):
        importlib.import_module("regrow.stage.io.places").remember_loaded()


def _look_at_a_table() -> None:
    """scikit-learn imports what reads a table, and asks who could extend that, when it is given its first.

    Nothing is computed with it: no thread begins, and no number is drawn.
    """
    if "sklearn.base" not in sys.modules:
        return
    pandas, validation, multiclass = map(
        importlib.import_module, ("pandas", "sklearn.utils.validation", "sklearn.utils.multiclass")
    )
    table = pandas.DataFrame({"a": [0.0, 1.0], "b": [1.0, 0.0]})
    validation.check_array(table)
    multiclass.type_of_target(table["a"])


def _look_at_a_model() -> None:
    """skops decides which of its functions is for which type when it is given the first; one that was not fitted will
    do."""
    if SKOPS not in sys.modules:
        return
    skops, preprocessing = map(importlib.import_module, ("skops.io", "sklearn.preprocessing"))
    skops.loads(skops.dumps(preprocessing.StandardScaler()))


def _look_at_settings() -> None:
    """Both readers of YAML make themselves ready with the first that they read; one of them is not always needed."""
    text = "{a: 1, b: 0.5, c: true, d: null, e: text}"
    importlib.import_module("regrow.base.yaml_files").read_yaml(text, "")
    if "omegaconf" in sys.modules:
        sys.modules["omegaconf"].OmegaConf.create(text)


def lying() -> str:
    """Where all that was loaded lies, and where more could be installed: paths, with NUL between them."""
    files = {str(getattr(module, "__file__", None) or "") for module in list(sys.modules.values())}
    folders = {*site.getsitepackages(), site.getusersitepackages(), *os.environ.get("PYTHONPATH", "").split(os.pathsep)}
    return "\0".join(sorted(path for path in files | folders | _installed(folders) if path))


def look(paths: str) -> bytes:
    """What the system says of these paths. Equal: nothing has changed, and nothing new was installed there.

    One text and one answer, not three thousand objects: a server that has just forked pays for each that it touches.
    """
    told = bytearray()
    for path in paths.split("\0"):
        try:
            about = os.stat(path)  # noqa: PTH116 - for every command
        except OSError:
            told += ABSENT
        else:
            told += ABOUT.pack(about.st_ctime_ns, about.st_size, about.st_ino)
    return bytes(told)


def changed_since(when: int, told: bytes) -> bool:
    """Whether something was written after `when` (nanoseconds), perhaps after it had been loaded."""
    now = time.time_ns()
    return any(when < written <= now for written, _, _ in ABOUT.iter_unpack(told))


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
