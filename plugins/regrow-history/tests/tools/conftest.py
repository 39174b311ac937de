"""The repository of one commit."""

from tests.tools.conftest import repository as repository
