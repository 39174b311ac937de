"""What a name of a library asks: the clock, chance, or the machine. Tables, and calls that count only without a seed.

Random numbers of a seeded generator ask nothing, nor does a date that is given. `id()` is not looked at, nor `hash()`,
whose seed is fixed in every stage.
"""

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

CLOCK, CHANCE, MACHINE = "clock", "chance", "machine"
RANDOM, NUMPY = "random", "numpy.random"  # generators that all of a process share


class Question(NamedTuple):
    """kind: one of the three above. shared: the shared generator it draws from, and so needs no seed of its own where
    that has one; "" for none. seeds: it asks nothing, but seeds that generator."""

    kind: str
    shared: str = ""
    seeds: bool = False


def _of(module: str, *names: str) -> set[str]:
    return {f"{module}.{name}" for name in names}


_ALWAYS = {
    CLOCK: {
        *_of("datetime.datetime", "now", "today", "utcnow"),
        *_of("time", "time", "monotonic", "perf_counter", "process_time", "thread_time", "clock_gettime"),
        *_of("time", "time_ns", "monotonic_ns", "perf_counter_ns", "process_time_ns", "thread_time_ns"),
        *_of("time", "clock_gettime_ns"),
        *_of("pandas.Timestamp", "now", "today", "utcnow"),
        *_of("os", "times", "path.getatime", "path.getctime", "path.getmtime"),
        *_of("timeit", "default_timer", "repeat", "timeit"),
        *("arrow.now", "arrow.utcnow", "datetime.date.today", "dateutil.utils.today", "pandas.Period.now"),
        *("pendulum.now", "pendulum.today", "pendulum.tomorrow", "pendulum.yesterday"),
    },
    CHANCE: {
        *_of("os", "getrandom", "urandom"),
        *_of("uuid", "uuid1", "uuid4", "uuid6", "uuid7"),
        *_of("random", "SystemRandom"),
        *_of("secrets", "choice", "randbelow", "randbits", "SystemRandom"),
        *_of("secrets", "token_bytes", "token_hex", "token_urlsafe"),
    },
    MACHINE: {
        *_of("os", "cpu_count", "environ", "environb", "getenv", "getenvb", "getloadavg", "getlogin", "getpid"),
        *_of("os", "getppid", "getgid", "getuid", "geteuid", "process_cpu_count", "sched_getaffinity", "uname"),
        *_of("os.path", "expanduser", "expandvars"),
        *_of("pathlib.Path", "home", "expanduser"),
        *_of("platform", "machine", "node", "platform", "processor", "release", "uname", "version"),
        *_of("socket", "getfqdn", "gethostname"),
        *_of("multiprocessing", "cpu_count", "current_process"),
        *_of("psutil", "cpu_count", "cpu_percent", "virtual_memory", "users"),
        *("getpass.getuser", "joblib.cpu_count", "pwd.getpwuid", "threading.get_native_id", "uuid.getnode"),
    },
}
_KINDS = {name: kind for kind, names in _ALWAYS.items() for name in names}
# how many arguments it takes so that it asks no clock
_WITH_TIME = {
    **dict.fromkeys(("time.asctime", "time.ctime", "time.gmtime", "time.localtime"), 1),
    **{"time.strftime": 2, "email.utils.formatdate": 1, "email.utils.localtime": 1},
}
_DATES = {
    *_of("pandas", "Timestamp", "to_datetime", "DatetimeIndex", "Period", "date_range", "bdate_range", "period_range"),
    "numpy.datetime64",
}
_GENERATORS = {
    *_of("numpy.random", "default_rng", "RandomState", "SeedSequence", "MT19937", "PCG64", "PCG64DXSM", "Philox"),
    *("numpy.random.SFC64", "random.Random"),
}
_SEEDS = ("seed", "entropy", "x", "bit_generator")  # what generators call it
_SETTING = {"os.environ.setdefault", "os.environ.update"}
_SHARED = {
    RANDOM: {
        *("betavariate", "binomialvariate", "choice", "choices", "expovariate", "gammavariate", "gauss", "getrandbits"),
        *("lognormvariate", "normalvariate", "paretovariate", "randbytes", "randint", "random", "randrange", "sample"),
        *("shuffle", "triangular", "uniform", "vonmisesvariate", "weibullvariate"),
    },
    NUMPY: set[str](),  # all but these:
}
_NOT_DRAWN = {"bit_generator", "default_rng", "get_bit_generator", "get_state", "mtrand", "seed", "set_bit_generator"}
_NOT_DRAWN |= {"set_state", "test"}
_SPLITTERS = {"KFold", "StratifiedKFold", "StratifiedGroupKFold", "GroupKFold"}
_SHUFFLING = {
    *_of("sklearn.utils", "resample", "shuffle"),
    *_of("sklearn.model_selection", "train_test_split", "ShuffleSplit", "GroupShuffleSplit", "StratifiedShuffleSplit"),
    *_of("sklearn.model_selection", "RepeatedKFold", "RepeatedStratifiedKFold", *_SPLITTERS),
}
_SAMPLING = {"axis", "frac", "ignore_index", "n", "replace", "weights"}  # of pandas' sample
METHODS = {"rvs", "sample"}
# one of these is in all that asks: to tell quickly that most code does not
_TELLING = {
    *(name.rpartition(".")[2] for names in (_KINDS, _WITH_TIME, _DATES, _GENERATORS, _SHUFFLING) for name in names),
    *("__import__", "import_module", "seed", RANDOM, NUMPY, *_SHARED[RANDOM]),
}


