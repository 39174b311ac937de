"""Stages of plugins that a project leaves out, or uses twice."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from regrow import Artifact, RegrowError, Stage, every
from regrow.cli.plugins import command
from regrow.stage.run_stage import run_stage

TWICE = """

_all = regrow_stages


def regrow_stages():
    make, score = _all()
    more = Stage("more", "data", "PKG.more:more", needs=["raw"], makes=[Artifact("rows", "table")])
    return [make, score, more, score.named("score_more", needs={"table": "rows"}, makes={"page": "more_page"})]
"""
MORE = """
import pandas as pd


def more(raw, settings):
    return {"rows": pd.DataFrame({"x": [1, 3]})}
"""


def stages(small) -> dict:
    return YAML(typ="safe").load(small.read("dvc.yaml"))["stages"]


def test_a_stage_is_left_out_and_its_components_stay(small):
    small.edit("pyproject.toml", "plugins = []", 'plugins = []\nwithout = ["project.make"]')
    own = small.read(small.code("plugin")).partition("def regrow_components")
    mine = 'Stage("mine", "data", "PKG.work:make", ["raw"], [Artifact("table", "table")], ["rows", "seed", "steps"],'
    mine = f'_all = regrow_stages\n\n\ndef regrow_stages():\n    return [*_all(), {mine} "PKG.settings:Make")]\n\n\n'
    small.write(small.code("plugin"), own[0] + mine.replace("PKG", small.package) + own[1] + own[2])
    small.compile()
    assert list(stages(small)) == ["compile", "mine", "score"]
    run_stage(small.project, "mine")
    assert list(pd.read_parquet(small.root / "data/table.parquet")["x"]) == [8, 10, 12]
    with pytest.raises(RegrowError, match="no stage is called 'make'; there are: mine, score"):
        run_stage(small.project, "make")
    shown = CliRunner().invoke(command).output
    assert "  stages: mine, score\n" in shown
    assert "  left out: make\n" in shown


def test_one_that_is_none_is_refused_with_the_nearest(small):
    small.edit("pyproject.toml", "plugins = []", 'plugins = []\nwithout = ["project.mak"]')
    with pytest.raises(
        RegrowError, match="without names 'project.mak', which is no stage\n.*did you mean 'project.make'"
    ):
        small.compile()


@pytest.fixture
def twice(small):
    small.write(small.code("more"), MORE)
    small.write(small.code("plugin"), small.read(small.code("plugin")) + TWICE.replace("PKG", small.package))
    return small


def test_a_stage_is_used_twice(twice):
    twice.compile()
    second = stages(twice)["score_more"]
    assert second["deps"] == ["data/rows.parquet", "fingerprints/score_more.lock"]
    assert second["outs"][0] == "reports/more_page.html"
    for name in ("make", "more", "score", "score_more"):
        run_stage(twice.project, name)
    assert json.loads(twice.read("metrics.json")) == {"mean": 10.0}
    assert json.loads(twice.read("metrics/score_more_metrics.json")) == {"mean": 2.0}
    assert "a title" in twice.read("reports/more_page.html")


def test_what_it_gets_and_gives_is_in_its_fingerprint(twice):
    twice.compile()
    text = twice.read("fingerprints/score_more.lock")
    assert "\ngets table rows\n" in text
    assert "\ngives more_page page\n" in text
    assert "\ngives score_more_metrics metrics\n" in text
    assert "gives" not in twice.read("fingerprints/score.lock")


def test_a_renamed_need_that_nobody_makes(twice):
    twice.edit(twice.code("plugin"), '"rows"}', '"rosw"}')
    with pytest.raises(RegrowError, match="needs 'rosw', which no stage makes and no source is\n.*did you mean 'rows'"):
        twice.compile()


def test_a_key_that_is_none_is_refused():
    one = Stage("one", "data", "m:f", needs=["a", every("record")], makes=[Artifact("x", "table")])
    with pytest.raises(ValueError, match="stage two: 'b' is neither among the needs of one nor made by it"):
        one.named("two", needs={"b": "c"})
    with pytest.raises(ValueError, match="need 'a b'"):
        one.named("two", needs={"a": "a b"})
    assert one.named("two", params=["seed"]).params == ("seed",)
