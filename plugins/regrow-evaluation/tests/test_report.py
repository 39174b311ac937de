"""The page: complete, self-contained, safe against hostile data, the same bytes every time."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser

import pandas as pd
import pytest

from regrow import Component, Use
from regrow_evaluation.evaluate import evaluate
from regrow_evaluation.report import report

HOSTILE = ("<script>alert(1)</script>", 'a "quoted" & $x^2$', "z\u202e\x07 ]]> --> 🐦")
RECORD = {
    "rows_read": 8123,
    "rows_kept": 8000,
    "columns": [{"name": "<b>carrier</b>", "type": "text", "missing": 0.25}],
    "target": {
        "distribution": [{"class": "no", "rows": 6000, "share": 0.75}, {"class": "yes", "rows": 2000, "share": 0.25}]
    },
}
VALIDATION = {
    "assumptions": [
        {"name": "near", "says": "all is near", "owner": "maps", "severity": "error", "result": "passed", "failing": 0},
        {
            "name": "early",
            "says": "nobody is early",
            "owner": "ops",
            "severity": "warn",
            "result": "failed",
            "failing": 12,
            "use": "range",
            "columns": ["dep_delay"],
            "parameters": {"min": 0},
            "first_rows": [{"row": 7, "values": {"dep_delay": -3}}],
        },
    ]
}


class Page(HTMLParser):
    """Tags, attributes, text and headings of a page."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text, self.open = Counter(), [], "", []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_data(self, data):
        self.text += data + " "


@pytest.fixture
def make(settings, report_settings):
    def make(task, table, record=RECORD, validation=VALIDATION, **target):
        made = evaluate(table, settings=settings(task, **target))
        return report(
            ingest_record=record,
            validation=validation,
            metrics=made["metrics"],
            performance_curve=made["performance_curve"],
            calibration_curve=made["calibration_curve"],
            predictions=table,
            settings=report_settings(task, **target),
        )["report"]

    return make


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_page_is_complete(task, request, make):
    page = Page(make(task, request.getfixturevalue(task)(folds=2), name="late"))
    assert page.tags["svg"] == (4 if task == "regression" else 3)
    assert page.tags["h1"] == 1
    assert page.tags["title"] == 1 + page.tags["svg"]  # the page's own, and one a figure
    for said in (
        "8,000",
        "row 7: dep_delay = -3",
        "nobody is early",
        "maps",
        "fails",
        "model.use",
        "Baseline",
        "25.0%",
        "late",
    ):
        assert said in page.text
    assert all(value for tag, name, value in page.attributes if name in ("alt", "aria-label", "aria-labelledby"))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_page_asks_for_nothing_outside(task, request, make):
    html = make(task, request.getfixturevalue(task)())
    page = Page(html)
    links = [
        v
        for _, name, v in page.attributes
        if name.split(":")[-1] in ("src", "href", "srcset", "data", "action", "poster")
    ]
    assert all(link.startswith("#") or link == "data:," for link in links)
    assert not page.tags.keys() & {"script", "iframe", "object", "embed", "base", "form", "img", "audio", "video"}
    assert all(inside.startswith("#") for inside in re.findall(r"url\(\s*[\"']?(.)", html))
    assert "@import" not in html
    assert "http:" not in html
    assert "https:" not in html
    assert ("meta", "content", "default-src 'none'; style-src 'unsafe-inline'; img-src data:") in page.attributes


def test_ids_are_unique_and_every_reference_leads_somewhere(regression, make):
    html = make("regression", regression())
    page = Page(html)
    ids = Counter(value for _, name, value in page.attributes if name == "id")
    assert max(ids.values()) == 1
    wanted = re.findall(r"url\(#([^)]+)\)", html) + [
        v[1:] for _, n, v in page.attributes if n == "href" and v[0] == "#"
    ]
    wanted += [word for _, n, v in page.attributes if n == "aria-labelledby" for word in v.split()]
    assert wanted
    assert set(wanted) <= ids.keys()


