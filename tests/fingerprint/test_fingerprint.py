# ruff: noqa: E501
"""Fingerprints: what a stage stands on, one unit a line, with the cause of a difference by name."""

import pandas as pd
import pytest

from regrow.fingerprint.fingerprint import differences


def lines(small, stage: str) -> dict[str, str]:
    small.compile()
    return differences("", small.read(f"fingerprints/{stage}.lock"))


def keys(small, stage: str) -> set[str]:
    return {key.replace(small.package, "PKG") for key in lines(small, stage)}


def test_a_stage_stands_on_its_function_its_components_and_its_types(small):
    make, score = keys(small, "make"), keys(small, "score")
    assert {"code PKG.work:make", "code PKG.settings:Make", "code PKG.parts:add", "code PKG.parts:times"} <= make
    assert {"code regrow.plugin.randomness:random_state", "code regrow.artifacts.table:write"} <= make
    assert "code PKG.parts:mean" in score
    assert not {"code PKG.parts:top", "code PKG.parts:add", "code PKG.work:make"} & score
    assert "component metric.mean" in score
    assert "package pandas" in make
    assert "package numpy" in make
    assert "order steps" in make
    assert {key for key in make if key.startswith("python")} == {"python"}


def test_the_file_is_sorted_and_has_no_place_of_this_machine(small):
    lines(small, "make")
    text = small.read("fingerprints/make.lock")
    body = [line for line in text.splitlines() if not line.startswith("#")]
    assert body == sorted(set(body))
    assert str(small.root) not in text


EDITS = {
    "helper of one stage": ("parts", "x + settings.by", "x + settings.by + 1", {"make": {"code PKG.parts:add"}}),
    "component in use": ("parts", "column.mean()", "column.median()", {"score": {"code PKG.parts:mean"}}),
    "component not in use": ("parts", "nlargest", "nsmallest", {}),
    "comment": ("work", "import pandas as pd", "# a comment\nimport pandas as pd", {}),
    "docstring": ("work", '"""The stages."""', '"""Stages, and more."""', {}),
    "settings model": ("settings", "le=100", "le=99", {"make": {"code PKG.settings:Make"}}),
    "settings of components": ("settings", "le=9)", "le=8)", {"make": {"code PKG.settings:Number"}}),
    "base of settings": ("settings", 'extra="forbid"', 'extra="ignore"', {"make": {"code PKG.settings:Strict"}, "score": {"code PKG.settings:Strict"}}),
    "what a stage does": ("work", "settings.title}", "settings.title}!", {"score": {"code PKG.work:score"}}),
    "which component a name means": ("plugin", 'Component("mean", "metric", "PKG.parts:mean")', 'Component("mean", "metric", "PKG.parts:add")', {"score": {"code PKG.parts:mean", "code PKG.parts:add", "component metric.mean"}}),
    "what a plugin declares beside": ("plugin", 'about="Make a table"', 'about="Make it"', {}),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_is_seen_where_it_counts_and_nowhere_else(small, name):
    import subprocess
    import sys

    module, old, new, expected = EDITS[name]
    small.compile()
    before = {stage: small.read(f"fingerprints/{stage}.lock") for stage in ("make", "score")}
    small.edit(small.code(module), old.replace("PKG", small.package), new.replace("PKG", small.package))
    # in a process of its own: plugin and settings models were imported here already
    subprocess.run([sys.executable, "-m", "regrow", "compile"], cwd=small.root, check=True, capture_output=True)
    for stage, text in before.items():
        changed = differences(text, small.read(f"fingerprints/{stage}.lock"))
        assert {key.replace(small.package, "PKG") for key in changed} == expected.get(stage, set())


def test_choosing_another_component_is_seen(small):
    small.compile()
    before = small.read("fingerprints/score.lock")
    small.edit("conf/config.yaml", "metric: mean", "metric: top")
    small.compile()
    changed = differences(before, small.read("fingerprints/score.lock"))
    assert f"code {small.package}.parts:top" in changed
    assert f"code {small.package}.parts:mean" in changed


def test_the_order_of_steps_is_seen_by_its_stage_alone(small):
    small.compile()
    before = {stage: small.read(f"fingerprints/{stage}.lock") for stage in ("make", "score")}
    text = small.read("conf/config.yaml")
    first, second = "  first: {use: add, by: 1}\n", "  second: {use: times, by: 2}\n"
    small.write("conf/config.yaml", text.replace(first + second, second + first))
    small.compile()
    assert differences(before["make"], small.read("fingerprints/make.lock")) == {
        "order steps": ("first,second", "second,first")
    }
    assert before["score"] == small.read("fingerprints/score.lock")


def test_a_float_in_place_of_an_integer_is_seen_though_dvc_takes_them_for_equal(small):
    small.edit(small.code("settings"), "rows: int = Field", "rows: float = Field")
    small.compile()
    before = {stage: small.read(f"fingerprints/{stage}.lock") for stage in ("make", "score")}
    small.edit("conf/config.yaml", "rows: 3", "rows: 3.0")
    small.compile()
    assert set(differences(before["make"], small.read("fingerprints/make.lock"))) == {"types make"}
    assert before["score"] == small.read("fingerprints/score.lock")


def test_two_compiles_and_another_hash_seed_give_the_same_text(small):
    small.compile()
    before = small.read("fingerprints/make.lock")
    small.python(
        "from regrow.cli import main; import sys; sys.argv = ['regrow', 'compile']; main()", PYTHONHASHSEED="5"
    )
    assert small.read("fingerprints/make.lock") == before
    assert small.compile() == []


def test_differences_name_both_sides():
    one = "# head\ncode a:f 1\npackage pandas 3.0\npython 3.11\n"
    two = "# other\ncode a:f 2\npackage numpy 2.0\npython 3.11\n"
    assert differences(one, two) == {
        "code a:f": ("1", "2"),
        "package numpy": ("", "2.0"),
        "package pandas": ("3.0", ""),
    }
    assert pd.__version__
