"""docs/reference/components.md is what the declarations say."""

from tools.components_page import PAGE, page


def test_the_page_is_what_make_components_writes():
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make components"
