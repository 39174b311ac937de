"""The contract kit: a sound plugin passes, and for every check a plugin that breaks it is told so, by name."""

import itertools
import sys

import numpy as np
import pandas as pd
import pytest

from regrow import RegrowError
from regrow_testing.contract import check_plugin

_numbers = itertools.count(1)

FILES = {
    "__init__.py": "",
    "plugin.py": """
from regrow import Artifact, Component, Kind, Stage


def regrow_config():
    return "PKG.conf"


def regrow_kinds():
    return [Kind("step", "collections.abc:Callable", "changes a number", check="PKG.work:try_step")]


def regrow_components():
    return [
        Component("add", "step", "PKG.work:add", "PKG.settings:Add", example={"by": 1}),
        Component("double", "step", "PKG.work:double"),
        Component("offset", "step", "PKG.work:add", "PKG.settings:Add", example={"by": 2}),
    ]


def regrow_stages():
    return [
        Stage(
            "tally",
            "data",
            run="PKG.work:tally",
            needs=["numbers", "raw"],
            makes=[Artifact("sums", "record")],
            params=["tally", "seed"],
            settings="PKG.settings:Tally",
            compute=True,
        )
    ]
""",
    "settings.py": """
from typing import Annotated

from pydantic import BaseModel, ConfigDict, model_validator

from regrow import OfKind, Use


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Add(Strict):
    by: int


class Steps(Strict):
    steps: dict[str, Annotated[Use, OfKind("step")]]
    most: int = 10


class Tally(Strict):
    tally: Steps
    seed: int
""",
    "work.py": """
import os
import random
import warnings
from pathlib import Path

from regrow import Context, random_state

CALLS = []


def add(settings, context):
    return lambda number: number + settings.by


def double(settings, context):
    return lambda number: number * 2


def try_step(step, kit):
    if not isinstance(step(1), int):
        raise ValueError("gives no whole number")
    return step(1)


def tally(numbers, raw, settings, compute):
    total = sum(numbers["given"]) + int((raw / "more.txt").read_text())
    for step in settings.tally.steps.values():
        total = step.make(Context())(total)
    sums = {"total": total, "drawn": random_state(settings.seed, "tally")}
    # HERE
    return {"sums": sums}
""",
    "conf/tally/default.yaml": "steps: {more: {use: add, by: 2}}\nmost: 5\n",
    "conf/tally/twice.yaml": "steps:\n  first: {use: double}\n",
}
SETTINGS = {"seed": 1, "tally": {"steps": {"a": {"use": "add", "by": 3}, "b": {"use": "double"}}, "most": 3}}


class Made:
    """A plugin in a folder on sys.path."""

    def __init__(self, folder):
        self.package = f"tallies{next(_numbers)}"
        self.root = folder / self.package
        for name, text in FILES.items():
            self.write(name, text)
        self.raw = folder / "raw"
        self.raw.mkdir()
        (self.raw / "more.txt").write_text("4")

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text.replace("PKG", self.package))

    def edit(self, name, old, new):
        text = (self.root / name).read_text()
        assert old.replace("PKG", self.package) in text
        self.write(name, text.replace(old.replace("PKG", self.package), new))

    def example(self, settings=SETTINGS, **inputs):
        return {"numbers": {"given": [1, 2]}, "raw": self.raw, **inputs}, settings

    def check(self, *examples, **more):
        given = list(examples) or self.example()
        check_plugin(f"{self.package}.plugin", more.pop("given", {"tally": given}), **more)

    def fails(self, said, *examples, **more):
        with pytest.raises(RegrowError, match=f"(?s){said.replace('PKG', self.package)}") as caught:
            self.check(*examples, **more)
        return caught.value


@pytest.fixture
def made(tmp_path, monkeypatch):
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return Made(folder)


def test_a_sound_plugin_passes(made):
    made.check()
    made.check(made.example(), made.example({**SETTINGS, "not ours": 1, "compute": {"n_jobs": 1}}))


