"""The I/O contract: what a stage's function touches undeclared is noted in warn mode, and refused in strict mode."""

import importlib
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from regrow.base.errors import RegrowError
from regrow.plugin.declare import Artifact, Stage
from regrow.plugin.import_source import use_own_code
from regrow.stage import run_stage
from regrow.stage.io import rules
from regrow.stage.io.contract import Watch
from regrow.stage.io.rules import RefusedError

HEAD = """\
import io, os, socket, sqlite3, subprocess, sys, tempfile, threading
from pathlib import Path

import numpy as np
import pandas as pd

SHARED = Path(SHARED_FOLDER)


def f(raw, settings):
    try:
        return {"y": str(inner(raw))}
    except OSError as error:
        return {"y": type(error).__name__}


def inner(raw):
"""


@pytest.fixture
def shared(tmp_path_factory):
    """A folder outside of the project and of the temporary folder that the stage sees."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "x.csv").write_text("a\n1\n")
    return folder


@pytest.fixture
def watched(small, shared, tmp_path, monkeypatch):
    """`watched(code, mode)`: run code as a stage's function; gives the watch, and what the function returned."""
    temp = tmp_path / "temp"
    temp.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temp))
    monkeypatch.setenv("TMPDIR", str(temp))
    pd.DataFrame({"a": [1]}).to_parquet(small.root / "data/extra.parquet")
    small.write("data/extra.csv", "a\n1\n")
    use_own_code(small.project)

    def call(code: str, mode: str = "warn", needs=("data/raw",), own: str = "", raw: str = "data/raw"):
        number = len(list(small.root.rglob("stage*.py")))
        small.write(f"src/{small.package}/helper{number}.py", "ONE = 1\n")
        text = HEAD.replace("SHARED_FOLDER", repr(str(shared))) + "".join(f"    {line}\n" for line in code.splitlines())
        text = text.replace("HELPER", f"{small.package}.helper{number}")
        small.write(f"src/{small.package}/stage{number}.py", own + text)
        importlib.invalidate_caches()
        stage = Stage("s", "data", f"{small.package}.stage{number}:f", needs=["raw"], makes=[Artifact("y", "record")])
        watch = Watch(small.project, stage, needs, mode)
        with watch.on():
            made = run_stage.call(stage, {"raw": small.root / raw}, {})
        return watch, made["y"]

    return call


# code -> what is touched, as a pattern of (what, target)
UNDECLARED = {
    "a file": ("return open('data/extra.csv').read()", "reads", "data/extra.csv"),
    "a file by its whole path": ("return Path('data/extra.csv').absolute().read_text()", "reads", "data/extra.csv"),
    "a file by its number": ("return os.read(os.open('data/extra.csv', 0), 9)", "reads", "data/extra.csv"),
    "a table": ("return pd.read_csv('data/extra.csv')", "reads", "data/extra.csv"),
    "a parquet": ("return pd.read_parquet('data/extra.parquet')", "reads", "data/extra.parquet"),
    "settings": ("return open('params.yaml').read()", "reads", "params.yaml"),
    "a file beside the code": ("return (Path(__file__).parent / 'x.txt').read_text()", "reads", "src/PKG/x.txt"),
    "a module that is no module of src": (
        "sys.path.append(os.getcwd())\nimport loose_PKG\nreturn 1",
        "reads",
        "loose_PKG.py",
    ),
    "a file by a link": ("return open('data/raw/../link.csv').read()", "reads", "data/link.csv"),
    "a file elsewhere": ("return (SHARED / 'x.csv').read_text()", "reads", "SHARED/x.csv"),
    "a module elsewhere": ("sys.path.append(str(SHARED))\nimport far_PKG\nreturn 1", "reads", "SHARED/far_PKG.py"),
    "a home": ("return (Path.home() / '.netrc').read_text()", "reads", "HOME/.netrc"),
    "somebody's temporary file": (
        "return (Path(tempfile.gettempdir()) / 'theirs').read_text()",
        "reads",
        "TEMP/theirs",
    ),
    "a folder": ("return os.listdir('data')", "lists", "data"),
    "a folder's tree": ("return list(Path('conf/metric').rglob('*.yaml'))", "lists", "conf/metric"),
    "the current folder": ("return os.listdir()", "lists", "."),
    "a folder elsewhere": ("return list(SHARED.iterdir())", "lists", "SHARED"),
    "a folder by its number": ("return os.listdir(os.open('data', 0))", "lists", "data"),
    "an output": ("return Path('out.csv').write_text('1')", "writes", "out.csv"),
    "an output elsewhere": ("return (SHARED / 'out.csv').write_text('1')", "writes", "SHARED/out.csv"),
    "an input, changed": ("return (raw / 'x.txt').write_text('4')", "writes", "data/raw/x.txt"),
    "an input, mapped to be changed": ("return np.memmap(raw / 'x.txt')[0]", "writes", "data/raw/x.txt"),
    "an input, removed": ("(raw / 'x.txt').unlink()", "writes", "data/raw/x.txt"),
    "a new folder": ("Path('made').mkdir()", "writes", "made"),
    "a database": ("return sqlite3.connect('new.db')", "writes", "new.db"),
    "a file in a thread": (
        "def work():\n    open('data/extra.csv').read()\nt = threading.Thread(target=work)\nt.start()\nt.join()",
        "reads",
        "data/extra.csv",
    ),
    "a server": ("return socket.create_connection(('localhost', 9))", "connects", "localhost:9"),
    "a server by its number": (
        "return socket.socket().connect(('127.0.0.1', 9))",
        "connects",
        "127.0.0.1:9",
    ),
    "a name": ("return socket.getaddrinfo('localhost', 80)", "connects", "localhost:80"),
    "a port": ("return socket.socket().bind(('127.0.0.1', 0))", "connects", "127.0.0.1:0"),
    "a program": ("return subprocess.run(['true'])", "starts", "true"),
    "this Python": ("return subprocess.run([sys.executable, '-c', '1'])", "starts", sys.executable),
    "a shell": ("return os.system('true')", "starts", "true"),
    "a fork": ("if os.fork() == 0:\n    os._exit(0)\nreturn os.wait()", "starts", "os.fork"),
}


