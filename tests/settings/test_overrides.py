# ruff: noqa: E501 - lists of values
"""Differences are said as Hydra overrides that give the settings again; adopted, they are a file that does so."""

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from regrow.base.errors import RegrowError
from regrow.base.yaml_files import ABSENT
from regrow.compile.pipeline import Pipeline
from regrow.settings import overrides
from regrow.settings.compose import compose
from regrow.tools import hydra
from regrow_history.experiments import adopt

TEXTS = ["plain", "two words", " lead", "trail ", "it's", 'say "x"', "a,b", "a:b", "a=b", "[a]", "{a}", "(a)", "😀", "ä", "", "1", "1.5", "-1", "1e3",
         "true", "False", "null", "None", "nan", "inf", "-inf", "yes", "a\\b", "\\", "a\\", "\\'", "a\\'b", "C:\\dir\\", "#x", "$x", "~x", "+x", "%", "a.b", "a/b",
         "a-b", "*", "?", "a\nb", "a\tb", "010", "x y,z:{w}", "''", '"', "@", "!", "&", "|", ">", "<", "glob(*)", "1,2", "_", "0x1f"]  # fmt: skip
VALUES = [1, -1, 0, 1.0, 0.1, 1e-7, 1e22, -2.5, 10**20, True, False, None, [], [1, [2, "a b"]], {}, {"a": {"b": [1, {"c": "d,e"}]}}, ["", "true"], {"k_1": None}]  # fmt: skip


def parsed(value) -> object:
    from hydra.core.override_parser.types import QuotedString

    def plain(node):
        if isinstance(node, QuotedString):
            return node.text
        if isinstance(node, dict):
            return {plain(key): plain(inner) for key, inner in node.items()}
        return [plain(inner) for inner in node] if isinstance(node, list) else node

    (override,) = OverridesParser.create().parse_overrides([f"key={overrides.to_hydra(value)}"])
    return plain(override.value())


@pytest.mark.parametrize("value", [*TEXTS, *VALUES], ids=repr)
def test_hydra_parses_a_value_as_what_it_was(value):
    assert repr(parsed(value)) == repr(value)


def test_hydra_composes_values_as_what_they_were(small):
    small.edit("conf/config.yaml", "rows: 3", "rows: 3\nmany: {}")
    base = _composed(small)
    values = [*TEXTS, *VALUES, "${seed}", "${oc.env:HOME}", "\\\\${seed}", "a'${seed}"]
    wanted = base | {"many": {f"k{n}": value for n, value in enumerate(values)}}
    again = compose(small.project, overrides.as_overrides(base, wanted))
    assert [repr(one) for one in again["many"].values()] == [repr(one) for one in values]


def _composed(small) -> dict:
    small.write("conf/plugins.yaml", "defaults: []\n")
    return compose(small.project)


def test_differences():
    one = {"a": 1, "s": {"x": {"use": "u", "p": 1}, "y": {"use": "v"}}}
    two = {"a": 1.0, "s": {"x": {"use": "u", "p": 2}}, "n": None}
    assert overrides.differences(one, two) == {
        "a": (1, 1.0),
        "s.x.p": (1, 2),
        "s.y": ({"use": "v"}, ABSENT),
        "n": (ABSENT, None),
    }
    assert overrides.as_overrides(one, two) == ["a=1.0", "s.x.p=2", "~s.y", "+n=null"]
    assert overrides.differences(one, one) == {}


VARIATIONS = [
    ["rows=5"],
    ["metric=top"],
    ["metric=top", "metric.by=3"],
    ["~steps.first"],
    ["+steps.third={use: add, by: 3}"],
    ["steps.second.by=7", "seed=2", "title='it\\'s'"],
    ["steps.first=null"],
    ["title=''"],
    ["title='true'"],
]


@pytest.mark.parametrize("said", VARIATIONS, ids=str)
def test_the_shortest_way_to_say_it_gives_it_again(small, said):
    small.compile()
    base, wanted = compose(small.project), compose(small.project, said)
    again = overrides.shortest(small.project, base, wanted)
    assert compose(small.project, again) == wanted
    assert len(again) <= len(said)


@pytest.mark.parametrize("said", VARIATIONS, ids=str)
def test_adopting_writes_a_file_that_gives_the_settings_again(small, said):
    small.compile()
    project = Pipeline.load(small.project).project
    wanted = compose(project, said)
    small.write("params.yaml", hydra.to_yaml(wanted))
    file, _ = adopt.adopt(project, None, "kept")
    assert file == "conf/experiment/kept.yaml"
    assert compose(project, ["experiment=kept"]) == wanted
    adopt.make_default(project, "kept")
    assert compose(project) == wanted
    assert "seed: 1" in small.read("conf/config.yaml")


def test_adopting_can_take_every_step_out(small):
    small.compile()
    small.write("params.yaml", hydra.to_yaml(compose(small.project, ["~steps.first", "~steps.second"])))
    adopt.adopt(small.project, None, "kept")
    project = Pipeline.load(small.project).project
    assert compose(project, ["experiment=kept"])["steps"] == {}


def test_adopting_what_no_file_can_say_is_refused(small):
    small.compile()
    small.write("params.yaml", hydra.to_yaml(compose(small.project, ["~title"])))
    with pytest.raises(RegrowError, match=r"(?s)can't say all of this.*title"):
        adopt.adopt(small.project, None, "kept")
    assert not (small.root / "conf/experiment/kept.yaml").exists()


def test_adopting_keeps_the_order_of_steps_or_says_that_it_cannot(small):
    small.compile()
    wanted = compose(small.project)
    wanted["steps"] = dict(reversed(wanted["steps"].items()))
    small.write("params.yaml", hydra.to_yaml(wanted))
    with pytest.raises(RegrowError, match="nothing to keep|can't say|order"):
        adopt.adopt(small.project, None, "kept")


def test_adopting_nothing_or_under_no_name_is_refused(small):
    small.compile()
    with pytest.raises(RegrowError, match="nothing to keep"):
        adopt.adopt(small.project, None, "kept")
    with pytest.raises(RegrowError, match="no name for a file"):
        adopt.adopt(small.project, None, "../x")
    with pytest.raises(RegrowError, match="no experiment or commit"):
        adopt.adopt(small.project, "no-such")


def test_adopting_over_another_file_is_refused(small):
    small.compile()
    small.write("conf/experiment/kept.yaml", "# @package _global_\nrows: 9\n")
    small.edit("params.yaml", "rows: 3", "rows: 5")
    with pytest.raises(RegrowError, match="there already"):
        adopt.adopt(small.project, None, "kept")
    assert "rows: 9" in small.read("conf/experiment/kept.yaml")
