"""Sections, findings, ledgers, models and choices: what is refused says which part is wrong and what would do."""

from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from regrow.artifacts import blocks, ledger, models, section
from regrow.plugin.components import Use
from regrow.plugin.declare import Artifact, Component, Stage

SECTION = {"title": "Wind", "level": "decide", "order": 1, "blocks": []}
FINDING = {"code": "calm", "title": "calm", "severity": "minor", "verdict": "passed"}
TRIALS = {"trial": [0, 1], "params": ["{}", '{"C": 1}'], "values": [{}, {"auc": 0.5}], "state": ["failed", "complete"]}


def block(**keys):
    return {**SECTION, "blocks": [blocks.text("fine"), keys]}


REFUSED = {
    "no dict": ("section", [], "not a dict"),
    "no title": ("section", {name: SECTION[name] for name in ("level", "order", "blocks")}, "has no 'title'"),
    "misspelt level": ("section", {**SECTION, "level": "analyze"}, "did you mean 'analyse'"),
    "order as text": ("section", {**SECTION, "order": "1"}, "'order': '1', which is not a whole number"),
    "true as order": ("section", {**SECTION, "order": True}, "not a whole number"),
    "misspelt key": ("section", {**SECTION, "titel": "x"}, "did you mean 'title'"),
    "misspelt kind": ("section", block(kind="tabel"), "block 1 has the kind 'tabel'; did you mean 'table'"),
    "no label": ("section", block(kind="number", value=1), "block 1 has no 'label'"),
    "no number": ("section", block(kind="number", label="x"), "neither a 'value' nor"),
    "not a number": ("section", block(kind="number", label="x", value=float("nan")), "not a finite number"),
    "turned interval": ("section", block(kind="number", label="x", value=1, interval=[2, 1]), "not \\[low, high\\]"),
    "no place": ("section", block(**{"kind": "number", "label": "x", "from": {"artifact": "m"}}), "no 'place'"),
    "short row": ("section", block(kind="table", title="t", columns=["a"], rows=[[1], [1, 2]]), "row 1 of other cells"),
    "odd cell": ("section", block(kind="table", title="t", columns=["a"], rows=[[{}]]), "row 0, column 'a'"),
    "no SVG": ("section", block(kind="figure", title="f", svg="<p/>"), "block 1 has an 'svg' that is not SVG"),
    "no verdict": ("section", block(kind="finding", **{**FINDING, "verdict": "ok"}), "block 1 has 'verdict': 'ok'"),
    "no list": ("findings", FINDING, "must be a list"),
    "misspelt severity": ("findings", [{**FINDING, "severity": "mayor"}], "finding 0 .*did you mean 'major'"),
    "one code twice": ("findings", [FINDING, FINDING], "finding 1 has the code 'calm'"),
    "n as text": ("findings", [{**FINDING, "n": "9"}], "'n': '9', which is not a whole number"),
    "a text among numbers": ("findings", [{**FINDING, "numbers": {"a": "b"}}], "a number 'a' that is 'b'"),
    "no trial": ("ledger", pd.DataFrame({"params": ["{}"]}), "no column trial, values, state"),
    "trials that fall": ("ledger", pd.DataFrame({**TRIALS, "trial": [1, 0]}), "each larger than the one before"),
    "params cut off": ("ledger", pd.DataFrame({**TRIALS, "params": ["{", "{}"]}), "params of trial 0"),
    "NaN in values": ("ledger", pd.DataFrame({**TRIALS, "values": ['{"a": NaN}', "{}"]}), "values of trial 0"),
    "no state": ("ledger", pd.DataFrame({**TRIALS, "state": ["", "x"]}), "without a state"),
    "a list of models": ("models", [], "must be a dict"),
    "no models": ("models", {}, "is empty"),
    "an unfitted model": ("models", {"AA": LogisticRegression()}, "model 'AA' is a .*not fitted"),
    "one file for two": ("models", {"aa": None, "AA": None}, "'aa' and 'AA'"),
    "an endless name": ("models", {"ü" * 60: None}, "a name is text"),
    "a list of choices": ("choices", [1], "must be a dict"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_named(case):
    kind, value, said = REFUSED[case]
    with pytest.raises(ValueError, match=said):
        import_module(f"regrow.artifacts.{kind}").check(value)


def test_a_matplotlib_figure_becomes_the_plot_types_svg(tmp_path: Path):
    from matplotlib.figure import Figure

    value = {**SECTION, "blocks": [blocks.figure("f", Figure())]}
    section.check(value)
    for name in ("one", "other"):
        section.write(value, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert section.read(tmp_path / "one")["blocks"][0]["svg"].startswith("<?xml")


def test_equal_trials_give_equal_bytes_however_they_are_spelt(tmp_path: Path):
    as_text = {**TRIALS, "values": ["{}", '{ "auc":0.5 }']}
    for name, columns in (("one", TRIALS), ("other", as_text)):
        ledger.write(pd.DataFrame(columns), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_models_of_any_name_lie_in_their_folder_and_a_lost_one_is_told(tmp_path: Path):
    fitted = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    models.write({"../ü": fitted, "9E": fitted}, tmp_path / "models")
    assert sorted(file.name for file in tmp_path.rglob("*.skops")) == ["..%2F%C3%BC.skops", "9E.skops"]
    (tmp_path / "models" / "9E.skops").unlink()
    with pytest.raises(OSError, match="9E"):
        models.read(tmp_path / "models")


def test_settings_become_rows_of_keys_as_dvc_takes_them():
    use = Use(Component("scale", "transformer", "a:b"), {"columns": ["a"]})
    assert blocks.settings_table("t", {"features": {"steps": {"one": use}, "drop": None}})["rows"] == [
        ["features.steps.one.use", '"scale"'],
        ["features.steps.one.columns", '["a"]'],
        ["features.drop", "null"],
    ]


def test_choices_lie_under_the_name_of_their_stage():
    stage = Stage("search", "experiment", "a:b", makes=[Artifact("decided", "choices"), Artifact("table", "table")])
    assert [made.path for made in stage.makes] == ["choices/search.json", ""]
