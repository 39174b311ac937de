"""axe-core in a page of `browser`: what keeps somebody who cannot see or point from reading it."""

import shutil
import subprocess
from pathlib import Path

import pytest

WRONG = (
    """axe.run().then(found => found.violations.map(one => one.id + ': ' + one.nodes.map(node => node.html).join()))"""
)
WIDER = "document.documentElement.scrollWidth - window.innerWidth"  # pixels that a page is wider than its window


def script(folder: Path) -> str:
    """axe-core, from the registry that npm asks, by way of a folder; the test is skipped where it can't be had."""
    if shutil.which("npm") is None:
        pytest.skip("axe-core comes by npm, which is not here")
    if subprocess.run(["npm", "pack", "--silent", "axe-core@4"], cwd=folder, check=False).returncode:
        pytest.skip("npm can't fetch axe-core")
    (archive,) = folder.glob("*.tgz")
    shutil.unpack_archive(archive, folder)
    return (folder / "package/axe.min.js").read_text(encoding="utf-8")
