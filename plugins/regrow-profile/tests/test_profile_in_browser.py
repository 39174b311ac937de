"""The page in a real Chromium: no error, nothing wider than a phone, and axe-core finds nothing."""

from pathlib import Path

import axe
import browser
import pytest
from profiled import settings, table

from regrow_profile.profile import profile

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(browser.program() is None, reason="no Chromium on PATH, nor in CHROMIUM"),
]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory) -> Path:
    """Columns with the names that strangers give them, and more levels than fit a line."""
    rows = table().rename(columns={"gaps": "How often did you, in the last twelve months, call our telephone service?"})
    rows["a_name_that_has_no_place_where_a_line_could_break_and_goes_on_and_on_until_the_edge"] = rows["x"] * -1
    validation = {"assumptions": [{"says": "x is small", "result": "failed", "failing": 3, "columns": ["x"]}]}
    file = tmp_path_factory.mktemp("profile") / "profile.html"
    file.write_text(profile(rows, settings(), validation)["profile_page"], encoding="utf-8")
    return file


@pytest.mark.parametrize("width", [390, 1200])
def test_it_fits_and_tells_no_error(page_file, width, tmp_path):
    with browser.Browser(tmp_path / "user", width=width) as page:
        page.open(page_file.as_uri())
        assert page.run(axe.WIDER) <= 0
        assert page.complaints() == []


@pytest.mark.parametrize("width", [390, 1200])
def test_axe_finds_nothing(page_file, width, tmp_path):
    script = axe.script(tmp_path)
    with browser.Browser(tmp_path / "user", width=width) as page:
        page.open(page_file.as_uri())
        page.run(script)
        assert page.run(axe.WRONG) == []