DECLARED = {
    "a misspelt hook": ("regrow_stages()", "regrow_stage()", "plugin tallies.*regrow_stage is not a hook"),
    "a hook's signature": ("regrow_stages()", "regrow_stages(project)", "plugin tallies.*wrong signature"),
    "a type of artifact": ('"record"', '"recrod"', "stage tally: artifact 'sums' has unknown type.*record"),
    "a name that is there twice": ('"offset"', '"double"', "plugins .*: step 'double' is declared twice"),
    "a heavy import": ("from regrow", "import pandas\nfrom regrow", r"importing PKG.plugin imports pandas"),
    "a function that is not there": (":tally", ":telly", r"stage tally: run='PKG.work:telly' can't be loaded: Attr"),
    "a factory that is not there": ("work:double", "werk:double", r"step double: make='PKG.werk:double' can't be"),
    "a model that is not there": ("settings:Tally", "settings:Telly", "stage tally: settings='PKG.settings:Telly'"),
    "a need the function lacks": ('"raw"]', '"raw", "split"]', "stage tally: .*can't be called.*'split'"),
    "a key the model lacks": ('"seed"]', '"seed", "model"]', "model is in params, and its settings model has no such"),
    "a key of the model's own": (', "seed"]', "]", "seed is a field of its settings model, and not in params"),
    "a key within a group": ('"tally", "seed"', '"tally.steps", "seed"', r"tally\.most is a field of its settings"),
    "a model that is none": ("settings:Tally", "work:tally", "stage tally: PKG.work:tally is not a pydantic model"),
}


@pytest.mark.parametrize("name", DECLARED)
def test_declarations(made, name):
    old, new, said = DECLARED[name]
    made.edit("plugin.py", old, new)
    made.fails(said)


def test_settings_models_refuse_what_they_do_not_know(made):
    made.edit("settings.py", 'extra="forbid", ', "")
    error = made.fails('stage tally: its settings model accepts an unknown key, no_such_key\n.*extra="forbid"')
    assert "unknown key, tally.no_such_key" in str(error)
    assert "step add: its settings accept a parameter that does not exist" in str(error)
    assert "step offset: no example uses it, nor do its settings say" in str(error)


def test_settings_models_fail_on_a_missing_key_in_words(made):
    before = (
        "    @model_validator(mode='before')\n    def first(values):\n        return values if values['seed'] else {}\n"
    )
    made.edit("settings.py", "    seed: int\n", f"    seed: int\n\n{before}")
    made.fails("stage tally: without seed, its settings model fails: KeyError: 'seed'")


def test_a_component_that_no_example_uses_names_the_parameter_it_refuses(made):
    made.write("more.py", "def checked(name, given):\n    raise ValueError('no')\n")
    made.edit(
        "plugin.py",
        '"offset", "step", "PKG.work:add", "PKG.settings:Add"',
        '"offset", "step", "PKG.work:add", "PKG.more:checked"',
    )
    made.fails("step offset: no example uses it")


CONFIG = {
    "no YAML": ("steps: {more", "config option tally/default.yaml.*not valid YAML"),
    "ambiguous YAML": ("steps: {}\nmost: yes\n", "config option tally/default.yaml:2: 'yes' means different"),
    "no such component": (
        "steps: {a: {use: ad}}\n",
        "config option tally/default: stage tally refuses it.*did you mean 'add'",
    ),
    "a wrong parameter": ("steps: {a: {use: add, of: 2}}\n", "config option tally/default: stage tally refuses it.*of"),
    "a wrong key": ("step: {}\n", "config option tally/default: stage tally refuses it.*step"),
    "no such default": ("defaults: [nothing]\n", "config option tally/default: .*nothing"),
}


@pytest.mark.parametrize("name", CONFIG)
def test_config_options(made, name):
    text, said = CONFIG[name]
    made.write("conf/tally/default.yaml", text)
    made.fails(said)


