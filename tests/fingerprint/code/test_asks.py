# ruff: noqa: E501 - a little module in one line
"""What code asks of clock, chance and machine is found where a stage reaches it, and nothing else is."""

import itertools

import pytest

from regrow.fingerprint.code.asks import Ask
from regrow.fingerprint.code.asks import asks as unit_asks
from regrow.fingerprint.code.lookup import Code
from regrow.fingerprint.code.reach import Reach
from regrow.plugin.manager import installed_plugins

_numbers = itertools.count(1)


@pytest.fixture
def asks(tmp_path, monkeypatch):
    """Write modules of a package, and follow main.run: what it asks, as (kind, name, file:line)."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def go(main: str, **others: str) -> list[tuple[str, str, str]]:
        package = f"asking{next(_numbers)}"
        for name, text in {"__init__": "", "main": main, **others}.items():
            file = tmp_path / package / f"{name}.py"
            file.parent.mkdir(exist_ok=True)
            file.write_text(text.replace("PKG", package), encoding="utf-8")
        reach = Reach(Code())
        reach.follow(f"{package}.main:run")
        assert all(isinstance(ask, Ask) and ask.unit.startswith(f"{package}.") for ask in reach.asks)
        return list(dict.fromkeys((ask.kind, ask.what, f"{ask.file.stem}:{ask.line}") for ask in reach.asks))

    return go


def of(expression: str, imports: str) -> str:
    return f"import {imports}\ndef run(x, seed):\n    return {expression}\n"


# expression, import, kind, name
ASKING = [
    ("pd.Timestamp.now().year", "pandas as pd", "clock", "pandas.Timestamp.now"),
    ("pd.Timestamp('today')", "pandas as pd", "clock", "pandas.Timestamp"),
    ("pd.to_datetime('Now', utc=True)", "pandas as pd", "clock", "pandas.to_datetime"),
    ("pd.to_datetime(['2020-01-01', 'now'])", "pandas as pd", "clock", "pandas.to_datetime"),
    ("pd.date_range(start=x, end='today')", "pandas as pd", "clock", "pandas.date_range"),
    ("np.datetime64('now', 'D')", "numpy as np", "clock", "numpy.datetime64"),
    ("datetime.date.today()", "datetime", "clock", "datetime.date.today"),
    ("datetime.datetime.now(datetime.timezone.utc)", "datetime", "clock", "datetime.datetime.now"),
    ("d.datetime.utcnow()", "datetime as d", "clock", "datetime.datetime.utcnow"),
    ("t.time_ns()", "time as t", "clock", "time.time_ns"),
    ("time.perf_counter() - x", "time", "clock", "time.perf_counter"),
    ("time.localtime().tm_year", "time", "clock", "time.localtime"),
    ("time.strftime('%Y')", "time", "clock", "time.strftime"),
    ("time.ctime(None)", "time", "clock", "time.ctime"),
    ("os.path.getmtime(x)", "os", "clock", "os.path.getmtime"),
    ("__import__('time').time()", "math", "clock", "time.time"),
    ("importlib.import_module('time').time()", "importlib", "clock", "time.time"),
    ("np.random.default_rng()", "numpy as np", "chance", "numpy.random.default_rng"),
    ("np.random.default_rng(seed=None).random()", "numpy as np", "chance", "numpy.random.default_rng"),
    ("np.random.Generator(np.random.PCG64())", "numpy as np", "chance", "numpy.random.PCG64"),
    ("np.random.RandomState().rand()", "numpy as np", "chance", "numpy.random.RandomState"),
    ("np.random.standard_normal(3)", "numpy as np", "chance", "numpy.random.standard_normal"),
    ("list(map(np.random.shuffle, x))", "numpy as np", "chance", "numpy.random.shuffle"),
    ("x.draw(rng=np.random)", "numpy as np", "chance", "numpy.random"),
    ("random.Random().random()", "random", "chance", "random.Random"),
    ("random.sample(x, 3)", "random", "chance", "random.sample"),
    ("sorted(x, key=lambda _: random.random())", "random", "chance", "random.random"),
    ("secrets.token_hex()", "secrets", "chance", "secrets.token_hex"),
    ("uuid.uuid4().hex", "uuid", "chance", "uuid.uuid4"),
    ("os.urandom(4)", "os", "chance", "os.urandom"),
    ("x.sample(frac=0.5)", "math", "chance", "sample"),
    ("x[x.a > 1].sample(5)", "math", "chance", "sample"),
    ("x.groupby('a').sample(n=1, random_state=None)", "math", "chance", "sample"),
    ("stats.norm.rvs(size=3)", "scipy.stats as stats", "chance", "rvs"),
    ("m.train_test_split(x, test_size=0.2)", "sklearn.model_selection as m", "chance", "sklearn.model_selection.train_test_split"),
    ("m.KFold(5, shuffle=True)", "sklearn.model_selection as m", "chance", "sklearn.model_selection.KFold"),
    ("sklearn.utils.shuffle(x)", "sklearn.utils", "chance", "sklearn.utils.shuffle"),
    ("socket.gethostname()", "socket", "machine", "socket.gethostname"),
    ("platform.uname().node", "platform", "machine", "platform.uname.node"),
    ("getpass.getuser()", "getpass", "machine", "getpass.getuser"),
    ("os.getpid()", "os", "machine", "os.getpid"),
    ("os.environ['A']", "os", "machine", "os.environ"),
    ("os.environ.get('A')", "os", "machine", "os.environ.get"),
    ("'A' in os.environ", "os", "machine", "os.environ"),
    ("os.getenv('A', x)", "os", "machine", "os.getenv"),
    ("os.cpu_count()", "os", "machine", "os.cpu_count"),
    ("pathlib.Path.home()", "pathlib", "machine", "pathlib.Path.home"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "imports", "kind", "name"), ASKING, ids=lambda one: one[:40])
def test_what_asks_is_named_with_its_line(asks, expression, imports, kind, name):
    name = name.removesuffix(".node")  # of a call's result, the call counts
    assert asks(of(expression, imports)) == [(kind, name, "main:3")]


SILENT = [
    ("pd.Timestamp('2026-01-31')", "pandas as pd"),
    ("pd.to_datetime(x['today'])", "pandas as pd"),
    ("x.rename(columns={'now': 'today'})", "pandas as pd"),
    ("pd.Series(x, name='now')", "pandas as pd"),
    ("datetime.datetime(2026, 1, 31), datetime.timedelta(1), datetime.datetime.fromtimestamp(x)", "datetime"),
    ("time.strftime('%Y', x), time.localtime(x), time.gmtime(0), time.sleep(0)", "time"),
    ("x.now(), x.today(), x.time()", "time"),
    ("[time.time for time in x]", "time"),
    ("(lambda random: random.random())(x)", "random"),
    ("np.random.default_rng(seed).normal()", "numpy as np"),
    ("np.random.default_rng(random_state(seed, 'run'))", "numpy as np"),
    ("np.random.RandomState(seed).rand(3), np.random.Generator(np.random.PCG64(seed))", "numpy as np"),
    ("isinstance(x, np.random.RandomState), np.random.SeedSequence(seed).spawn(2)", "numpy as np"),
    ("random.Random(seed).random(), random.Random(x=1)", "random"),
    ("x.sample(5, random_state=seed), x.sample(frac=1, seed=seed), x.sample(**seed)", "math"),
    ("rng.sample(x, 3), self.sample(x), x.sample(x, seed, 3)", "math"),
    ("stats.norm.rvs(size=3, random_state=seed), stats.norm.pdf(x)", "scipy.stats as stats"),
    ("m.train_test_split(x, random_state=seed), m.train_test_split(x, shuffle=False)", "sklearn.model_selection as m"),
    ("m.KFold(5), m.KFold(5, shuffle=True, random_state=seed), m.ShuffleSplit(**x)", "sklearn.model_selection as m"),
    ("os.path.join(x, os.sep), os.fspath(x)", "os"),
    ("x.environ, x.getpid(), x.gethostname()", "os"),
    ("id(x), hash(x)", "math"),
]


@pytest.mark.parametrize(("expression", "imports"), SILENT, ids=lambda one: one[:40])
def test_what_only_looks_like_it_is_not(asks, expression, imports):
    assert asks(of(expression, imports)) == []


# how it comes to be there, with the line it is named on
WAYS = {
    "renamed": ("from datetime import datetime as dt\ndef run():\n    return dt.now()\n", 3),
    "from a module": ("from numpy.random import rand as r\ndef run():\n    return r(2)\n", 3),
    "imported inside": ("def run():\n    from time import time\n    return time()\n", 3),
    "by a star": ("from random import *\ndef run():\n    return randint(1, 2)\n", 3),
    "alias of a module": ("import numpy as np\ndef run():\n    rng = np.random\n    return rng.rand()\n", 3),
    "alias of a class": ("import datetime\ndef run():\n    dt = datetime.datetime\n    return dt.now()\n", 4),
    "alias above": ("import datetime\ndt = datetime.datetime\ndef run():\n    return dt.now()\n", 4),
    "alias of a function": ("import time\nclock = time.time\ndef run():\n    return clock()\n", 2),
    "module-level": ("from datetime import date\nYEAR = date.today().year\ndef run():\n    return YEAR\n", 2),
    "bare statement": ("import os\nif os.environ.get('FAST'):\n    N = 1\nelse:\n    N = 2\ndef run():\n    return N\n", 2),
    "default argument": ("import time\ndef run(at=time.time()):\n    return at\n", 2),
    "keyword default": ("import time\ndef run(*, at=time.time()):\n    return at\n", 2),
    "decorator": ("import os\ndef deco(x):\n    return lambda f: f\n@deco(os.getpid())\ndef run():\n    return 1\n", 4),
    "lambda": ("import random\nPICK = lambda x: random.choice(x)\ndef run():\n    return PICK\n", 2),
    "comprehension": ("import random\ndef run(x):\n    return {k: random.random() for k in x}\n", 3),
    "class attribute": ("import time\nclass A:\n    at = time.time()\ndef run():\n    return A.at\n", 3),
    "method": ("import time\nclass A:\n    def f(self, time_=0):\n        return time.time()\ndef run():\n    return A().f()\n", 4),
    "beside a method that has that name": ("import time\nclass A:\n    def g(self, time):\n        return time.time()\n    def f(self):\n        return time.time()\ndef run():\n    return A().f()\n", 6),
    "nested function": ("import time\ndef run():\n    def inner():\n        return time.time()\n    return inner()\n", 4),
    "factory of a field": ("import dataclasses\nfrom datetime import datetime\n@dataclasses.dataclass\nclass A:\n    at: datetime = dataclasses.field(default_factory=datetime.now)\ndef run():\n    return A()\n", 5),
    "generator of a field": ("import dataclasses, random\n@dataclasses.dataclass\nclass A:\n    r: object = dataclasses.field(default_factory=random.Random)\ndef run():\n    return A()\n", 4),
    "f-string": ("import time\ndef run():\n    return f'{time.time()}'\n", 3),
    "over lines": ("import time\ndef run():\n    return [\n        1,\n        time.time(),\n    ]\n", 5),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_it_is_found_however_it_comes_there(asks, way):
    code, line = WAYS[way]
    places = [place for _, _, place in asks(code)]
    assert places[0] == f"main:{line}"
    assert len(places) == 1 or "alias" in way  # an alias is named, and where it is used, too


def test_it_is_found_through_other_modules_and_in_them(asks):
    main = "from PKG.compat import dt, rng\nfrom PKG import util, compat\ndef run():\n    return dt.now(), rng(), util.f(), compat.now()\n"
    compat = "from datetime import datetime as dt\nfrom numpy.random import default_rng as rng\nnow = dt.utcnow\n"
    util = "import os\ndef f():\n    return os.getpid()\ndef unused():\n    return os.getlogin()\n"
    assert asks(main, compat=compat, util=util) == [
        ("chance", "numpy.random.default_rng", "main:4"),
        ("clock", "datetime.datetime.now", "main:4"),
        ("clock", "datetime.datetime.utcnow", "compat:3"),
        ("clock", "datetime.datetime.utcnow", "main:4"),
        ("machine", "os.getpid", "util:3"),
    ]


@pytest.mark.parametrize("use", ["from PKG import compat\ndef run():\n    return compat.rng()\n", "import PKG.compat\ndef run():\n    return PKG.compat.rng()\n", "from PKG.compat import *\ndef run():\n    return rng()\n", "from numpy.random import default_rng\nr = default_rng\ndef run():\n    return r()\n", "from PKG.compat import rng as f\ndef run():\n    g = f\n    return g()\n"])  # fmt: skip
def test_it_is_found_by_names_that_say_nothing(asks, use):
    compat = "from numpy.random import default_rng as rng\n"
    assert [what for _, what, _ in asks(use, compat=compat)] == ["numpy.random.default_rng"]
    assert asks(use.replace("()\n", "(1)\n").replace("run(1)", "run()"), compat=compat) == []


def test_annotations_and_what_only_type_checkers_read_ask_nothing(asks):
    code = "import time, random, os\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from datetime import datetime\ndef run(rng: random.Random, x: 'datetime') -> os.environ:\n    y: random.Random = rng\n    return y\n"
    assert asks(code) == []


def test_writing_the_environment_asks_nothing(asks):
    code = "import os\ndef run():\n    os.environ['A'] = '1'\n    os.environ.setdefault('B', '2')\n    del os.environ['A']\n"
    assert asks(code) == []


@pytest.mark.parametrize("seed", ["np.random.seed(seed)", "np.random.seed(seed=seed)"])
def test_a_shared_generator_that_is_seeded_is_no_chance(asks, seed):
    code = f"import numpy as np, random\nfrom PKG.util import f\ndef run(seed):\n    {seed}\n    return f(), np.random.rand(), random.random()\n"
    util = "import numpy as np\ndef f():\n    return np.random.permutation(3), np.random.default_rng()\n"
    assert {what for _, what, _ in asks(code, util=util)} == {"random.random", "numpy.random.default_rng"}
    assert "numpy.random.rand" in {what for _, what, _ in asks(code.replace(seed, "np.random.seed()"), util=util)}


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        ("# regrow: harmless clock", True),
        ("# regrow: harmless clock: for the log alone", True),
        ("#regrow:harmless machine, clock", True),
        ("# regrow: harmless chance", False),
        ("# regrow: harmless", False),
        ("# harmless clock", False),
    ],
)
def test_a_comment_on_the_line_or_above_says_that_it_is_harmless(asks, comment, silent):
    beside = f"import time\ndef run():\n    time.time()  {comment}\n"
    above = f"import time\ndef run():\n    {comment}\n    time.time()\n"
    for code in (beside, above):
        assert bool(asks(code)) is not silent
    assert asks(f"{beside}    return time.time()\n")[-1] == ("clock", "time.time", "main:4")  # that line, no other


def test_a_deep_expression_is_no_trouble(asks):
    assert asks(f"import time\ndef run(x):\n    return {' + '.join(['x'] * 900)} + time.time()\n")


def test_the_plugins_of_this_repository_ask_nothing():
    """But for regrow-serve, whose server and drill have deadlines; compiling names what its one stage reaches of them."""
    found = {plugin.value.partition(":")[0].partition(".")[0] for plugin in installed_plugins()}
    packages = sorted(found - {"regrow_serve"})
    code = Code(packages)
    assert len(packages) >= 4
    for package in [*packages, "regrow.plugin.randomness", "regrow.artifacts"]:
        for source in filter(None, map(code.source, code.modules_of(package))):
            nodes = [*source.body, *(node for nodes in source.definitions.values() for node in nodes)]
            assert unit_asks(code, source, "all", nodes) == ([], set())
