"""A view of the page for each role: what it shows, and what it hides."""

import re
from pathlib import Path

import pytest

from regrow.artifacts import blocks
from regrow_evaluation.report import report
from regrow_evaluation.views import VIEWS

ROLES = Path(__file__).resolve().parents[3] / "docs/roles.md"
FINDING = {"code": "x.y", "title": "A check", "severity": "minor", "verdict": "failed"}
SECTIONS = {
    "result_section": ("decide", "The result"),
    "examined-slices": ("analyse", "For whom it is worse"),
    "search_section": ("analyse", "The search"),
    "columns_section": ("engineer", "Columns"),
    "strange_section": ("decide", "A stranger's, for all"),
}


def made(findings: dict | None = None) -> str:
    said = {name: {"title": title, "level": level, "order": 0, "blocks": [blocks.text("Words.")]}
            for name, (level, title) in SECTIONS.items()}  # fmt: skip
    return report(said, {"examine": [FINDING]} if findings is None else findings, {}, {}, {})["report"]


@pytest.fixture(scope="module")
def page() -> str:
    return made()


def shown(page: str, role: str) -> set[str]:
    """The sections that carry a role's name."""
    chapters = re.findall(r'<section class="chapter([^"]*)" aria-labelledby="section-([^"]+)"', page)
    return {name for roles, name in chapters if role in roles.split()}


def test_each_role_of_the_docs_has_a_view_and_a_link_to_it(page):
    titles = re.findall(r"^## (.*)$", ROLES.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(titles) == sorted(view.title for view in VIEWS.values())
    for key, view in VIEWS.items():
        assert f'<a href="#for-{key}">{view.title}</a>' in page
        assert f'id="for-{key}"' in page
        assert f"#for-{key}:target ~ main :is(.part, .chapter):not(.{key})" in page


def test_a_view_shows_what_concerns_its_role_and_what_is_to_be_decided(page):
    assert shown(page, "data-engineer") == {"columns_section", "strange_section"}
    assert shown(page, "risk-manager") == {"examined-slices", "strange_section"}
    assert shown(page, "data-scientist") == {"examined-slices", "search_section", "strange_section"}


def test_a_part_of_which_nothing_is_left_goes_too_and_what_was_checked_stays(page):
    parts = dict(re.findall(r'<section class="part([^"]*)" aria-labelledby="([^"]+)"', page))
    roles = {level: set(found.split()) for found, level in ((one, name) for one, name in parts.items())}
    assert roles["decide"] == set(VIEWS)
    assert "data-scientist" in roles["analyse"]
    assert roles["engineer"] == {"data-engineer", "software-engineer", "architect"}


def test_a_page_that_judges_nothing_has_no_views():
    assert "for-devops" not in made({})
    assert 'class="chapter' not in made({})


def test_a_role_that_would_see_everything_has_no_view():
    said = {"result_section": {"title": "All", "level": "decide", "order": 0, "blocks": []}}
    assert "for-devops" not in report(said, {"examine": [FINDING]}, {}, {}, {})["report"]