def test_hostile_data_is_shown_as_text(multiclass, make):
    table = multiclass(names=HOSTILE)
    record = {"columns": [{"name": name, "type": "text", "missing": 0} for name in HOSTILE]}
    page = Page(make("multiclass", table, record=record, name=HOSTILE[0]))
    assert page.tags["script"] == 0
    assert "<script>alert(1)</script>" in page.text
    assert 'a "quoted" & $x^2$' in page.text
    assert "\u202e" not in page.text
    assert "\x07" not in page.text


@pytest.mark.parametrize(
    "record", [{}, {"columns": None, "target": None}, {"rows_read": 3, "target": {"distribution": [1]}}]
)
@pytest.mark.parametrize("validation", [[], {}, {"assumptions": []}, [{"name": "only"}]])
def test_thin_records_give_a_thinner_page(binary, make, record, validation):
    page = Page(make("binary", binary(), record=record, validation=validation))
    assert page.tags["svg"] == 3


def test_a_model_without_probabilities_says_what_is_left_out(binary, make):
    page = Page(make("binary", binary()[["row", "fold", "target", "prediction"]]))
    assert "left out: it needs probabilities" in page.text


@pytest.mark.parametrize("names", [(0, 1), ("Fiji", "NA")])
def test_curves_may_come_back_from_csv(binary, settings, report_settings, tmp_path, names):
    """A class called 1 is a number once it has been through a file, and one called NA is missing."""
    table = binary(names=names)
    made = evaluate(table, settings=settings("binary"))
    for name in ("performance_curve", "calibration_curve"):
        made[name].to_csv(tmp_path / name, index=False)
        made[name] = pd.read_csv(tmp_path / name)
    html = report(ingest_record={}, validation=[], predictions=table, settings=report_settings("binary"), **made)[
        "report"
    ]
    assert Page(html).tags["svg"] == 3


AGAIN = """
import json, sys
import pandas as pd
from regrow_evaluation.plugin import regrow_components
from regrow_evaluation.report import report
from regrow_evaluation.settings import ReportSettings
folder = sys.argv[1]
given = json.load(open(f"{folder}/given.json"))
registry = {(one.kind, one.name): one for one in regrow_components()}
given["settings"] = ReportSettings.model_validate(given["settings"], context={"components": registry})
for name in ("predictions", "performance_curve", "calibration_curve"):
    given[name] = pd.read_parquet(f"{folder}/{name}.parquet")
sys.stdout.buffer.write(report(**given)["report"].encode())
"""


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_same_bytes_twice_and_in_another_process(task, request, settings, report_settings, tmp_path):
    """Whatever the hash seed, and whatever matplotlibrc the machine has."""
    table = request.getfixturevalue(task)(folds=2)
    made = evaluate(table, settings=settings(task)) | {"predictions": table}
    records = {"ingest_record": RECORD, "validation": VALIDATION}
    first, second = (report(**made, **records, settings=report_settings(task))["report"] for _ in range(2))
    assert first == second
    for name in ("predictions", "performance_curve", "calibration_curve"):
        made.pop(name).to_parquet(tmp_path / f"{name}.parquet")
    given = made | records | {"settings": {"seed": 1, **report_settings(task).groups()}}
    (tmp_path / "given.json").write_text(json.dumps(given))
    (tmp_path / "matplotlibrc").write_text("font.size: 30\naxes.grid: False\nsvg.fonttype: path\n")
    environment = os.environ | {
        "PYTHONHASHSEED": "4321",
        "MATPLOTLIBRC": str(tmp_path / "matplotlibrc"),
        "TZ": "Asia/Tokyo",
    }
    command = [sys.executable, "-c", AGAIN, str(tmp_path)]
    assert subprocess.run(command, capture_output=True, check=True, env=environment).stdout == first.encode()


def test_another_plugins_metric_is_judged_by_the_direction_that_it_declares(binary, settings, report_settings):
    table = binary()
    cost = Component("cost", "metric", "regrow_evaluation.metrics:brier", about="what errors cost", better="lower")
    chosen = {"dear": Use(cost)}
    made = evaluate(table, settings=settings("binary", chosen)) | {"predictions": table}
    page = report(ingest_record={}, validation=[], settings=report_settings("binary", chosen), **made)["report"]
    assert "what errors cost; lower is better" in page
    assert '<span class="good">better</span>' in page
