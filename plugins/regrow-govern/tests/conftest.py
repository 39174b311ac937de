"""One governed project for all tests of this folder, made once; each test that changes it gets a copy."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import governed


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> governed.Governed:
    """Not to be changed: trained, governed, and signed by nobody."""
    folder = tmp_path_factory.mktemp("governed")
    project = governed.make(folder / "flights")
    governed.govern(project)
    return project


@pytest.fixture
def project(made, tmp_path) -> governed.Governed:
    """A copy that the test may change."""
    return made.copy(tmp_path / "flights")


@pytest.fixture(scope="session")
def promoted(made, tmp_path_factory) -> governed.Governed:
    """Signed by who has to, and promoted to prod. Not to be changed."""
    project = made.copy(tmp_path_factory.mktemp("promoted") / "flights")
    project.everybody_signs()
    project.run("regrow", "promote", "HEAD", "--to", "prod", "--key", project.key("dev"))
    return project
