"""The page at `/`, in a real Chromium: a person fills in a row, and sees answer, verdict and reasons."""

import os
from pathlib import Path

import browser
import pytest

from regrow_serve.drill import serving

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(browser.program() is None, reason="no Chromium on PATH, nor in CHROMIUM"),
]
PICTURES = os.environ.get("REGROW_PICTURES")  # a folder to keep them, for whoever looks
WAIT = """new Promise(done => {
  const look = () => document.getElementById("prediction") ? done(document.getElementById("said").innerText)
    : setTimeout(look, 20);
  look();
})"""


@pytest.fixture(scope="module")
def server(made, tmp_path_factory):
    with serving(made["file"], tmp_path_factory.mktemp("page"), "--deadline", "60") as found:
        found.patience = 60
        yield found


@pytest.fixture
def page(server, tmp_path):
    with browser.Browser(tmp_path / "profile") as found:
        found.open(f"http://127.0.0.1:{server.port}/")
        yield found


def answer(page) -> str:
    """What it says after the button, pressed by keyboard."""
    page.run("document.getElementById('said').textContent = ''")
    page.run("document.querySelector('button').focus()")
    page.press("Enter", 13, "\r")
    return page.run(WAIT)


def test_a_row_of_the_data_is_answered_as_the_server_answers(page, server, row):
    for name, value in row.items():
        page.fill(name, "" if value is None else str(value).lower() if isinstance(value, bool) else str(value))
    said = answer(page)
    one = server.ask("POST", "/v1/predict", browser.json.dumps({"rows": [row]}).encode())[1]["answers"][0]
    assert said.startswith(str(one["prediction"]))
    assert f"{100 * one['probabilities']['1']:.1f} %" in said
    assert "guard: ok" in said
    assert "answered by\nmodel" in said
    assert page.complaints() == []
    assert all(url.startswith((f"http://127.0.0.1:{server.port}/", "about:", "data:")) for url in page.requests())


def test_what_is_odd_is_answered_with_the_reason(page, row):
    page.fill("carrier", "ZZ")
    said = answer(page)
    assert "guard: odd" in said
    assert "carrier (ZZ) is a value that no training row has; allowed: AA, B6, UA" in said


def test_what_is_refused_gets_the_reason_and_no_answer(page):
    page.fill("distance", "far")
    page.fill("fuel", "1000000")
    said = answer(page)
    assert said.startswith("No answer")
    assert "guard: refused" in said
    assert "distance (far) is not a whole number" in said
    assert "fuel (1000000) is out of the training rows' range" in said
    page.fill("distance", "500")
    page.fill("fuel", "10")
    assert "guard: ok" in answer(page)


@pytest.mark.parametrize("width", [390, 1200])
def test_it_fits_the_window(page, width, tmp_path):
    page.size(width, 900)
    page.fill("origin", "BOS")
    answer(page)
    assert page.run("document.documentElement.scrollWidth") <= width
    outside = "[...document.querySelectorAll('input, button, #answer')].filter(one => { const at = "
    outside += "one.getBoundingClientRect(); return at.left < 0 || at.right > innerWidth || at.width < 60; }).length"
    assert page.run(outside) == 0
    unlabelled = "[...document.querySelectorAll('input')].filter(one => one.labels.length !== 1).length"
    assert page.run(unlabelled) == 0
    page.picture((Path(PICTURES) if PICTURES else tmp_path) / f"page-{width}.png")