def may_ask(chain: Iterable[str], targets: Iterable[tuple[str, str]]) -> bool:
    """Whether a dotted name that stands for these names in modules can ask anything."""
    return not _TELLING.isdisjoint(chain) or any(not _TELLING.isdisjoint(target) for target in targets)


def question(name: str, call: ast.Call | None) -> Question | None:
    """What a library's dotted name asks, as it stands in the code: `call` if it is called there."""
    words = name.split(".") if name not in _SETTING else ()
    for end in range(2, len(words) + 1):  # os.environ.get asks what os.environ asks
        if kind := _KINDS.get(".".join(words[:end])):
            return Question(kind)
    for shared, drawn in _SHARED.items():
        if name == shared:
            return Question(CHANCE, shared)  # handed around as a value
        module, _, function = name.rpartition(".")
        if module == shared and function == "seed":
            return Question(CHANCE, shared, seeds=True) if call and _is_given(call, _SEEDS) else None
        if module == shared and (
            function in drawn or (not drawn and function not in _NOT_DRAWN and function.islower())
        ):
            return Question(CHANCE, shared)
    return _of_call(name, call) if call else None


def of_method(call: ast.Call, *, known: bool) -> Question | None:
    """What a method asks by its name: scipy's `rvs` without a seed, of whatever; pandas' `sample`, if it is not `known`
    to be of something imported."""
    function = call.func
    if not isinstance(function, ast.Attribute) or _is_given(call, ("random_state", "seed")):
        return None
    owner = function.value.id if isinstance(function.value, ast.Name) else ""
    tables = not known and owner not in {"self", "cls", "rng", "random", "generator"}
    samples = function.attr == "sample" and tables and len(call.args) < 2
    samples &= {word.arg for word in call.keywords} <= {*_SAMPLING, "random_state", "seed"}
    return Question(CHANCE, NUMPY) if samples or (function.attr == "rvs" and len(call.args) < 4) else None


def _of_call(name: str, call: ast.Call) -> Question | None:
    if name in _WITH_TIME:
        given = len(call.args) + len(call.keywords)
        return Question(CLOCK) if given < _WITH_TIME[name] or any(map(_is_none, call.args)) else None
    if name in _DATES:
        return Question(CLOCK) if any(word.strip().lower() in {"now", "today"} for word in _texts(call)) else None
    if name in _GENERATORS:
        return None if _is_given(call, _SEEDS) else Question(CHANCE)
    if name in _SHUFFLING:
        said = {word.arg: getattr(word.value, "value", ...) for word in call.keywords}
        shuffles = said.get("shuffle", name.rpartition(".")[2] not in _SPLITTERS) is not False
        given = _is_given(call, ("random_state",), positional=False)
        return Question(CHANCE, NUMPY) if shuffles and not given else None
    return None


def _is_given(call: ast.Call, names: tuple[str, ...], *, positional: bool = True) -> bool:
    """Whether one of these arguments is there and not None; yes where `**` may bring it."""
    if positional and call.args and names is _SEEDS:
        return not _is_none(call.args[0])
    return any(word.arg is None or (word.arg in names and not _is_none(word.value)) for word in call.keywords)


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _texts(call: ast.Call) -> Iterator[str]:
    """Texts that are arguments, or that stand in a list which is one."""
    for given in (*call.args, *(word.value for word in call.keywords)):
        for part in given.elts if isinstance(given, ast.List | ast.Tuple) else [given]:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield part.value
