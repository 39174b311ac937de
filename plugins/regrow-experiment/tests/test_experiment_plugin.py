"""What regrow is told, and the Hydra groups that ship inside."""

import subprocess
import sys
from importlib import resources

import pytest
from ruamel.yaml import YAML

from regrow.plugin.components import load
from regrow_experiment import catalog
from regrow_experiment.named import CLASSES, parameters
from regrow_experiment.plugin import regrow_components, regrow_config, regrow_stages

GROUPS = sorted(path.name for path in resources.files(regrow_config()).joinpath("model").iterdir())


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_groups_that_ship_inside_work_for_every_task(run, features, holdout, target, group, task):
    text = resources.files(regrow_config()).joinpath("model", group).read_text(encoding="utf-8")
    model = YAML(typ="safe").load(text)
    _, predictions = run(target(features, task), holdout, model, task=task)
    assert len(predictions) == 30


def test_there_are_groups():
    assert GROUPS == ["elastic_net.yaml", "extra_trees.yaml", "gradient_boosting.yaml", "knn.yaml", "lasso.yaml"]


def test_every_name_is_an_estimator_and_its_counterpart_is_for_the_other_task():
    assert set(CLASSES) == {*catalog.CLASSIFIERS, *catalog.REGRESSORS}
    for name in CLASSES:
        other = catalog.counterpart(name)
        assert (name in catalog.CLASSIFIERS) == (other in catalog.REGRESSORS)


def test_scikit_learns_own_defaults_pass_its_own_checks():
    for name in CLASSES:
        given = {
            key: value for key, value in CLASSES[name]().get_params().items() if value not in ("deprecated", "warn")
        }
        allowed = {key: value for key, value in given.items() if not _is_refused(name, key, value)}
        assert parameters(name, allowed).values == allowed
        assert len(given) - len(allowed) <= 5


def _is_refused(name, key, value):
    try:
        parameters(name, {key: value})
    except ValueError as error:
        return "can't be set" in str(error)
    return False


def test_all_that_is_declared_can_be_imported():
    for component in regrow_components():
        assert callable(load(component.make))
        assert not component.settings or callable(load(component.settings))
    for stage in regrow_stages():
        assert callable(load(stage.run))
        assert load(stage.settings).model_json_schema


def test_being_told_imports_nothing_heavy():
    code = "import sys, regrow_experiment.plugin as p; p.regrow_components(); p.regrow_stages(); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"sklearn", "pandas", "numpy", "pydantic"}.isdisjoint(loaded)