def test_config_options_that_no_stage_here_reads(made):
    made.write("conf/other/a.yaml", "use: add\nby: 1\n")
    made.check()
    made.write("conf/other/b.yaml", "inner: {use: add, of: 1}\n")
    made.write("conf/other/c.yaml", "use: nothing\n")
    error = made.fails("config option other/b: step add refuses its parameters")
    assert "config option other/c: no component is called 'nothing'" in str(error)


def test_examples(made):
    made.fails("stage tally: has no example", given={})
    made.fails("examples: no stage is called 'tolly'; did you mean 'tally'", given={"tolly": made.example()})
    made.fails("stage tally: its inputs must be numbers, raw; look at numbers", ({"raw": made.raw}, SETTINGS))
    made.fails("stage tally: its settings lack tally", made.example({"seed": 1}))
    made.fails(
        "stage tally, example 2: its settings are refused.*no step is called 'ad'",
        made.example(),
        made.example({"seed": 1, "tally": {"steps": {"a": {"use": "ad"}}}}),
    )
    made.fails("stage tally: input 'numbers' .record. is empty", made.example(numbers=""))
    made.fails("stage tally: input 'raw': there is no rw", made.example(raw=made.raw.with_name("rw")))


# what the stage does -> what is told of it
DONE = {
    "the order of a set": (
        'sums["order"] = list({"a", "b", "c", "d", "e", "f"})',
        "'sums' is not the same twice: line",
    ),
    "an unseeded draw": ('sums["draw"] = random.Random().random()', "'sums' is not the same twice: line 2:.*draw"),
    "a path": ('sums["path"] = str(raw)', "'sums' is not the same twice: line"),
    "its own folder": ('sums["path"] = os.getcwd()', "'sums' is not the same twice: line"),
    "the number of workers": (
        'sums["workers"] = compute["n_jobs"]',
        "'sums' is not the same twice.*workers\": 1', then",
    ),
    "the time zone": ('import time\n    sums["zone"] = time.tzname', "'sums' is not the same twice"),
    "what it did before": ('CALLS.append(1)\n    sums["calls"] = len(CALLS)', "'sums' is not the same twice"),
    "an output too many": ("return {'sums': sums, 'more': 1}", "stage tally: output 'more' is not among"),
    "no output": ("return {}", "stage tally: output 'sums' is missing"),
    "an output of another type": (
        "return {'sums': float('nan')}",
        r"stage tally: output 'sums' \(record\).*not a finite",
    ),
    "an exception": ("1 / 0", "stage tally .*ZeroDivisionError"),
    "the end of the process": ("os._exit(3)", "stage tally: the process that ran it ended"),
    "an input in place": ('numbers["given"].append(1)', "stage tally: changes its input 'numbers' in place"),
    "a file": ('Path("out.txt").write_text("1")', r"opens out.txt for writing \(work.py:\d+, in tally\)"),
    "a file, quietly": (
        "try:\n        open('out.txt', 'a')\n    except OSError:\n        pass",
        "opens out.txt for writing",
    ),
    "its source": ('(raw / "more.txt").write_text("5")', "opens .*more.txt for writing"),
    "a file by its number": ("os.open('out.txt', os.O_CREAT | os.O_WRONLY)", "opens out.txt for writing"),
    "a folder": ("os.mkdir('out')", "calls os.mkdir on out"),
    "a file away": ("os.remove(raw / 'more.txt')", "calls os.remove on"),
    "a file it did not declare": ("open('/etc/hostname')", "reads /etc/hostname, which it did not declare"),
    "a folder it did not declare": ("os.listdir('/etc')", "lists /etc, which it did not declare"),
    "the network": ("import socket\n    socket.create_connection(('localhost', 9))", "uses the network: socket"),
    "a process": ("import subprocess\n    subprocess.run(['true'])", "starts a process: true"),
    "a shell": ("os.system('true')", "starts a process"),
    "a fork": ("os.fork() or os._exit(0)", "starts a process: os.fork"),
    "the environment": ("os.environ['TALLY'] = '1'", "stage tally: changes os.environ"),
    "the current folder": ("os.chdir('/')", "stage tally: changes the current folder"),
    "what is warned of": ("warnings.simplefilter('ignore')", "stage tally: changes warnings.filters"),
    "a global seed": ("random.seed(1)", "stage tally: changes the global state of random"),
    "numpy's global seed": (
        "import numpy\n    numpy.random.seed(1)",
        "stage tally: changes numpy's global random state",
    ),
    "a global draw": ("import numpy\n    numpy.random.rand()", "stage tally: changes numpy's global random state"),
}


