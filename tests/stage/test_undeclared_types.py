"""A model of a project's own class: the error names type, component and line; with that line it is written and read."""

import sys

import pytest

from regrow.base.errors import RegrowError
from regrow.stage import run_stage

OWN = '''\
"""A class of the project's own."""

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin


class Middle(RegressorMixin, BaseEstimator):
    def fit(self, X, y):
        self.middle_ = np.array([np.median(y)])
        return self

    def predict(self, X):
        return np.repeat(self.middle_, len(X))
'''
STAGES = """\


def fit(table, settings):
    model = settings["kind"]
    made = middle(None).fit(table[["x"]], table["x"])
    return {"model": made}


def middle(settings):
    from PKG.own import Middle

    return Middle()


def use(model, table, settings):
    return {"scores": {"r2": float(abs(model.predict(table[["x"]]) - table["x"]).mean())}}
"""
DECLARED = '''
        Stage("fit", "experiment", run="PKG.work:fit", needs=["table"], makes=[Artifact("model", "model")],
              params=["kind"]),
        Stage("use", "evaluation", run="PKG.work:use", needs=["model", "table"],
              makes=[Artifact("scores", "metrics")], params=[]),
'''  # fmt: skip


@pytest.fixture
def own(small):
    """The small project with a stage that makes such a model, and one that reads it; nothing declared yet."""
    package = small.package
    small.write(small.code("own"), OWN)
    small.write(small.code("work"), small.read(small.code("work")) + STAGES.replace("PKG", package))
    small.edit(small.code("plugin"), "    return [\n        Stage(", f"    return [{DECLARED}        Stage(")
    component = f'Component("middle", "estimator", "{package}.work:middle"),'
    small.edit(small.code("plugin"), 'Component("mean"', f'{component}\n        Component("mean"')
    small.edit(small.code("plugin"), "PKG.work", f"{package}.work")
    small.edit("conf/config.yaml", "compute:", "kind: {use: middle}\ncompute:")
    small.compile()
    run_stage.run_stage(small.project, "make")
    return small


def replace(own, old: str, new: str) -> None:
    """An edit of plugin.py, as the next process sees it."""
    own.edit(own.code("plugin"), old, new)
    for name in [name for name in sys.modules if name.partition(".")[0] == own.package]:
        del sys.modules[name]
    own.compile()


def declare(own) -> None:
    made = f'"{own.package}.work:middle"'
    replace(own, made, f'{made}, types=("{own.package}.own:Middle",)')


def fails(own, stage: str) -> str:
    with pytest.raises(RegrowError) as caught:
        run_stage.run_stage(own.project, stage)
    return str(caught.value)


def test_the_error_names_type_component_and_line_and_the_line_is_enough(own):
    said = fails(own, "fit")
    assert f"{own.package}.own.Middle" in said
    assert f'add to Component("middle", "estimator", ...):  types=("{own.package}.own:Middle",)' in said
    declare(own)
    run_stage.run_stage(own.project, "fit")
    first = (own.root / "models/model.skops").read_bytes()
    run_stage.run_stage(own.project, "fit")
    assert (own.root / "models/model.skops").read_bytes() == first
    run_stage.run_stage(own.project, "use")
    assert (own.root / "metrics/scores.json").is_file()


def test_a_model_whose_type_is_declared_no_more_is_not_read(own):
    declare(own)
    run_stage.run_stage(own.project, "fit")
    replace(own, f', types=("{own.package}.own:Middle",)', "")
    said = fails(own, "use")
    assert f"{own.package}.own.Middle" in said
    assert f'types=("{own.package}.own:Middle",)' in said


def test_a_stage_that_reads_a_model_stands_on_the_declared_classes(own):
    declare(own)
    line = f"code {own.package}.own:Middle "
    assert line in own.read("fingerprints/use.lock")
    assert line not in own.read("fingerprints/score.lock")
