"""Plugins: found by name, loaded apart from each other, their faults named, their order that of their names."""

import itertools
import sys

import pytest
from tests.small import install

from regrow.base.errors import RegrowError
from regrow.plugin.manager import load_plugins

_numbers = itertools.count(1)

STAGE = """
from regrow import Artifact, Component, Stage
def regrow_stages():
    return [Stage("{name}", "data", "m:f", makes=[Artifact("{name}_made", "table")])]
"""


@pytest.fixture
def site(tmp_path, small):
    """A folder of installed plugins on sys.path."""
    folder = tmp_path / "lib/site-packages"
    folder.mkdir(parents=True)
    sys.path.append(str(folder))
    return folder


@pytest.fixture
def load(site, small):
    """Install one plugin, load it; the module's name is new each time, as Python keeps what it imported."""

    def go(code: str | None, name: str = "odd"):
        module = f"plug{next(_numbers)}"
        install(site, f"dist-{name}", module, code, name)
        small.edit("pyproject.toml", "plugins = [", f'plugins = ["{name}", ')
        return load_plugins(small.project)

    return go


def by_name(plugins, name: str = "odd"):
    return next(plugin for plugin in plugins.loaded if plugin.name == name)


def test_the_projects_own_module_is_a_plugin(small):
    (own,) = small.plugins.loaded
    assert own.name == "project"
    assert not own.problem
    assert list(small.plugins.stages) == ["make", "score"]
    assert small.plugins.problems == ()