@pytest.mark.parametrize("name", DONE)
def test_stages_touch_and_give_nothing_else(made, name):
    code, said = DONE[name]
    made.edit("work.py", "# HERE", code)
    made.fails(said)


ALLOWED = {
    "a scratch file": 'import tempfile\n    tempfile.TemporaryFile("w").write("1")',
    "the null device": "open(os.devnull, 'w')",
    "the machine": "open('/proc/meminfo').read(10)",
    "its own data": "(Path(__file__).parent / 'settings.py').read_text()",
    "a time zone": "import zoneinfo\n    zoneinfo.ZoneInfo('Europe/Rome')",
    "a filter for a while": "with warnings.catch_warnings():\n        warnings.simplefilter('ignore')",
    "an import that changes filters": "import sklearn",
    "how many cores there are": "import joblib\n    joblib.cpu_count(only_physical_cores=True)",
    "fonts": "import matplotlib.pyplot as plt\n    plt.figure().savefig(os.devnull, format='svg')",
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_libraries_rightly_do_is_allowed(made, name):
    made.edit("work.py", "# HERE", ALLOWED[name])
    made.check()


def test_all_that_is_wrong_is_told_at_once(made):
    made.edit("plugin.py", "from regrow", "import pandas\nfrom regrow")
    made.edit("settings.py", 'extra="forbid", ', "")
    made.edit("work.py", "# HERE", "os.environ['TALLY'] = str(numbers.pop('given'))")
    made.write("conf/tally/default.yaml", "steps: {a: {use: ad}}\n")
    error = made.fails("imports pandas.*unknown key.*accept a parameter.*config option.*in place.*changes os.environ")
    assert len(error.problems) == 8  # the settings model lets pass two keys, two components one each


TABLES = """
import pandas as pd

SEEN = []


def tally(numbers, lookups, settings, compute):
    SEEN.append(1)
    table = numbers.assign(c=[1, 2])
    # HERE
    return {"sums": table, "more": lookups}
"""


@pytest.fixture
def tables(made):
    made.edit("plugin.py", '"raw"]', '"lookups"]')
    made.edit("plugin.py", '[Artifact("sums", "record")]', '[Artifact("sums", "table"), Artifact("more", "tables")]')
    made.edit("plugin.py", '"tally", "seed"', '"tally"')
    made.edit("settings.py", "    seed: int\n", "")
    made.write("work.py", FILES["work.py"].partition("def tally")[0] + TABLES)
    frame = pd.DataFrame({"a": [1.5, 2.5], "b": ["x", None]})
    made.example = lambda: ({"numbers": frame, "lookups": {"one": frame}}, SETTINGS)
    return made


def test_tables_are_handed_over_by_their_types(tables):
    tables.check()


DIFFERENT = {
    "table.loc[1, 'c'] = len(SEEN)": "output 'sums' is not the same twice: column 'c', row 1: 1, then 2",
    "table[f'c{len(SEEN)}'] = 1": "output 'sums' is not the same twice: 2 rows of a, b, c, c1; then 2 rows",
    "lookups['one'].loc[0, 'a'] = 1.0": "changes its input 'lookups' in place",
    "lookups['one'] = table.assign(n=len(SEEN))": "changes its input 'lookups' in place",
    "lookups = {'one': table.assign(n=len(SEEN))}": "'more' is not the same twice: one.parquet: column 'n', row 0",
    "lookups = {f'n{len(SEEN)}': table}": "output 'more' is not the same twice: only one run made n1.parquet",
    "numbers.loc[0, 'b'] = 'y'": "changes its input 'numbers' in place",
}


@pytest.mark.parametrize("code", DIFFERENT)
def test_the_first_difference_of_tables_is_named(tables, code):
    tables.edit("work.py", "# HERE", code)
    tables.fails(DIFFERENT[code])


def test_models_and_components_of_other_plugins(made, tmp_path):
    """A plugin with a component alone is checked in the stage of another plugin that uses it."""
    folder = made.root.parent / "extra"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "plugin.py").write_text(
        "from regrow import Component\n\n"
        'def regrow_components():\n    return [Component("jitter", "step", "extra.work:jitter")]\n'
    )
    (folder / "work.py").write_text(
        "import random\n\ndef jitter(settings, context):\n    return lambda n: n + random.Random().random()\n"
    )
    settings = {"seed": 1, "tally": {"steps": {"a": {"use": "jitter"}}}}
    with pytest.raises(RegrowError, match="stage tally: output 'sums' is not the same twice"):
        check_plugin("extra.plugin", {"tally": made.example(settings)}, others=[f"{made.package}.plugin"])
    with pytest.raises(RegrowError, match="examples: no stage is called 'tally'"):
        check_plugin("extra.plugin", {"tally": made.example(settings)})


