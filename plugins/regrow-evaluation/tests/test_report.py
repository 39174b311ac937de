"""The page: every section and finding on it, self-contained, safe against hostile data, the same bytes every time."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser

import pytest

from regrow import RegrowError
from regrow.artifacts import blocks, section
from regrow_evaluation.evaluate import evaluate
from regrow_evaluation.report import report

HOSTILE = ("<script>alert(1)</script>", 'a "quoted" & $x^2$', "z\u202e\x07 ]]> --> 🐦")
RECORDS = {"ingest_record": {"rows_kept": 8000, "columns": [{"name": "carrier", "missing": 0.25}], "reader": "csv"}}
FINDINGS = {
    "assumptions": [
        {"code": "near", "title": "all is near", "severity": "critical", "verdict": "passed", "owner": "maps",
         "n": 8000},
        {"code": "early", "title": "nobody is early", "severity": "minor", "verdict": "failed", "seen": "row 7: -3",
         "numbers": {"rows": 12, "share": {"value": 0.0015, "unit": "share", "interval": [0.001, 0.002]}}},
    ],
    "drift": [{"code": "thin", "title": "wind is as it was", "severity": "major", "verdict": "not enough data"}],
}  # fmt: skip
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 1 1">{}</svg>'


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


def part(*given, level="analyse", order=1, title="Wind"):
    made = {"title": title, "level": level, "order": order, "blocks": list(given)}
    section.check(made)
    return made


def render(sections=None, findings=None, metrics=None, records=None):
    return report(sections or {}, findings or {}, metrics or {}, RECORDS if records is None else records, {})["report"]


@pytest.fixture
def make(settings):
    """The page of what `evaluate` makes."""

    def make(task, table, **target):
        made = evaluate(table, settings=settings(task, **target))
        said = {name: made[name] for name in ("result_section", "performance_section")}
        for one in said.values():
            section.check(one)
        return render(said, FINDINGS, {"metrics": made["metrics"]})

    return make


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_what_evaluate_says_is_on_the_page(task, request, make):
    page = Page(make(task, request.getfixturevalue(task)(folds=2), name="late"))
    assert page.tags["svg"] == (4 if task == "regression" else 3)
    assert page.tags["h1"] == 1
    assert page.tags["title"] == 1 + page.tags["svg"]  # the page's own, and one a figure
    for said in ("The result", "rows held out", "600", "Baseline", "By fold", "is better"):
        assert said in page.text
    assert all(value for tag, name, value in page.attributes if name in ("alt", "aria-label", "aria-labelledby"))


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_page_asks_for_nothing_outside(task, request, make):
    html = make(task, request.getfixturevalue(task)())
    page = Page(html)
    asked = ("src", "href", "srcset", "data", "action", "poster")
    links = [value for _, name, value in page.attributes if name.split(":")[-1] in asked]
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
    wanted = re.findall(r"url\(#([^)]+)\)", html)
    wanted += [value[1:] for _, name, value in page.attributes if name == "href" and value[0] == "#"]
    wanted += [word for _, name, value in page.attributes if name == "aria-labelledby" for word in value.split()]
    assert {"decide", "section-performance_section", "findings"} <= set(wanted) <= ids.keys()


def test_hostile_data_is_shown_as_text(multiclass, make):
    page = Page(make("multiclass", multiclass(names=HOSTILE), name=HOSTILE[0]))
    assert page.tags["script"] == 0
    assert "<script>alert(1)</script>" in page.text
    assert 'a "quoted" & $x^2$' in page.text
    assert "\u202e" not in page.text
    assert "\x07" not in page.text


def test_strangers_sections_are_shown_by_level_and_order():
    sections = {
        "a": part(level="engineer", title="Made"),
        "b": part(order=2, title="Second"),
        "c": part(blocks.text("one\n<b>two</b>"), title="First"),
        "d": part(level="decide", order=5, title="Go"),
        "e": part(level="decide", order=7, title="Later"),
    }
    page = Page(render(sections))
    places = [page.text.rindex(title) for title in ("Later", "First", "Second", "Made")]
    assert places == sorted(places)
    assert "Go: report" in page.text  # the first one to decide on opens the page
    assert "<b>two</b>" in page.text
    assert page.tags["h2"] == 3


def test_a_page_without_sections_says_so():
    assert "makes a section" in Page(render()).text


def test_findings_that_did_not_pass_come_first():
    page = Page(render(findings=FINDINGS))
    places = [page.text.index(title) for title in ("nobody is early", "wind is as it was", "all is near")]
    assert places == sorted(places)
    for said in ("1 of 3 passed", "row 7: -3", "owner: maps", "8,000 rows", "0.1%", "0.1% to 0.2%"):
        assert said in page.text


def test_a_number_comes_from_where_it_stands():
    table = blocks.table(
        "t", ["a", "b"], [["x", blocks.at("ingest_record", "columns.0.missing", "share")], ["y", None]]
    )
    html = render({"wind": part(blocks.number("rows", "ingest_record", "rows_kept", "flights"), table)})
    page = Page(html)
    assert "8,000 flights" in page.text
    assert "25.0%" in page.text
    assert ("span", "title", "ingest_record: rows_kept") in page.attributes


FORGED = {
    "another value": ({"value": 9000}, "rows_kept", "says 9000, but ingest_record holds 8000"),
    "no such place": ({}, "rows_kepd", "did you mean 'rows_kept'"),
    "no such artifact": ({"from": {"artifact": "ingest_recordd", "place": "x"}}, "", "did you mean 'ingest_record'"),
    "a text": ({}, "reader", "'csv', not a number"),
    "past the end": ({}, "columns.7.missing", "where nothing stands"),
}


@pytest.mark.parametrize("case", FORGED)
def test_no_number_can_be_forged(case):
    more, place, said = FORGED[case]
    block = {**blocks.number("rows", "ingest_record", place), **more}
    with pytest.raises(RegrowError, match="section wind, block 0") as caught:
        render({"wind": part(block)})
    assert said in str(caught.value)


EVIL = {
    "a script": "<script>alert(1)</script>",
    "a handler": '<path onclick="alert(1)" d="M0 0"/>',
    "HTML": '<foreignObject><iframe src="https://a.example"/></foreignObject>',
    "a link": '<a href="https://a.example"><text>x</text></a>',
    "a picture from elsewhere": '<image xlink:href="https://a.example/x.png"/>',
    "a stylesheet": "<style>@import url(https://a.example)</style>",
    "a style": '<path style="fill: url(https://a.example)" d="M0 0"/>',
    "a style in disguise": '<path style="fill: u\\72l(https://a.example)" d="M0 0"/>',
    "a use of elsewhere": '<use xlink:href="https://a.example#x"/>',
}


@pytest.mark.parametrize("case", EVIL)
def test_of_a_picture_only_what_is_drawn_is_left(case):
    html = render({"wind": part(blocks.figure("f", SVG.format(f'{EVIL[case]}<rect id="kept"/>')))})
    assert 'id="wind-0-kept"' in html
    assert "a.example" not in html
    assert "alert" not in html


def test_a_picture_with_entities_is_refused():
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG.format("<text>&a;</text>")
    with pytest.raises(RegrowError, match="entities"):
        render({"wind": part(blocks.figure("f", bomb))})


def test_a_matplotlib_figure_is_embedded(tmp_path):
    from matplotlib.figure import Figure

    figures = Figure(), Figure()
    for figure in figures:
        figure.add_subplot().plot([1, 2])
    section.write(part(*(blocks.figure("lines", figure) for figure in figures)), tmp_path / "wind")
    html = render({"wind": section.read(tmp_path / "wind")})
    ids = Counter(value for _, name, value in Page(html).attributes if name == "id")
    assert max(ids.values()) == 1
    assert "http:" not in html


def test_a_model_without_probabilities_says_what_is_left_out(binary, make):
    page = Page(make("binary", binary()[["row", "fold", "target", "prediction"]]))
    assert "left out: it needs probabilities" in page.text


AGAIN = """
import json, sys
import pandas as pd
from regrow_evaluation.evaluate import evaluate
from regrow_evaluation.plugin import regrow_components
from regrow_evaluation.report import report
from regrow_evaluation.settings import EvaluateSettings
registry = {(one.kind, one.name): one for one in regrow_components()}
settings = EvaluateSettings.model_validate(json.load(open(f"{sys.argv[1]}/settings")), context={"components": registry})
made = evaluate(pd.read_parquet(f"{sys.argv[1]}/table"), settings)
sections = {name: made[name] for name in sorted(made, reverse=True) if name.endswith("section")}
sys.stdout.buffer.write(report(sections, {}, {"metrics": made["metrics"]}, {}, {})["report"].encode())
"""


@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_same_bytes_in_another_process(task, request, settings, tmp_path):
    """Whatever the hash seed, and whatever matplotlibrc the machine has."""
    table, checked = request.getfixturevalue(task)(folds=2), settings(task)
    made = evaluate(table, settings=checked)
    sections = {name: made[name] for name in ("result_section", "performance_section")}
    table.to_parquet(tmp_path / "table")
    given = {
        "evaluation": {"metrics": {key: {"use": use.name} for key, use in checked.evaluation.metrics.items()}},
        "data": {"task": task, "target": {"column": "outcome"}},
    }
    (tmp_path / "settings").write_text(json.dumps(given))
    (tmp_path / "matplotlibrc").write_text("font.size: 30\naxes.grid: False\nsvg.fonttype: path\n")
    more = {"PYTHONHASHSEED": "4321", "MATPLOTLIBRC": str(tmp_path / "matplotlibrc"), "TZ": "Asia/Tokyo"}
    command = [sys.executable, "-c", AGAIN, str(tmp_path)]
    again = subprocess.run(command, capture_output=True, check=True, env=os.environ | more).stdout
    assert again == render(sections, metrics={"metrics": made["metrics"]}).encode()