@pytest.fixture
def around(small, shared, tmp_path, monkeypatch):
    """What some of them touch; the names of places in a text."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    (home / ".netrc").write_text("machine x\n")
    (tmp_path / "temp").mkdir(exist_ok=True)
    (tmp_path / "temp/theirs").write_text("1\n")
    small.write(f"src/{small.package}/x.txt", "1\n")
    small.write(f"loose_{small.package}.py", "ONE = 1\n")
    (shared / f"far_{small.package}.py").write_text("ONE = 1\n")
    small.write("data/extra.csv", "a\n1\n")
    small.write("params.yaml", "a: 1\n")
    (small.root / "data/link.csv").symlink_to(small.root / "data/extra.csv")
    places = {"SHARED": str(shared), "HOME": str(home), "TEMP": str(tmp_path / "temp"), "PKG": small.package}

    def named(text: str) -> str:
        for name, place in places.items():
            text = text.replace(name, place)
        return text

    return named


@pytest.mark.parametrize("name", UNDECLARED)
def test_what_is_undeclared_is_told_and_goes_on_in_warn_mode(watched, around, name):
    code, what, target = UNDECLARED[name]
    watch, _ = watched(code.replace("PKG", around("PKG")))
    (found,) = watch.findings
    assert (found.what, found.target) == (what, around(target))
    assert found.inside == (what in {"reads", "lists", "writes"} and not Path(found.target).is_absolute())
    assert found.place.startswith(f"src/{around('PKG')}/stage0.py:")
    assert found.place.endswith((", in inner", ", in work"))


@pytest.mark.parametrize("name", UNDECLARED)
def test_in_strict_mode_it_does_not_happen(small, watched, around, name, monkeypatch):
    code, what, target = UNDECLARED[name]
    monkeypatch.setattr("threading.excepthook", lambda _: None)
    before = {file: file.read_bytes() for file in small.root.rglob("*") if file.is_file()}
    watch, made = watched(code.replace("PKG", around("PKG")), "strict")
    assert [(found.what, found.target) for found in watch.findings] == [(what, around(target))]
    quiet = {"a file in a thread": "None", "a folder's tree": "[]"}  # pathlib goes on without it
    assert made == quiet.get(name, "RefusedError")
    after = {file: file.read_bytes() for file in small.root.rglob("*") if file.is_file() and "src" not in file.parts}
    assert after == {file: text for file, text in before.items() if "src" not in file.parts}


def test_a_refusal_says_what_and_where(small, watched):
    with pytest.raises(RegrowError, match=r"reads data/extra\.csv, which it did not declare \(src/.*:\d+, in inner\)"):
        watched(
            "import contextlib\nwith open('data/extra.csv'):\n    pass\nreturn 1\n",
            "strict",
            own="OSError = KeyError\n",
        )


ALLOWED = {
    "its need": "return (raw / 'x.txt').read_text()",
    "its need's folder": "return sorted(raw.rglob('*'))",
    "its need by a shorter way": "return open('data/raw/x.txt').read()",
    "a module of the project": "import HELPER\nreturn HELPER.ONE",
    "a package": "import sklearn.cluster\nreturn 1",
    "what is said of a package": "import importlib.metadata\nreturn importlib.metadata.version('pandas')",
    "a package's data": "from sklearn.datasets import load_iris\nreturn load_iris().data.sum()",
    "a traceback with its lines": (
        "import linecache, traceback\nlinecache.clearcache()\nreturn ''.join(traceback.format_stack())"
    ),
    "a time zone": "import zoneinfo\nreturn zoneinfo.ZoneInfo('Europe/Rome')",
    "the machine": "return open('/proc/meminfo').read(9)",
    "fonts": "import matplotlib.pyplot as p\np.title('x')\np.savefig(io.BytesIO(), format='svg')\nreturn 1",
    "its own temporary file": "with tempfile.TemporaryFile('w+') as t:\n    t.write('1')\nreturn 1",
    "a temporary file, read again": (
        "with tempfile.NamedTemporaryFile('w', delete=False) as t:\n    t.write('1')\nreturn open(t.name).read()"
    ),
    "a temporary folder": (
        "with tempfile.TemporaryDirectory() as d:\n    Path(d, 'data').mkdir()\n    Path(d, 'data/x').write_text('1')\n"
        "    Path(d, 'l').symlink_to(raw)\n    return [p.read_text() for p in Path(d).rglob('x')]"
    ),
    "a temporary table": (
        "with tempfile.TemporaryDirectory() as d:\n    pd.DataFrame({'a': [1]}).to_parquet(d + '/x.parquet')\n"
        "    return len(pd.read_parquet(d + '/x.parquet'))"
    ),
    "a temporary database": "return sqlite3.connect(os.path.join(tempfile.mkdtemp(), 'x.db'))",
    "a database in memory": "return sqlite3.connect(':memory:')",
    "the null device": "return open(os.devnull, 'w').write('x')",
    "the screen": "return open('/dev/stderr', 'a')",
    "a file that is not there": "try:\n    open('nowhere.csv')\nexcept OSError as error:\n    return 'none'",
    "a parquet that is not there": (
        "try:\n    pd.read_parquet('nowhere.parquet')\nexcept OSError as error:\n    return 'none'"
    ),
    "a folder that is there": "os.makedirs('data', exist_ok=True)\nreturn 1",
    "how many cores there are": "import joblib\nreturn joblib.cpu_count(only_physical_cores=True)",
    "workers of joblib": "import joblib\nreturn joblib.Parallel(2)(joblib.delayed(abs)(i) for i in range(3))",
    "workers of scikit-learn": (
        "from sklearn.ensemble import RandomForestClassifier as R\n"
        "from sklearn.model_selection import cross_val_score\n"
        "X = np.arange(40.0)[:, None]\nreturn cross_val_score(R(3, n_jobs=2), X, X[:, 0] > 20, cv=2, n_jobs=2).shape"
    ),
    "workers of Python": (
        "import multiprocessing\nwith multiprocessing.get_context('fork').Pool(2) as p:\n    return p.map(abs, [1, 2])"
    ),
    "workers of Python, anew": (
        "import multiprocessing\nwith multiprocessing.get_context('spawn').Pool(1) as p:\n    return p.map(abs, [1])"
    ),
    "workers of the standard library": (
        "from concurrent.futures import ProcessPoolExecutor as P\nwith P(1) as p:\n    return list(p.map(abs, [1]))"
    ),
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor as P\nwith P(2) as p:\n    return list(p.map(abs, [1]))"
    ),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_declared_or_of_the_machine_is_allowed(watched, name):
    watch, made = watched(ALLOWED[name], "strict")
    assert watch.findings == []
    assert not made.endswith("Error")


def test_needs_behind_a_link_are_needs(small, watched, shared):
    (small.root / "data/linked").symlink_to(shared)
    watch, made = watched(
        "return (raw / 'x.csv').read_text() + str(list(raw.iterdir()))", "strict", ["data/linked"], raw="data/linked"
    )
    assert (watch.findings, made[:2]) == ([], "a\n")


def test_files_of_a_package_that_are_in_the_fingerprint_are_declared(small, watched):
    small.write(f"src/{small.package}/x.txt", "1\n")
    code = "return (Path(__file__).parent / 'x.txt').read_text()"
    assert watched(code)[0].findings
    small.write("fingerprints/s.lock", f"code a:b 1\ndata {small.package} 123\n")
    assert watched(code, "strict")[0].findings == []


def test_project_files_are_all_that_was_read_or_imported(small, watched):
    small.write(f"src/{small.package}/x.txt", "1\n")
    code = (
        "import HELPER, sklearn\n(raw / 'x.txt').read_text()\nopen('data/extra.csv').read()\nopen('/proc/meminfo')\n"
        "pd.read_parquet('data/extra.parquet')\nPath('out.csv').write_text('1')\nreturn 1"
    )
    watch, _ = watched(code)
    own = {f"src/{small.package}/{name}.py" for name in ("__init__", "helper0", "stage0")}
    assert watch.project_files == {*own, "data/raw/x.txt", "data/extra.csv", "data/extra.parquet"}
    watch, _ = watched("return 1")  # another function of the same process: its modules are loaded, and so not opened
    assert {f"src/{small.package}/__init__.py", f"src/{small.package}/stage1.py"} <= watch.project_files


@pytest.mark.parametrize("mode", ["off", "none"])
def test_off_sees_nothing_but_imports(small, watched, mode):
    watch, made = watched("return open('data/extra.csv').read()", mode)
    assert (watch.findings, made) == ([], "a\n1\n")
    assert f"src/{small.package}/stage0.py" in watch.project_files
    assert "data/extra.csv" not in watch.project_files


def test_after_a_watch_nothing_is_seen_and_there_is_one_hook(small, watched):
    hooks = len(rules._hooked)
    watch, _ = watched("return 1")
    Path("data/extra.csv").read_text()
    again, _ = watched("return open('data/extra.csv').read()")
    assert (watch.findings, len(again.findings)) == ([], 1)
    assert max(hooks, 1) == len(rules._hooked) == 1


def test_two_watches_at_once_see_the_same(small):
    stage = Stage("s", "data", "m:f", makes=[Artifact("y", "record")])
    one, other = (Watch(small.project, replace(stage, name=name), [], "warn") for name in ("a", "b"))
    with one.on(), other.on():
        Path("conf/config.yaml").read_text()
    assert (
        [found.target for found in one.findings] == [found.target for found in other.findings] == ["conf/config.yaml"]
    )


def test_a_touch_of_one_line_is_told_once(watched):
    watch, _ = watched("for n in range(3):\n    open('data/extra.csv')\nopen('data/extra.csv')\nreturn 1")
    assert len(watch.findings) == 2


def test_what_a_library_does_on_import_is_told_but_not_recorded(small, watched, shared):
    """A process in which it has been imported already does not do it: two runs would have two records."""
    module = f"lib_{small.package}"
    (shared / "site-packages").mkdir(exist_ok=True)
    text = f"def read():\n    return open({str(shared / 'x.csv')!r}).read()\n"
    (shared / f"site-packages/{module}.py").write_text(f"{text}read()\n")
    needs = ["data/raw", str(shared / "site-packages")]
    own = f"import sys\nsys.path.append({str(shared / 'site-packages')!r})\n"
    watch, _ = watched(f"import {module}\nreturn 1", needs=needs, own=own)
    assert str(shared / "x.csv") in {one.target for one in watch.findings}
    assert watch.lasting(lambda module, line: bool(module)) == []
    watch, _ = watched(f"import {module}\nreturn {module}.read()", needs=needs, own=own)
    (kept,) = watch.lasting(lambda module, line: False)
    assert (kept["what"], kept["target"]) == ("reads", str(shared / "x.csv"))
    assert kept["by"].endswith(".py, in inner")


def test_notes_are_kept_sorted_and_whole(small, watched):
    watch, _ = watched("open('params.yaml', 'w')\nopen('data/extra.csv')\nreturn 1")
    watch.save()
    noted = json.loads(small.read(".dvc/tmp/regrow/io/s.json"))
    assert [one["target"] for one in noted["findings"]] == ["data/extra.csv", "params.yaml"]
    assert noted["project_files"] == sorted(watch.project_files)
    assert [file.name for file in (small.root / ".dvc/tmp/regrow/io").iterdir()] == ["s.json"]


def test_bytecode_of_imports_is_not_written(small, watched):
    watched("sys.path.append('lib')\nimport later\nreturn 1" if small.write("lib/later.py", "X = 1\n") is None else "")
    assert not list((small.root / "lib").rglob("*.pyc"))


def test_an_error_of_the_function_passes_through_and_the_watch_ends(small, watched):
    with pytest.raises(RegrowError, match="KeyError"):
        watched("return {}['gone']")
    assert rules._listeners == []


def test_it_works_in_a_process_of_its_own_that_has_loaded_nothing(small):
    """pyarrow is loaded by the function itself, and watched from then on."""
    pd.DataFrame({"a": [1]}).to_parquet(small.root / "data/extra.parquet")
    code = """
from regrow.plugin.declare import Artifact, Stage
from regrow.stage.io.contract import Watch
from regrow.plugin.project import open_project
import sys
stage = Stage("s", "data", "m:f", makes=[Artifact("y", "record")])
watch = Watch(open_project(), stage, [], "warn")
assert "pyarrow" not in sys.modules
with watch.on():
    import pyarrow.parquet
    pyarrow.parquet.read_table("data/extra.parquet")
print(*[f"{one.what} {one.target}" for one in watch.findings])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=small.root, capture_output=True, text=True, check=False)
    assert done.stdout == "reads data/extra.parquet\n", done.stderr


def test_refusals_are_permission_errors():
    assert issubclass(RefusedError, PermissionError)
