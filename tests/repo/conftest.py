"""A folder to carry out a page of the documentation in."""

import shutil

import pytest
from tests.repo.pages import ROOT, Workspace, customers


@pytest.fixture
def workspace(tmp_path, environment, request) -> Workspace:
    """A folder of its own; with a copy of the generated project if the test is marked so by `with_project`."""
    (tmp_path / "regrow").symlink_to(ROOT)
    pip = {"PIP_TARGET": f"{tmp_path}/site", "PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    installs = "pip install" in (ROOT / request.node.callspec.params["page"]).read_text(encoding="utf-8")
    more = {
        **({**pip, "PYTHONPATH": f"{tmp_path}/site"} if installs else {}),
        "DOCS_HERE": f"{tmp_path}/.here",
        "PAGER": "cat",
        "GIT_PAGER": "cat",
    }
    (tmp_path / "customers.csv").write_text(customers(), encoding="utf-8")
    if request.param:
        pristine = request.getfixturevalue("pristine")
        shutil.copytree(pristine.root, tmp_path / "late-flights", symlinks=True)
    return Workspace(tmp_path, {**environment, **more, "COLUMNS": "200"}, tmp_path)
