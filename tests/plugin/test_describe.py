"""Components as their declarations describe them."""

import pytest

from regrow import RegrowError
from regrow.plugin import describe
from regrow.plugin.manager import load_modules

PLUGINS = load_modules(f"regrow_{name}.plugin" for name in ("data", "evaluation", "experiment", "features"))


def settings(kind: str, name: str) -> dict[str, describe.Setting]:
    ((_, component),) = describe.found(PLUGINS, kind, name)
    return {one.name: one for one in describe.settings(component)}


def test_a_setting_has_type_range_default_and_description():
    folds = settings("splitter", "k_fold")["folds"]
    assert folds.told == "whole number, >= 2 and <= 1000, default 5"
    assert folds.description
    assert settings("check", "missing")["column"].required


def test_each_alternative_has_its_own_range():
    rare = settings("transformer", "one_hot")["min_frequency"]
    assert (rare.type, rare.range) == (
        "whole number, number or null",
        "whole number >= 1; number > 0 and < 1",
    )


def test_a_list_says_what_it_holds():
    assert settings("estimator", "mlp")["hidden_layer_sizes"].told == (
        "list of whole number, not empty, each >= 1, default [100]"
    )


def test_scikit_learn_s_own_constraints_and_docstrings_describe_its_estimators():
    svc = settings("estimator", "SVC")
    assert svc["kernel"].told == 'linear, poly, precomputed, rbf or sigmoid, default "rbf"'
    assert svc["C"].told == "number, > 0, default 1.0"
    assert svc["shrinking"].description == "Whether to use the shrinking heuristic"
    assert "random_state" not in svc


def test_every_setting_of_ours_has_a_description():
    bare = [
        (component.name, one.name)
        for _, component in describe.found(PLUGINS)
        if not component.schema
        for one in describe.settings(component)
        if not one.description
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("kind", "name", "fix"),
    [
        ("estimater", "", "estimator"),
        ("estimator", "forrest", "'forest'"),
        ("forest", "", "regrow components estimator forest"),
    ],
)
def test_a_slip_gets_the_nearest_name(kind, name, fix):
    with pytest.raises(RegrowError, match=fix):
        describe.found(PLUGINS, kind, name)
