"""What goes wrong in such systems. `make faults` runs the long form; `make test` the short one, of the same tests."""

import os
from pathlib import Path

import pytest

LONG = os.environ.get("REGROW_FAULTS") == "long"
long_form = pytest.mark.skipif(not LONG, reason="in the long form: make faults")


@pytest.fixture
def scratch(tmp_path) -> Path:
    """A folder under an odd name, as users have them."""
    folder = tmp_path / "ä $b c"
    folder.mkdir()
    return folder