def test_the_process_of_the_test_is_left_alone(made):
    before = np.random.get_state()[1].tobytes(), list(sys.path)
    made.check()
    assert before == (np.random.get_state()[1].tobytes(), list(sys.path))


COLLECTOR = {
    "plugin.py": """
from regrow import Artifact, ArtifactType, Stage, every, maybe


def regrow_artifacts():
    return [ArtifactType("score", "PKG.score", "scores", ".txt")]


def regrow_stages():
    needs = [every("score"), maybe("champion")]
    makes = [Artifact("sum", "record"), Artifact("copy", "score")]
    return [Stage("collect", "delivery", run="PKG.work:collect", needs=needs, makes=makes)]
""",
    "score.py": """
def read(path):
    return path.read_text().split()


def write(value, path):
    path.write_text(" ".join(value))


def check(value):
    if not isinstance(value, list):
        raise ValueError("must be a list of notes")
""",
    "work.py": """
def collect(scores, champion, settings):
    return {"sum": {"tunes": list(scores), "champion": champion}, "copy": scores["a"]}
""",
}


@pytest.fixture
def collector(made):
    """A plugin with an artifact type of its own, and a stage that needs all of a type and one that may be absent."""
    for name, text in COLLECTOR.items():
        made.write(name, text)
    return made


def collect(**inputs):
    return {"given": {"collect": (inputs, {})}}


def test_an_example_gives_all_of_a_type_and_what_may_be_absent(collector):
    collector.check(**collect(scores={"b": ["e"], "a": ["c"]}, champion={"x": 1}))
    collector.check(**collect(scores={"a": ["c"]}, champion=None))
    collector.check(**collect(scores={"a": ["c"]}))


def test_examples_of_a_plugins_own_type_are_checked(collector):
    collector.fails(r"stage collect: input 'a' \(score\) must be a list of notes", **collect(scores={"a": "c"}))
    collector.fails("its inputs must be scores, champion; look at scores", **collect(scores=["c"]))


def test_an_artifact_type_whose_module_lacks_a_function(collector):
    collector.edit("score.py", "def read(", "def raed(")
    collector.fails("artifact type score: read='PKG.score:read' can't be loaded", **collect(scores={"a": ["c"]}))
