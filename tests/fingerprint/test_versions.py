"""A plugin counts by its code: a release that changes none of it reruns nothing; what the lock lacks is still named."""

import importlib
import sys

import pytest
from tests.small import install

from regrow.base.errors import Exit, RegrowError
from regrow.compile import write_and_check
from regrow.run.refusals import unlocked

PLUGIN = """
from regrow import Artifact, Stage

def regrow_stages():
    return [Stage("shift", "data", "PKG.plugin:shift", ["raw"], [Artifact("moved", "record")])]

def shift(raw, settings):
    return {"moved": [1]}
"""


@pytest.fixture
def shifting(small, tmp_path):
    """A project that uses the installed plugin of distribution `dist-shift`, and its folder."""
    site = tmp_path / "lib/site-packages"
    site.mkdir(parents=True)
    sys.path.append(str(site))
    name = f"shift_of_{small.package}"
    install(site, "dist-shift", name, PLUGIN.replace("PKG", name), "shift")
    small.edit("pyproject.toml", "plugins = []", 'plugins = ["shift"]')
    return small, site, name


def release(site, name: str, version: str, code: str = "") -> None:
    """The next version of the plugin, with a comment or other code."""
    metadata = site / "dist_shift-1.0.dist-info/METADATA"
    metadata.write_text(metadata.read_text().replace("Version: 1.0", f"Version: {version}"))
    text = (site / name / "plugin.py").read_text()
    (site / name / "plugin.py").write_text(f"# {version}\n{text.replace('[1]', code or '[1]')}")
    (site / f"{version}.txt").touch()  # what is installed is read anew where its folder has changed
    for module in [one for one in sys.modules if one.partition(".")[0] == name]:
        del sys.modules[module]
    importlib.invalidate_caches()


def test_a_release_with_a_comment_changes_no_fingerprint(shifting):
    small, site, name = shifting
    small.compile()
    before = small.read("fingerprints/shift.lock")
    assert f"\ncode {name}.plugin:shift " in before
    assert "dist-shift" not in before
    release(site, name, "1.0.1")
    assert small.compile() == []
    release(site, name, "1.0.2", "[2]")
    assert small.compile() == ["fingerprints/shift.lock"]


def test_a_plugin_in_no_lock_is_named(shifting):
    small, _, _ = shifting
    small.compile()
    small.write("requirements.lock", "other==1.0\n")
    (problem,) = unlocked(small.project)
    assert "\n  dist-shift: shift" in problem.wrong
    small.write("requirements.lock", "dist-shift==1.0\n")
    assert all("dist-shift" not in one.wrong for one in unlocked(small.project))


def test_other_code_of_another_version_than_locked_stops_the_pipeline(shifting):
    small, site, name = shifting
    small.write("requirements.lock", "dist-shift==1.0\n")
    small.compile()
    release(site, name, "1.1", "[2]")
    with pytest.raises(RegrowError, match="dist-shift: locked 1.0, here 1.1") as caught:
        write_and_check.in_pipeline(small.project)
    assert caught.value.code == Exit.ENVIRONMENT
    notes = write_and_check.write(small.project)[1]
    assert notes == ["not what requirements.lock says: dist-shift: locked 1.0, here 1.1"]
    assert write_and_check.in_pipeline(small.project) == notes