FAULTS = {
    "misspelt hook": (
        "def regrow_stage():\n    return []\n",
        "function regrow_stage is not a hook; did you mean 'regrow_stages'",
    ),
    "hooks in a class": (
        "class Mine:\n    def regrow_stages(self):\n        return []\n",
        "regrow_stages is in the class Mine, where nobody calls it; make it a function of the module",
    ),
    "wrong signature": ("def regrow_stages(project):\n    return []\n", "wrong signature.*project"),
    "wrong signature of a tracker": ("def regrow_recorded(record, more):\n    pass\n", "wrong signature.*more"),
    "not a list": ("def regrow_stages():\n    return None\n", "regrow_stages must return a list of Stage, not None"),
    "list of others": (
        "def regrow_components():\n    return ['a']\n",
        "regrow_components must return a list of Component",
    ),
    "config that is none": ("def regrow_config():\n    return None\n", "regrow_config must return"),
    "config of no package": ("def regrow_config():\n    return 'no.such'\n", "regrow_config names 'no.such'"),
    "hook that is no function": ("regrow_stages = []\n", "not callable"),
    "bad name": (
        "from regrow import Stage\ndef regrow_stages():\n    return [Stage('a b', 'data', 'm:f')]\n",
        "stage name 'a b'",
    ),
    "import error": (
        "import no_such_module_at_all\n",
        "importing .* failed: ModuleNotFoundError: No module named 'no_such",
    ),
    "syntax error": ("def f(:\n", "failed: SyntaxError"),
    "sys.exit at import": ("import sys\nsys.exit(3)\n", r"failed: it called sys.exit\(3\)"),
    "exception at import": ("1 / 0\n", "failed: ZeroDivisionError"),
    "exception in a hook": ("def regrow_stages():\n    raise KeyError('x')\n", "KeyError: 'x'"),
    "sys.exit in a hook": ("def regrow_stages():\n    raise SystemExit('bye')\n", "called sys.exit"),
    "no module": (None, "failed: ModuleNotFoundError"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_and_breaks_nothing_else(load, name):
    code, said = FAULTS[name]
    plugins = load(code)
    plugin = by_name(plugins)
    assert plugin.stages == plugin.components == plugin.config == ()
    assert list(plugins.stages) == ["make", "score"]
    with pytest.raises(RegrowError, match=f"(?s)plugin odd: {said}|plugin odd: .*{said}") as caught:
        plugins.require_sound()
    assert "pyproject.toml" in str(caught.value)


def test_interrupting_is_not_a_fault(load):
    with pytest.raises(KeyboardInterrupt):
        load("raise KeyboardInterrupt\n")


def test_a_plugin_that_is_not_installed_is_told_with_the_nearest(load, small):
    load("", name="features")
    small.edit("pyproject.toml", '"features"', '"featurs"')
    with pytest.raises(RegrowError, match="plugin featurs: is not installed.*did you mean 'features'"):
        small.plugins.require_sound()


def test_one_name_from_two_distributions_is_refused(site, load):
    install(site, "dist-other", "plug_other", "", "odd")
    with pytest.raises(RegrowError, match="brought by two installed packages: dist-odd, dist-other"):
        load("").require_sound()


@pytest.mark.parametrize("listed", ["dist-odd", "dist_odd", "Dist.Odd"])
def test_a_plugin_may_be_listed_by_its_distribution(load, small, listed):
    load(STAGE.format(name="odd_stage"))
    small.edit("pyproject.toml", '"odd"', f'"{listed}"')
    assert by_name(small.plugins).stages[0].name == "odd_stage"
    small.edit("pyproject.toml", f'"{listed}"', f'"{listed}", "odd"')
    small.plugins.require_sound()


def test_what_is_only_installed_does_not_run(site, small):
    install(site, "dist-odd", "plug_never", "raise RuntimeError\n", "odd")
    small.plugins.require_sound()
    assert "plug_never.plugin" not in sys.modules


def test_pluggy_calls_the_hooks(load):
    """So that its own decorator works, as in any program with plugins."""
    code = (
        "import pluggy\nfrom regrow import Component\nhook = pluggy.HookimplMarker('regrow')\n"
        "@hook(specname='regrow_components')\ndef parts():\n    return [Component('a', 'metric', 'm:f')]\n"
        "@hook(wrapper=True)\ndef regrow_stages():\n    found = yield\n    return found[:0]\n"
    )
    plugins = load(code)
    plugins.require_sound()
    assert [one.name for one in by_name(plugins).components] == ["a"]
    assert list(plugins.stages) == ["make", "score"]


def test_an_entry_point_may_name_an_instance_and_no_class(site, small):
    code = (
        "from regrow import Component\nclass Mine:\n    __slots__ = ()\n    def regrow_components(self):\n"
        "        return [Component('a', 'k', 'm:f')]\nmine = Mine()\n"
    )
    install(site, "dist-mine", "plug_mine", code, "mine")
    entry = next(site.glob("*/entry_points.txt"))
    small.edit("pyproject.toml", "plugins = [", 'plugins = ["mine"')
    entry.write_text("[regrow]\nmine = plug_mine.plugin:mine\n")
    assert [one.name for one in by_name(small.plugins, "mine").components] == ["a"]
    entry.write_text("[regrow]\nmine = plug_mine.plugin:Mine\n")
    entry.parent.touch()
    entry.parent.parent.touch()
    assert "names the class Mine" in by_name(small.plugins, "mine").problem


DUPLICATES = {
    "stage": (STAGE.format(name="make"), "stage 'make' is declared twice"),
    "component": (
        "from regrow import Component\ndef regrow_components():\n    return [Component('mean', 'metric', 'm:f')]\n",
        "metric 'mean' is declared twice",
    ),
}


@pytest.mark.parametrize("name", DUPLICATES)
def test_a_name_that_two_plugins_claim_is_refused(load, name):
    code, said = DUPLICATES[name]
    with pytest.raises(RegrowError, match=rf"plugins odd, project: {said}"):
        load(code).require_sound()


def test_a_name_that_one_plugin_claims_twice_is_refused(load):
    pair = "Component('a', 'metric', 'm:f'), Component('a', 'metric', 'm:g')"
    code = f"from regrow import Component\ndef regrow_components():\n    return [{pair}]\n"
    with pytest.raises(RegrowError, match="metric 'a' is declared twice"):
        load(code).require_sound()


KINDS = "from regrow import Component, Kind\ndef regrow_components():\n    return [Component('a', 'distance', 'm:f')]\n"


def test_a_kind_that_nobody_declares_is_refused_with_the_nearest(load, small):
    code = KINDS.replace("distance", "metrc")
    with pytest.raises(RegrowError, match="(?s)plugin odd: component 'a' is of kind 'metrc'.*did you mean 'metric'"):
        load(code).require_sound()
    small.edit("pyproject.toml", '"odd", ', "")
    code = KINDS + "def regrow_kinds():\n    return [Kind('distance', 'collections.abc:Callable', 'how far')]\n"
    load(code, "even").require_sound()
    with pytest.raises(RegrowError, match="plugins regrow, third: kind 'metric' is declared twice"):
        load(code.replace("distance", "metric").replace("'a'", "'b'"), "third").require_sound()


def test_one_name_for_two_kinds_is_fine(load):
    code = "from regrow import Component\ndef regrow_components():\n    return [Component('mean', 'derive', 'm:f')]\n"
    load(code).require_sound()


def test_a_config_option_that_two_plugins_ship_is_refused(load, site):
    for name in ("one", "two"):
        folder = site / f"conf_{name}" / "conf/drift"
        folder.mkdir(parents=True)
        (folder / "default.yaml").write_text("a: 1\n")
        (folder / f"{name}.yaml").write_text("a: 1\n")
        plugins = load(f"def regrow_config():\n    return 'conf_{name}.conf'\n", name)
    with pytest.raises(
        RegrowError, match="plugins one, two: config option 'drift/default' is declared twice"
    ) as caught:
        plugins.require_sound()
    assert len(caught.value.problems) == 1


def test_order_on_the_path_changes_nothing(tmp_path, small):
    folders = []
    for name in ("b", "a", "c"):
        folder = tmp_path / name
        folder.mkdir()
        install(folder, f"dist-{name}", f"plug_order_{name}", STAGE.format(name=f"s_{name}"), name)
        folders.append(str(folder))
    small.edit("pyproject.toml", "plugins = []", 'plugins = ["c", "b", "a"]')
    path = list(sys.path)
    seen = []
    for order in itertools.permutations(folders):
        sys.path[:] = [*order, *path]
        plugins = small.plugins
        seen.append(([plugin.name for plugin in plugins.loaded], list(plugins.stages)))
    assert all(one == (["a", "b", "c", "project"], ["make", "s_a", "s_b", "s_c", "score"]) for one in seen)


def test_the_owner_of_a_stage(small):
    assert small.plugins.owner("make").name == "project"
    with pytest.raises(RegrowError, match="no stage is called 'mak'; did you mean 'make'"):
        small.plugins.owner("mak")
