"""A plugin that anyone could have written: installed, listed, compiled, run, removed; the ways it can be broken."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import ROOT, Tree

DRIFT = ROOT / "tests" / "plugins" / "regrow-drift"
LISTED = 'plugins = ["data", '


@pytest.fixture(scope="session")
def installed(tmp_path_factory) -> Path:
    """A folder of installed packages, as pip makes it, that holds regrow-drift."""
    target = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--offline",
    ]
    command += ["--python", sys.executable, "--target", str(target), str(DRIFT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def site(installed, tmp_path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(installed, tmp_path / "lib ü" / "site-packages"))


@pytest.fixture
def with_site(project, site) -> Tree:
    """The project, in an environment that holds regrow-drift."""
    return Tree(project.root, {**project.environment, "PYTHONPATH": str(site)})


@pytest.fixture(scope="module")
def drifted(pristine, installed, tmp_path_factory) -> Tree:
    """A project that uses regrow-drift, run and committed. Not to be changed."""
    root = tmp_path_factory.mktemp("drifted") / pristine.root.name
    shutil.copytree(pristine.root, root, symlinks=True)
    tree = Tree(root, {**pristine.environment, "PYTHONPATH": str(installed)})
    tree.edit("pyproject.toml", LISTED, 'plugins = ["drift", "data", ')
    tree.run("regrow", "compile")
    assert tree.repro() == ["compile", "drift", "decide", "report"], "gates and report see all metrics"
    tree.commit("drift")
    return tree


@pytest.fixture
def drifting(drifted, site, tmp_path) -> Tree:
    """A copy of it, whose regrow-drift a test may change, too."""
    root = tmp_path / "ä copy" / drifted.root.name
    shutil.copytree(drifted.root, root, symlinks=True)
    return Tree(root, {**drifted.environment, "PYTHONPATH": str(site)})


def make_plugin(site: Path, name: str, body: str, distribution: str = "") -> None:
    """Install a one-module plugin the way pip leaves it."""
    module = f"plugin_{name}"
    (site / f"{module}.py").write_text(body)
    info = site / f"{distribution or module}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution or module}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[regrow]\n{name} = {module}\n")


class TestAGoodPlugin:
    def test_it_does_nothing_until_it_is_listed(self, with_site):
        last = with_site.run("regrow", "plugins").stdout.splitlines()[-1]
        assert last.startswith("installed, but not in pyproject.toml [tool.regrow] plugins: ")
        assert "drift" in last.rpartition(": ")[2].split(", ")
        assert with_site.repro() == []

    def test_listing_without_compiling_says_what_to_do(self, with_site):
        with_site.edit("pyproject.toml", LISTED, 'plugins = ["drift", "data", ')
        assert "run: regrow compile" in with_site.fails("dvc", "repro")

    def test_its_stage_component_and_settings_group_work(self, drifting):
        assert '"distance"' in drifting.read("metrics/drift_metrics.json")
        assert drifting.read("plots/drift_plot.svg").startswith("<svg")
        assert "drift_metrics.json" in drifting.run("dvc", "metrics", "show").stdout
        output = drifting.run("dvc", "exp", "run", "-S", "drift=median", "-S", "drift.most=3").stdout
        assert "Running stage 'drift'" in output
        assert "Running stage 'train'" not in output
        assert drifting.read("plots/drift_plot.svg").count("<rect") == 3

    def test_it_reruns_for_its_own_reasons_only(self, drifting, site):
        picture = site / "regrow_drift" / "picture.py"
        picture.write_text("# a comment\n" + picture.read_text())
        drifting.run("regrow", "compile")
        assert drifting.repro() == [], "a comment changes no fingerprint"
        picture.write_text(picture.read_text().replace('height="16"', 'height="14"'))
        assert "code: regrow_drift.picture:bars: " in drifting.run("regrow", "explain", "drift").stdout
        drifting.run("regrow", "compile")
        assert drifting.repro() == ["compile", "drift"]

    def test_code_other_than_recorded_is_not_run(self, drifting, site):
        picture = site / "regrow_drift" / "picture.py"
        picture.write_text(picture.read_text().replace('height="16"', 'height="14"'))
        (drifting.root / "plots/drift_plot.svg").unlink()
        shutil.rmtree(drifting.root / ".dvc/cache")
        output = drifting.fails("dvc", "repro", "--single-item", "drift")
        assert "code regrow_drift.picture:bars: recorded" in output
        assert "regrow compile" in output
        assert "fingerprints/drift.lock" not in drifting.changed()

    def test_a_changed_package_reruns_who_imports_it(self, drifting, site):
        """The package is a small one of our own, so that the test needs no index."""
        (site / "smallstats.py").write_text("def scale():\n    return 1.0\n")
        info = site / "smallstats-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: smallstats\nVersion: 1.0\n")
        (info / "RECORD").write_text("smallstats.py,,\n")
        stage = site / "regrow_drift" / "stage.py"
        stage.write_text(
            "import smallstats\n"
            + stage.read_text().replace("distance(train, test)", "distance(train, test) * smallstats.scale()")
        )
        drifting.run("regrow", "compile")
        assert drifting.repro() == ["compile", "drift"]
        assert "package smallstats 1.0" in drifting.read("fingerprints/drift.lock")
        drifting.commit()

        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: smallstats\nVersion: 2.0\n")
        drifting.edit("requirements.lock", "zc-lockfile==", "zc-lockfile==")  # the lock is what a user changes first
        drifting.write("requirements.lock", drifting.read("requirements.lock") + "# smallstats 2.0\n")
        assert "package: smallstats: 1.0 -> 2.0" in drifting.run("regrow", "explain", "drift").stdout
        assert drifting.repro() == ["compile", "drift"], "plain dvc repro, since the lock has changed"
        assert "+package smallstats 2.0" in drifting.run("git", "diff", "-U0", "fingerprints").stdout

    def test_removing_it_removes_its_stage_and_nothing_else(self, drifting):
        own = (
            "  my_own:\n    cmd: cp metrics.json copy.json\n    deps: [metrics.json]\n    # x\n    outs: [copy.json]\n"
        )
        drifting.write("dvc.yaml", drifting.read("dvc.yaml") + own)
        assert drifting.repro() == ["my_own"]
        drifting.edit("pyproject.toml", 'plugins = ["drift", "data", ', LISTED)
        told = drifting.run("regrow", "compile").stdout
        assert "removed fingerprints/drift.lock" in told
        text = drifting.read("dvc.yaml")
        assert "drift" not in text
        assert text.endswith(own)
        assert "drift" not in drifting.read("params.yaml") + drifting.read("conf/plugins.yaml")
        assert drifting.repro() == ["compile"]
        drifting.run("regrow", "compile", "--check")

    def test_the_order_on_the_path_changes_nothing(self, with_site, site, tmp_path):
        other = tmp_path / "other"
        other.mkdir()
        body = "from regrow import Component\ndef regrow_components(): return [Component('x', 'derive', 'm:f')]\n"
        make_plugin(other, "aaa", body)
        with_site.edit("pyproject.toml", LISTED, 'plugins = ["drift", "aaa", "data", ')
        texts = []
        for path in (f"{site}:{other}", f"{other}:{site}"):
            with_site.run("regrow", "compile", PYTHONPATH=path)
            texts.append([with_site.read(name) for name in ("dvc.yaml", "params.yaml", "fingerprints/drift.lock")])
        assert texts[0] == texts[1]


BROKEN = {
    "misspelt": ("def regrow_stage():\n    return []\n", ["regrow_stage", "did you mean 'regrow_stages'"]),
    "signature": ("def regrow_stages(config):\n    return []\n", ["wrong signature", "config"]),
    "type": ("def regrow_stages():\n    return ['train']\n", ["regrow_stages must return a list of Stage"]),
    "imports": ("import no_such_package\n", ["no_such_package"]),
    "exits": ("import sys\nsys.exit(3)\n", ["sys.exit(3)"]),
    "syntax": ("def regrow_stages(:\n", ["SyntaxError"]),
    "raises": ("def regrow_stages():\n    raise RuntimeError('no luck')\n", ["RuntimeError: no luck"]),
    "duplicate": (
        "from regrow import Artifact, Stage\n"
        "def regrow_stages():\n"
        "    return [Stage('train', 'experiment', 'm:f', makes=[Artifact('other', 'record')])]\n",
        ["stage 'train' is declared twice", "experiment"],
    ),
}


@pytest.fixture(scope="module")
def shared(pristine, tmp_path_factory) -> Tree:
    """One project for all broken plugins: each test puts pyproject.toml back."""
    root = tmp_path_factory.mktemp("shared") / pristine.root.name
    shutil.copytree(pristine.root, root, symlinks=True)
    return Tree(root, pristine.environment)


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_plugin_is_named_and_the_other_commands_go_on(shared, tmp_path, kind):
    body, told = BROKEN[kind]
    site = tmp_path / "site"
    site.mkdir()
    make_plugin(site, kind, body)
    shared.edit("pyproject.toml", LISTED, f'plugins = ["{kind}", "data", ')
    try:
        broken = Tree(shared.root, {**shared.environment, "PYTHONPATH": str(site)})
        for command in (["regrow", "compile"], ["regrow", "compile", "--check"], ["dvc", "repro"]):
            output = broken.fails(*command)
            assert [word for word in [kind, *told] if word not in output] == [], output
        listed = broken.fails("regrow", "plugins", code=1)
        assert kind in listed
        assert "stages: ingest, split, validate" in listed
        assert kind in broken.fails("regrow", "plugins", "--json", code=1)
        assert kind in broken.fails("regrow", "doctor", code=1)
        assert broken.run("regrow", "stage", "split").returncode == 0, "a stage of another plugin goes on"
    finally:
        shared.run("git", "checkout", "--", ".")


def test_a_plugin_that_is_not_installed_is_named_with_the_nearest(shared):
    shared.edit("pyproject.toml", LISTED, 'plugins = ["featurs", "data", ')
    output = shared.fails("regrow", "compile")
    shared.run("git", "checkout", "--", ".")
    assert "plugin featurs" in output
    assert "did you mean 'features'" in output
    assert "pip install the package that brings it" in output


WRONG_SHAPES = {
    "two makers": (
        "a",
        ["table"],
        [("features", "table")],
        ["artifact 'features' is made twice", "stage features and stage extra"],
    ),
    "no maker": ("b", ["tabel"], [("extra", "record")], ["needs 'tabel'", "did you mean 'table'"]),
    "circle": ("c", ["extra"], [("extra", "record")], ["need each other in a circle: extra -> extra"]),
    "outside": ("d", ["table"], [("extra", "record", "../x.json")], ["must be a relative path inside the project"]),
    "reserved": ("e", ["table"], [("extra", "record", "conf/x.json")], ["may not lie in conf/x.json"]),
    "unknown type": ("f", ["table"], [("extra", "tabel")], ["unknown type 'tabel'", "did you mean 'table'"]),
}


@pytest.mark.parametrize("shape", WRONG_SHAPES)
def test_a_pipeline_that_cannot_be_is_refused_by_name(shared, shape):
    _, needs, makes, told = WRONG_SHAPES[shape]
    artifacts = ", ".join(f"Artifact{made!r}" for made in makes)
    stage = f"Stage('extra', 'data', 'm:f', needs={needs!r}, makes=[{artifacts}])"
    plugin = f"from regrow import Artifact, Stage\ndef regrow_stages():\n    return [{stage}]\n"
    shared.write("src/late_flights/plugin.py", plugin + shared.read("src/late_flights/plugin.py"))
    output = shared.fails("regrow", "compile")
    shared.run("git", "checkout", "--", ".")
    assert [word for word in told if word not in output] == [], output
