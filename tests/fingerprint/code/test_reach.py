# ruff: noqa: E501 - a little module in one line
"""What a function can reach: edits that can change a result change the hash; all others leave it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from regrow.base.errors import RegrowError
from regrow.fingerprint import kept
from regrow.fingerprint.code.lookup import Code
from regrow.fingerprint.code.reach import Reach

Walk = Callable[..., Reach]


def put(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


@pytest.fixture
def walk(tmp_path: Path, monkeypatch) -> Walk:
    """Write files under src/ and follow app.main:run (or another) from there; what is kept of it says the same."""
    monkeypatch.setenv("REGROW_HOME", str(tmp_path / "home"))
    source = tmp_path / "src"
    source.mkdir()
    monkeypatch.syspath_prepend(str(source))

    def go(files: dict[str, str], path: str = "app.main:run") -> Reach:
        put(source, {"app/__init__.py": ""} | files if not (source / "app/__init__.py").exists() else files)
        reach = Reach(Code())
        reach.follow(path)
        for one in (kept.reach(Code(), [path]), kept.reach(Code(), [path])):
            assert (*seen(one), one.dynamic, one.asks) == (*seen(reach), reach.dynamic, reach.asks)
        return reach

    return go


def seen(reach: Reach) -> tuple:
    return reach.units, reach.imports, reach.data


# name: (files, the file that is edited, what is replaced, by what)
CHANGES: dict[str, tuple[dict[str, str], str, str, str]] = {
    "itself": ({"app/main.py": "def run():\n    return 1\n"}, "app/main.py", "1", "2"),
    "helper": ({"app/main.py": "def h():\n    return 1\ndef run():\n    return h()\n"}, "app/main.py", "1", "2"),
    "helper in another module": (
        {"app/main.py": "from app.h import h\ndef run():\n    return h()\n", "app/h.py": "def h():\n    return 1\n"},
        "app/h.py",
        "1",
        "2",
    ),
    "through two modules": (
        {
            "app/main.py": "from app.a import a\ndef run():\n    return a()\n",
            "app/a.py": "from app.b import b\ndef a():\n    return b()\n",
            "app/b.py": "def b():\n    return 1\n",
        },
        "app/b.py",
        "1",
        "2",
    ),
    "from . import module": (
        {"app/main.py": "from . import h\ndef run():\n    return h.f()\n", "app/h.py": "def f():\n    return 1\n"},
        "app/h.py",
        "1",
        "2",
    ),
    "from . import module, which __init__ imports too": (
        {
            "app/__init__.py": "from . import h\n",
            "app/main.py": "from . import h\ndef run():\n    return h.f()\n",
            "app/h.py": "def f():\n    return 1\n",
        },
        "app/h.py",
        "1",
        "2",
    ),
    "import a.b.c as d": (
        {
            "app/main.py": "import app.x.y as d\ndef run():\n    return d.f()\n",
            "app/x/__init__.py": "",
            "app/x/y.py": "def f():\n    return 1\n",
        },
        "app/x/y.py",
        "1",
        "2",
    ),
    "import a.b.c": (
        {
            "app/main.py": "import app.x.y\ndef run():\n    return app.x.y.f()\n",
            "app/x/__init__.py": "",
            "app/x/y.py": "def f():\n    return 1\n",
        },
        "app/x/y.py",
        "1",
        "2",
    ),
    "import a.b.c in a namespace package": (
        {
            "app/main.py": "import spread.x.y\ndef run():\n    return spread.x.y.f()\n",
            "spread/x/y.py": "def f():\n    return 1\n",
        },
        "spread/x/y.py",
        "1",
        "2",
    ),
    "from namespace import package": (
        {
            "app/main.py": "from spread import x\nimport spread.x.y\ndef run():\n    return x.y.f()\n",
            "spread/x/y.py": "def f():\n    return 1\n",
        },
        "spread/x/y.py",
        "1",
        "2",
    ),
    "re-export": (
        {
            "app/main.py": "from app.x import f\ndef run():\n    return f()\n",
            "app/x/__init__.py": "from app.x.y import f\n",
            "app/x/y.py": "def f():\n    return 1\n",
        },
        "app/x/y.py",
        "1",
        "2",
    ),
    "a re-exported module": (
        {
            "app/main.py": "import app.x as x\ndef run():\n    return x.y.f()\n",
            "app/x/__init__.py": "from app.x import y\n",
            "app/x/y.py": "def f():\n    return 1\n",
        },
        "app/x/y.py",
        "1",
        "2",
    ),
    "a re-export that points elsewhere": (
        {
            "app/main.py": "from app.x import f\nfrom app.y import a, b\ndef run():\n    return f(), a(), b()\n",
            "app/x.py": "from app.y import a as f\n",
            "app/y.py": "def a():\n    return 1\ndef b():\n    return 2\n",
        },
        "app/x.py",
        "a as f",
        "b as f",
    ),
    "star import": (
        {"app/main.py": "from app.h import *\ndef run():\n    return f()\n", "app/h.py": "def f():\n    return 1\n"},
        "app/h.py",
        "1",
        "2",
    ),
    "star import of a builtin's name": (
        {
            "app/main.py": "from app.h import *\ndef run():\n    return sum([1])\n",
            "app/h.py": "def sum(x):\n    return 1\n",
        },
        "app/h.py",
        "return 1",
        "return 2",
    ),
    "star import over a definition": (
        {
            "app/main.py": "def f():\n    return 0\nfrom app.h import *\ndef run():\n    return f()\n",
            "app/h.py": "def f():\n    return 1\n",
        },
        "app/h.py",
        "1",
        "2",
    ),
    "star import in a condition": (
        {
            "app/main.py": "try:\n    from app.h import *\nexcept ImportError:\n    pass\ndef run():\n    return f()\n",
            "app/h.py": "def f():\n    return 1\n",
        },
        "app/h.py",
        "1",
        "2",
    ),
    "star import of a star import": (
        {
            "app/main.py": "from app.h import *\ndef run():\n    return f()\n",
            "app/h.py": "from app.g import *\n",
            "app/g.py": "def f():\n    return 1\n",
        },
        "app/g.py",
        "1",
        "2",
    ),
    "__all__ decides between two stars": (
        {
            "app/main.py": "from app.g import *\nfrom app.h import *\ndef run():\n    return f()\n",
            "app/g.py": "def f():\n    return 1\n",
            "app/h.py": "__all__ = ['f']\ndef f():\n    return 2\n",
        },
        "app/h.py",
        "['f']",
        "[]",
    ),
    "method": (
        {"app/main.py": "class A:\n    def f(self):\n        return 1\ndef run():\n    return A().f()\n"},
        "app/main.py",
        "1",
        "2",
    ),
    "base class": (
        {
            "app/main.py": "from app.h import Base\nclass A(Base):\n    pass\ndef run():\n    return A().f()\n",
            "app/h.py": "class Base:\n    def f(self):\n        return 1\n",
        },
        "app/h.py",
        "1",
        "2",
    ),
    "decorator": (
        {
            "app/main.py": "from app.h import twice\n@twice\ndef run():\n    return 1\n",
            "app/h.py": "def twice(f):\n    return lambda: 2 * f()\n",
        },
        "app/h.py",
        "2 * f",
        "3 * f",
    ),
    "what a registering decorator files": (
        {
            "app/main.py": "from app import table\nimport app.extra\ndef run():\n    return table.ALL['x']()\n",
            "app/table.py": "ALL = {}\ndef file(name):\n    def inner(f):\n        ALL[name] = f\n        return f\n    return inner\n",
            "app/extra.py": "from app.table import file\n@file('x')\ndef odd():\n    return 1\n",
        },
        "app/extra.py",
        "1",
        "2",
    ),
    "a decorator fetched from a table": (
        {
            "app/main.py": "D = {'a': lambda f: R.append(f)}\nR = []\n@D['a']\ndef odd():\n    return 1\ndef run():\n    return R[0]()\n"
        },
        "app/main.py",
        "return 1",
        "return 2",
    ),
    "a method filed by a decorator": (
        {
            "app/main.py": "R = []\ndef keep(f):\n    R.append(f)\n    return f\nclass A:\n    @keep\n    def m(self):\n        return 1\ndef run():\n    return R[0](None)\n"
        },
        "app/main.py",
        "return 1",
        "return 2",
    ),
    "a class filed by a library's decorator": (
        {
            "app/main.py": "import app.extra\ndef run(table):\n    return table.odd.f()\n",
            "app/extra.py": "import pandas as pd\n@pd.api.extensions.register_dataframe_accessor('odd')\nclass Odd:\n    def f(self):\n        return 1\n",
        },
        "app/extra.py",
        "1",
        "2",
    ),
    "a class filed by __init_subclass__": (
        {
            "app/main.py": "from app import h\nimport app.extra\ndef run():\n    return h.Base.known[0]().f()\n",
            "app/h.py": "class Base:\n    known = []\n    def __init_subclass__(cls):\n        Base.known.append(cls)\n",
            "app/extra.py": "from app.h import Base\nclass Odd(Base):\n    def f(self):\n        return 1\n",
        },
        "app/extra.py",
        "1",
        "2",
    ),
    "a class filed by a metaclass": (
        {
            "app/main.py": "ALL = []\nclass M(type):\n    def __init__(cls, *rest):\n        ALL.append(cls)\nclass Odd(metaclass=M):\n    def f(self):\n        return 1\ndef run():\n    return ALL[0]().f()\n",
        },
        "app/main.py",
        "return 1",
        "return 2",
    ),
    "__subclasses__": (
        {
            "app/main.py": "class Base:\n    pass\nclass Odd(Base):\n    x = 1\ndef run():\n    return Base.__subclasses__()[0].x\n"
        },
        "app/main.py",
        "1",
        "2",
    ),
    "an assignment that files": (
        {
            "app/main.py": "R = []\ndef keep(f):\n    R.append(f)\n    return f\nkept = keep(lambda: 1)\ndef run():\n    return R[0]()\n"
        },
        "app/main.py",
        ": 1",
        ": 2",
    ),
    "an assignment that files through a function handed over": (
        {
            "app/main.py": "R = []\ndef via(add):\n    def inner(f):\n        add(f)\n        return f\n    return inner\n@via(R.append)\ndef odd():\n    return 1\ndef run():\n    return R[0]()\n"
        },
        "app/main.py",
        "return 1",
        "return 2",
    ),
    "an assignment that sets a library": (
        {"app/main.py": "import numpy as np\n_old = np.seterr(all='raise')\ndef run(x):\n    return x / 0\n"},
        "app/main.py",
        "raise",
        "ignore",
    ),
    "a class body that files": (
        {"app/main.py": "R = {}\nclass A:\n    R['x'] = 1\ndef run():\n    return R['x']\n"},
        "app/main.py",
        "= 1",
        "= 2",
    ),
    "a default argument that files": (
        {
            "app/main.py": "R = []\ndef keep(x):\n    R.append(x)\ndef odd(x=keep(1)):\n    pass\ndef run():\n    return R[0]\n"
        },
        "app/main.py",
        "keep(1)",
        "keep(2)",
    ),
    "dispatch table": (
        {"app/main.py": "def a():\n    return 1\nTABLE = {'a': a}\ndef run(k):\n    return TABLE[k]()\n"},
        "app/main.py",
        "return 1",
        "return 2",
    ),
    "dispatch table filled afterwards": (
        {"app/main.py": "TABLE = {}\ndef a():\n    return 1\nTABLE['a'] = a\ndef run(k):\n    return TABLE[k]()\n"},
        "app/main.py",
        "return 1",
        "return 2",
    ),
    "singledispatch": (
        {
            "app/main.py": "from functools import singledispatch\n@singledispatch\ndef f(x):\n    return 0\n@f.register\ndef _(x: int):\n    return 1\ndef run():\n    return f(1)\n"
        },
        "app/main.py",
        "return 1",
        "return 2",
    ),
    "default argument": (
        {"app/main.py": "LIMIT = 1\ndef run(x=LIMIT):\n    return x\n"},
        "app/main.py",
        "= 1",
        "= 2",
    ),
    "lambda": ({"app/main.py": "f = lambda x: x + 1\ndef run():\n    return f(1)\n"}, "app/main.py", "x + 1", "x + 2"),
    "partial": (
        {
            "app/main.py": "from functools import partial\ndef h(x):\n    return x + 1\nf = partial(h, 2)\ndef run():\n    return f()\n"
        },
        "app/main.py",
        "x + 1",
        "x + 2",
    ),
    "constant": ({"app/main.py": "LIMIT = 1\ndef run():\n    return LIMIT\n"}, "app/main.py", "1", "2"),
    "constant of a module": (
        {"app/main.py": "from app import h\ndef run():\n    return h.LIMIT\n", "app/h.py": "LIMIT = 1\n"},
        "app/h.py",
        "1",
        "1.0",
    ),
    "a constant added to": (
        {"app/main.py": "L = [1]\nL += [2]\ndef run():\n    return L\n"},
        "app/main.py",
        "+= [2]",
        "+= [3]",
    ),
    "a constant bound by a walrus": (
        {"app/main.py": "a = (b := 1)\ndef run():\n    return b\n"},
        "app/main.py",
        "1",
        "2",
    ),
    "unpacked constants": (
        {"app/main.py": "a, (b, *c) = 1, (2, 3)\ndef run():\n    return c\n"},
        "app/main.py",
        "3",
        "4",
    ),
    "an annotated constant": ({"app/main.py": "a: int = 1\ndef run():\n    return a\n"}, "app/main.py", "1", "2"),
    "defined twice": (
        {"app/main.py": "def f():\n    return 1\ndef f():\n    return 2\ndef run():\n    return f()\n"},
        "app/main.py",
        "return 2",
        "return 3",
    ),
    "imported, then defined": (
        {"app/main.py": "from math import floor as f\ndef f(x):\n    return 1\ndef run():\n    return f(0)\n"},
        "app/main.py",
        "return 1",
        "return 2",
    ),
    "conditional definition": (
        {
            "app/main.py": "import sys\nif sys.platform == 'x':\n    def f():\n        return 0\nelse:\n    def f():\n        return 1\ndef run():\n    return f()\n"
        },
        "app/main.py",
        "return 1",
        "return 2",
    ),
    "the first of two guarded imports": (
        {
            "app/main.py": "try:\n    from app.fast import f\nexcept ImportError:\n    from app.slow import f\ndef run():\n    return f()\n",
            "app/fast.py": "def f():\n    return 1\n",
            "app/slow.py": "def f():\n    return 1\n",
        },
        "app/fast.py",
        "1",
        "2",
    ),
    "the second of two guarded imports": (
        {
            "app/main.py": "try:\n    from app.fast import f\nexcept ImportError:\n    from app.slow import f\ndef run():\n    return f()\n",
            "app/fast.py": "def f():\n    return 1\n",
            "app/slow.py": "def f():\n    return 1\n",
        },
        "app/slow.py",
        "1",
        "2",
    ),
    "import inside a function": (
        {
            "app/main.py": "def run():\n    from app.h import f\n    return f()\n",
            "app/h.py": "def f():\n    return 1\n",
        },
        "app/h.py",
        "1",
        "2",
    ),
    "import in one method hides no import of the module": (
        {
            "app/main.py": "from app.h import f\nclass A:\n    def a(self):\n        from math import floor as f\n        return f(1.5)\n    def b(self):\n        return f()\ndef run():\n    return A().b()\n",
            "app/h.py": "def f():\n    return 1\n",
        },
        "app/h.py",
        "1",
        "2",
    ),
    "import of the same name in two branches of a function": (
        {
            "app/main.py": "def run(x):\n    if x:\n        from app.g import f\n    else:\n        from app.h import f\n    return f()\n",
            "app/g.py": "def f():\n    return 1\n",
            "app/h.py": "def f():\n    return 1\n",
        },
        "app/g.py",
        "1",
        "2",
    ),
    "an import whose alias points elsewhere": (
        {
            "app/main.py": "from app.h import a as f, b as g\ndef run():\n    return f() - g()\n",
            "app/h.py": "def a():\n    return 1\ndef b():\n    return 2\n",
        },
        "app/main.py",
        "a as f, b as g",
        "b as f, a as g",
    ),
    "an import of a package whose alias points elsewhere": (
        {"app/main.py": "from numpy import mean as centre\ndef run(x):\n    return centre(x)\n"},
        "app/main.py",
        "mean",
        "median",
    ),
    "a star import from elsewhere": (
        {
            "app/main.py": "from app.g import *\nimport app.g as g, app.h as h\ndef run():\n    return f(), g.f(), h.f()\n",
            "app/g.py": "def f():\n    return 1\n",
            "app/h.py": "def f():\n    return 2\n",
        },
        "app/main.py",
        "from app.g import *",
        "from app.h import *",
    ),
    "dataclass": (
        {
            "app/main.py": "from dataclasses import dataclass\n@dataclass\nclass S:\n    x: int = 1\ndef run():\n    return S().x\n"
        },
        "app/main.py",
        "= 1",
        "= 2",
    ),
    "annotation in quotes": (
        {
            "app/main.py": "from pydantic import BaseModel\nclass S(BaseModel):\n    x: 'Inner'\nclass Inner(BaseModel):\n    y: int = 1\ndef run():\n    return S(x={})\n"
        },
        "app/main.py",
        "= 1",
        "= 2",
    ),
    "match": (
        {"app/main.py": "def run(x):\n    match x:\n        case {'a': y}:\n            return 1\n"},
        "app/main.py",
        "1",
        "2",
    ),
    "async": (
        {"app/main.py": "async def h():\n    return 1\nasync def run():\n    async for x in h():\n        yield x\n"},
        "app/main.py",
        "1",
        "2",
    ),
    "bare statement of a module": (
        {"app/main.py": "from app import h\ndef run():\n    return h.T['x']\n", "app/h.py": "T = {}\nT.update(x=1)\n"},
        "app/h.py",
        "1",
        "2",
    ),
    "bare statement of a package above": (
        {"app/__init__.py": "import os\nos.environ['A'] = '1'\n", "app/main.py": "def run():\n    return 1\n"},
        "app/__init__.py",
        "'1'",
        "'2'",
    ),
    "bare statement of a module that is imported only": (
        {"app/main.py": "import app.side\ndef run():\n    return 1\n", "app/side.py": "print(1)\n"},
        "app/side.py",
        "1",
        "2",
    ),
    "a module patched by another": (
        {
            "app/main.py": "from app import h, patch\ndef run():\n    return h.f()\n",
            "app/h.py": "def f():\n    return 1\n",
            "app/patch.py": "from app import h\ndef better():\n    return 3\nh.f = better\n",
        },
        "app/patch.py",
        "3",
        "4",
    ),
    "module as a value": (
        {
            "app/main.py": "from app import h\ndef run(k):\n    return getattr(h, k)()\n",
            "app/h.py": "def f():\n    return 1\n",
        },
        "app/h.py",
        "1",
        "2",
    ),
    "what a module as a value re-exports": (
        {
            "app/main.py": "from app import h\ndef run(k):\n    return getattr(h, k)()\n",
            "app/h.py": "from app.g import f\n",
            "app/g.py": "def f():\n    return 1\n",
        },
        "app/g.py",
        "1",
        "2",
    ),
    "what a module as a value re-exports by star": (
        {
            "app/main.py": "from app import h\ndef run(k):\n    return getattr(h, k)()\n",
            "app/h.py": "from app.g import *\n",
            "app/g.py": "def f():\n    return 1\n",
        },
        "app/g.py",
        "1",
        "2",
    ),
    "module named as a constant": (
        {
            "app/main.py": "import importlib\ndef run():\n    return importlib.import_module('app.h').f()\n",
            "app/h.py": "def f():\n    return 1\n",
        },
        "app/h.py",
        "1",
        "2",
    ),
    "__getattr__ of a module": (
        {
            "app/main.py": "from app.h import odd\ndef run():\n    return odd\n",
            "app/h.py": "def __getattr__(name):\n    return 1\n",
        },
        "app/h.py",
        "1",
        "2",
    ),
    "what __getattr__ imports late, as type checkers are told": (
        {
            "app/main.py": "from app.h import odd\ndef run():\n    return odd()\n",
            "app/h.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from app.late import odd\n"
            "def __getattr__(name):\n    from app import late\n    return late.odd\n",
            "app/late.py": "def odd():\n    return 1\n",
        },
        "app/late.py",
        "1",
        "2",
    ),
    "a name that a module binds nobody sees how": (
        {
            "app/main.py": "from app.h import odd\ndef run():\n    return odd()\n",
            "app/h.py": "def f():\n    return 1\nsetattr(__import__(__name__), 'odd', f)\n",
        },
        "app/h.py",
        "return 1",
        "return 2",
    ),
    "a project's module with a name of the standard library": (
        {
            "app/main.py": "import colorsys\ndef run():\n    return colorsys.f()\n",
            "colorsys.py": "def f():\n    return 1\n",
        },
        "colorsys.py",
        "1",
        "2",
    ),
    "circular imports": (
        {
            "app/main.py": "from app import b\ndef run():\n    return b.f()\ndef g():\n    return 1\n",
            "app/b.py": "from app import main\ndef f():\n    return main.g()\n",
        },
        "app/main.py",
        "return 1",
        "return 2",
    ),
    "a name imported in a circle": (
        {
            "app/main.py": "from app.b import f\ndef run():\n    return f()\n",
            "app/b.py": "from app.c import f\nX = 1\n",
            "app/c.py": "from app.b import f, X\nprint(X)\n",
        },
        "app/b.py",
        "X = 1",
        "X = 2",
    ),
    "same name in two modules": (
        {
            "app/main.py": "from app.a import f\nfrom app.b import f as g\ndef run():\n    return f() + g()\n",
            "app/a.py": "def f():\n    return 1\n",
            "app/b.py": "def f():\n    return 1\n",
        },
        "app/b.py",
        "1",
        "2",
    ),
    "a compiled module": (
        {
            "app/main.py": "from app import quick\ndef run():\n    return quick.f()\n",
            f"app/quick.{sys.implementation.cache_tag}.so": "",
            "app/quick.abi3.so": "one",
        },
        "app/quick.abi3.so",
        "one",
        "two",
    ),
}
DYNAMIC = {
    "variable": "import importlib\ndef run(x):\n    return importlib.import_module(x).f()\n",
    "alias": "from importlib import import_module as m\ndef run(x):\n    return m(x).f()\n",
    "function as a value": "import importlib\nload = importlib.import_module\ndef run(x):\n    return load(x).f()\n",
    "relative": "import importlib\ndef run():\n    return importlib.import_module('.h', 'app').f()\n",
    "__import__": "def run(x):\n    return __import__(x)\n",
    "builtins": "import builtins\ndef run(x):\n    return builtins.eval(x)\n",
    "eval": "def run(x):\n    return eval(x)\n",
    "exec": "def run(x):\n    exec(x)\n",
    "globals": "def run(x):\n    return globals()[x]()\n",
    "vars": "v = vars()\ndef run(x):\n    return v[x]()\n",
    "sys.modules": "import sys\ndef run(x):\n    return getattr(sys.modules['app.h'], x)()\n",
    "runpy": "import runpy\ndef run(x):\n    return runpy.run_path(x)\n",
    "resolve_name": "import pkgutil\ndef run(x):\n    return pkgutil.resolve_name(x)\n",
    "components.load": "from regrow.plugin.components import load\ndef run(x):\n    return load(x)\n",
    "source as a value": "import inspect\nfrom app.h import f\ndef run():\n    return inspect.getsource(f)\n",
    "docstring as a value": "from app.h import f\ndef run():\n    return f.__doc__\n",
}


@pytest.mark.parametrize("name", CHANGES)
def test_an_edit_that_can_change_the_result_changes_the_hash(walk, name):
    files, edited, old, new = CHANGES[name]
    before = walk(files)
    text = (files | {edited: files[edited]})[edited]
    assert text.count(old) >= 1
    after = walk({edited: text.replace(old, new)})
    assert seen(after) != seen(before)
    assert seen(walk({edited: text})) == seen(before)


@pytest.mark.parametrize("name", DYNAMIC)
def test_what_cannot_be_followed_takes_the_whole_package_loudly(walk, name):
    before = walk(
        {
            "app/main.py": DYNAMIC[name],
            "app/h.py": "def f():\n    return 1\n",
            "app/deep/x.py": "def g():\n    return 1\n",
        }
    )
    assert before.dynamic
    assert "app" in " ".join(before.dynamic.values())
    assert seen(walk({"app/h.py": "def f():\n    return 2\n"})) != seen(before)
    assert seen(walk({"app/h.py": "def f():\n    return 1\n", "app/deep/x.py": "def g():\n    return 2\n"})) != seen(
        before
    )


def test_a_docstring_that_code_reads_counts(walk):
    main = "from app.h import f\ndef run():\n    return f.__doc__\n"
    before = walk({"app/main.py": main, "app/h.py": 'def f():\n    """One."""\n'})
    assert seen(walk({"app/h.py": 'def f():\n    """Two."""\n'})) != seen(before)


PLAIN = '''"""A module."""

from app.h import f  # the helper

LIMIT = 10


def run(x, y=LIMIT):
    """Say what it does."""
    return f(x, y, "text", 16)


class Unused:
    """A class."""
'''
SAME = {
    "comment": PLAIN.replace("# the helper", "# quite another comment"),
    "docstring of the function": PLAIN.replace("Say what it does.", "Say something else, at length."),
    "docstring of the module": PLAIN.replace("A module.", "Another."),
    "no docstring": PLAIN.replace('    """Say what it does."""\n', ""),
    "blank lines": PLAIN.replace("\n\n\n", "\n\n\n\n\n\n"),
    "quotes": PLAIN.replace('"text"', "'text'"),
    "number written otherwise": PLAIN.replace("16)", "0x10)"),
    "line breaks and commas": PLAIN.replace("f(x, y,", "f(\n        x,\n        y,\n").replace("16)", "(16),\n    )"),
    "Windows line ends": PLAIN.replace("\n", "\r\n"),
    "byte order mark": f"\ufeff{PLAIN}",
    "an unused class": PLAIN.replace("A class.", "B").replace("class Unused:", "class Other:"),
    "an unused function": f"{PLAIN}\n\ndef other():\n    return 5\n",
    "an unused constant": f"{PLAIN}\n\nOTHER = 5\n",
    "an unused import of the standard library": f"import json\n{PLAIN}",
    "type checking imports": PLAIN.replace(
        "LIMIT = 10", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy\nLIMIT = 10"
    ),
    "what runs as a script only": f"{PLAIN}\n\nif __name__ == '__main__':\n    print(run(1))\n",
}


@pytest.mark.parametrize("name", SAME)
def test_an_edit_that_changes_no_result_changes_no_hash(walk, name):
    before = walk({"app/main.py": PLAIN, "app/h.py": "def f(*a):\n    return a\n"})
    assert before.units.keys() == {"app.main:run", "app.main:LIMIT", "app.h:f"}
    assert SAME[name] != PLAIN
    assert seen(walk({"app/main.py": SAME[name]})) == seen(before)


def test_helpers_that_are_not_reached_do_not_count(walk):
    before = walk(
        {
            "app/main.py": "from app.h import a\ndef run():\n    return a()\n",
            "app/h.py": "def a():\n    return 1\ndef b():\n    return 1\n",
            "app/far.py": "X = 1\n",
        }
    )
    after = walk({"app/h.py": "def a():\n    return 1\ndef b():\n    return 2\n", "app/far.py": "X = 2\n"})
    assert seen(before) == seen(after)
    assert not before.dynamic


def test_the_order_of_definitions_and_imports_does_not_count(walk):
    one = "from app.h import a\nfrom app.g import b\nX = 1\nY = 2\ndef run():\n    return a(), b(), X, Y\n"
    other = "from app.g import b\nfrom app.h import a\nY = 2\nX = 1\ndef run():\n    return a(), b(), X, Y\n"
    before = walk({"app/main.py": one, "app/h.py": "def a():\n    return 1\n", "app/g.py": "def b():\n    return 1\n"})
    assert seen(walk({"app/main.py": other})) == seen(before)


PURE = {
    "dataclass": "from dataclasses import dataclass\n@dataclass\nclass K:\n    a: int\nONE = K(1)\n",
    "function": "def double(x):\n    y = [x]\n    y.append(x)\n    return y\nONE = double(1)\n",
    "through a function": "def a(x):\n    return x\ndef double(x):\n    return a(x)\nONE = double(1)\n",
    "class": "class K:\n    def __init__(self, a):\n        self.a = a\nONE = K(1)\n",
    "reading a constant": "T = {'a': 1}\nONE = list(T.values())\n",
    "library's class": "from pydantic import Field\nfrom typing import Annotated\nT = Annotated[int, Field(ge=1)]\n",
    "standard library": "import re\nONE = re.compile('1')\n",
    "wrapping decorator": "import functools\ndef w(f):\n    @functools.wraps(f)\n    def inner(*a):\n        return f(*a)\n    return inner\n@w\ndef other():\n    return 1\n",
    "library's decorator": "from pydantic import BaseModel, field_validator\nclass M(BaseModel):\n    x: int = 1\n    @field_validator('x')\n    def c(cls, v):\n        return v\n",
}


@pytest.mark.parametrize("name", PURE)
def test_a_definition_that_changes_nothing_counts_only_where_it_is_used(walk, name):
    reach = walk({"app/main.py": f"{PURE[name]}def run():\n    return 1\n"})
    assert reach.units.keys() == {"app.main:run"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "import numpy as np\nimport pandas as pd\ndef run():\n    return np.mean\ndef other():\n    return pd\n",
            {"numpy"},
        ),
        ("import sklearn.linear_model\ndef run():\n    return sklearn.linear_model.Ridge()\n", {"sklearn"}),
        ("def run():\n    import pandas as pd\n    return pd\ndef other():\n    import numpy\n", {"pandas"}),
        ("def run():\n    import sklearn.svm\n", {"sklearn"}),
        (
            "try:\n    import no_such_thing as n\nexcept ImportError:\n    n = None\ndef run():\n    return n\n",
            {"no_such_thing"},
        ),
        ("import numpy\ndef run():\n    return 1\n", {"numpy"}),  # imported for what it does
        ("import json, os.path, sys\ndef run():\n    return json, os.path, sys\n", set()),
        ("from numpy import *\ndef run():\n    return mean([1])\n", {"numpy"}),
        ("import numpy as np\nx = np.ones(3)\ndef run():\n    return 1\n", {"numpy"}),
        ("import numpy as np\nclass A:\n    def f(self):\n        return np\ndef run():\n    return 1\n", set()),
        ("import regrow\ndef run():\n    return regrow.RegrowError\n", set()),
    ],
)
def test_packages(walk, code, expected):
    assert walk({"app/main.py": code}).imports == expected


def test_the_runtime_counts_where_it_can_change_a_result(walk):
    reach = walk({"app/main.py": "from regrow import random_state\ndef run():\n    return random_state(1, 'x')\n"})
    assert "regrow.plugin.randomness:random_state" in reach.units
    assert not any(
        unit.startswith(("regrow.stage.run_stage", "regrow.plugin.components", "regrow.settings.compose"))
        for unit in reach.units
    )


DATA = {
    "resources": "from importlib import resources\ndef run():\n    return resources.files('app')\n",
    "resources.files": "from importlib.resources import files\ndef run():\n    return files(__package__)\n",
    "import importlib.resources": "import importlib.resources\ndef run():\n    return importlib.resources.files('app')\n",
    "import as": "import importlib.resources as r\ndef run():\n    return r.files('app')\n",
    "pkgutil": "import pkgutil\ndef run():\n    return pkgutil.get_data('app', 'page.html')\n",
    "jinja2": "import jinja2\ndef run():\n    return jinja2.PackageLoader('app')\n",
    "from jinja2": "from jinja2 import Environment, PackageLoader\ndef run():\n    return Environment(loader=PackageLoader('app'))\n",
    "__file__": "from pathlib import Path\nHERE = Path(__file__).parent\ndef run():\n    return (HERE / 'page.html').read_text()\n",
    "inside a function": "def run():\n    from importlib import resources\n    return resources.files('app')\n",
}


@pytest.mark.parametrize("name", DATA)
def test_files_of_a_package_count_where_code_reads_them(walk, name):
    before = walk({"app/main.py": DATA[name], "app/pages/page.html": "one"})
    assert before.data.keys() == {"app"}
    assert seen(walk({"app/pages/page.html": "two"})) != seen(before)
    assert seen(walk({"app/pages/page.html": "one"})) == seen(before)
    assert seen(walk({"app/pages/more.html": "one"})) != seen(before)


def test_files_of_another_package_count_where_code_names_it(walk):
    code = "from importlib.resources import files\ndef run():\n    return files('other').joinpath('x.csv')\n"
    before = walk({"app/main.py": code, "other/__init__.py": "", "other/x.csv": "1"})
    assert seen(walk({"other/x.csv": "2"})) != seen(before)


def test_files_do_not_count_where_nobody_reads_them(walk):
    before = walk({"app/main.py": "def run():\n    return 1\n", "app/page.html": "one"})
    assert seen(walk({"app/page.html": "two"})) == seen(before)


@pytest.mark.parametrize("text", ["def f(:\n", "\0", "x = 1\n  y = 2\n"])
def test_source_that_is_no_python_is_named_with_its_line(walk, text):
    with pytest.raises(RegrowError, match=r"h\.py.*not valid Python"):
        walk({"app/main.py": "from app.h import f\ndef run():\n    return f()\n", "app/h.py": text})


def test_code_that_is_very_long_or_deep_is_hashed(walk):
    long = " + ".join(f"x{n}" for n in range(600))
    reach = walk({"app/main.py": f"def run(x0=1):\n    return {long}\n"})
    assert "app.main:run" in reach.units


def test_libraries_are_not_followed_and_plugins_are(tmp_path, monkeypatch):
    library = tmp_path / "lib/site-packages"
    put(library, {"lib_a/__init__.py": "def f():\n    return 1\n", "lib_b/__init__.py": "def g():\n    return 1\n"})
    put(
        tmp_path / "src",
        {"app/__init__.py": "", "app/main.py": "import lib_a, lib_b\ndef run():\n    return lib_a.f(), lib_b.g()\n"},
    )
    monkeypatch.syspath_prepend(str(library))
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    reach = Reach(Code(["lib_b.plugin"]))
    reach.follow("app.main:run")
    assert reach.imports == {"lib_a"}
    assert "lib_b:g" in reach.units
    assert "lib_a:f" not in reach.units


def test_the_hash_is_a_function_of_the_code_alone(tmp_path):
    import subprocess

    put(tmp_path, {"app/__init__.py": "", "app/main.py": PLAIN, "app/h.py": "def f(*a):\n    return {1, 2, *a}\n"})
    script = "from regrow.fingerprint.code.lookup import Code; from regrow.fingerprint.code.reach import Reach; r = Reach(Code()); r.follow('app.main:run'); print(sorted(r.units.items()))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env={"PYTHONPATH": str(tmp_path), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "7")
    }
    assert len(outputs) == 1
