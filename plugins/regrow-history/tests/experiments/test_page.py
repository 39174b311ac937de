"""The page of experiments in a real Chromium: at the width of a phone nothing but tables scrolls, a click sorts, and
two that are ticked are compared."""

import importlib.util
import os
from pathlib import Path

import pytest

from regrow_history.experiments.page import page
from regrow_history.experiments.table import Row, Table

HERE = Path(__file__)
SPEC = importlib.util.spec_from_file_location("browser", HERE.parents[3] / "regrow-serve/tests/browser.py")
browser = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(browser)
PICTURES = os.environ.get("REGROW_PICTURES")  # a folder to keep them, for whoever looks
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(browser.program() is None, reason="no Chromium on PATH, nor in CHROMIUM"),
]
NAMES = ["roc_auc", "log_loss"]
SETTINGS = ["model.use", "model.learning_rate", "features.steps.carrier.min_frequency", "seed"]
COLUMN = "[...document.querySelectorAll('#all tbody td:nth-child(%d)')].map(one => one.innerText.trim())"


@pytest.fixture
def file(tmp_path):
    rows = [
        Row(f"sweep-{place}", f"{place:040d}", "b",
            {"roc_auc": 0.7 + place % 5 / 50, "log_loss": 0.3 - place / 1000,
             "model.use": ["linear", "boosting"][place % 2],
             "model.learning_rate": None if place % 2 == 0 else 0.1 / place, "seed": place % 3,
             "features.steps.carrier.min_frequency": 10 ** (place % 4)})
        for place in range(12)
    ]  # fmt: skip
    rows.append(Row("broken", "f" * 40, "b", {"model.use": "forest"}, failed="out of memory"))
    table = Table(rows, NAMES, SETTINGS, {"roc_auc": "higher", "log_loss": "lower"})
    made = tmp_path / "page.html"
    made.write_text(page(table, [*NAMES, *SETTINGS], "roc_auc"), encoding="utf-8")
    return made


@pytest.mark.parametrize("width", [390, 1200])
def test_it_fits_and_answers(file, tmp_path, width):
    with browser.Browser(tmp_path / "profile", width, 900) as found:
        found.open(file.as_uri())
        assert found.run("document.documentElement.scrollWidth") <= width
        assert found.run("document.querySelector('tr.best td').innerText.trim()") == "sweep-4"
        assert found.run("document.querySelectorAll('td.best').length") == 2  # of each metric
        head = "[...document.querySelectorAll('#all th')].map(one => one.innerText)"
        assert found.run(head)[3].split("\n") == ["log_loss", "lower is better"]
        found.run("document.querySelectorAll('#all th button')[3].click()")
        losses = [float(one) for one in found.run(COLUMN % 4) if one]
        assert losses == sorted(losses)
        found.run("document.querySelectorAll('#all th button')[3].click()")
        assert [float(one) for one in found.run(COLUMN % 4) if one] == losses[::-1]
        assert found.run(COLUMN % 4)[-1] == ""  # nothing comes last
        for place in (0, 1):
            found.run(f"document.querySelectorAll('#all input')[{place}].click()")
        told = found.run("[...document.querySelectorAll('#two tbody tr')].map(one => one.cells[0].innerText)")
        assert told == ["roc_auc", "log_loss", "model.use", "model.learning_rate", *SETTINGS[2:]]
        assert found.run("document.documentElement.scrollWidth") <= width
        assert found.complaints() == []
        if PICTURES:
            found.picture(Path(PICTURES) / f"experiments-{width}.png")
