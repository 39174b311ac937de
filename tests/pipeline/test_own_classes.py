"""A person's own encoder, and LightGBM: dvc repro, regrow run, sweep and replay, bit for bit."""

import json
import subprocess
import sys

import pytest
from tests.conftest import ROOT

BOOSTING = ROOT / "plugins" / "regrow-boosting"
TASKS = ("binary", "multiclass", "regression")
ENCODER = '''\
"""A project's own encoder."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin


class Common(TransformerMixin, BaseEstimator):
    """Whether a value was common in the training rows."""

    def __init__(self, least=1):
        self.least = least

    def fit(self, X, y=None):
        self.common_ = {name: np.unique(X[name], return_counts=True) for name in X}
        return self

    def transform(self, X):
        kept = {name: values[counts >= self.least] for name, (values, counts) in self.common_.items()}
        return np.column_stack([np.isin(X[name], kept[name]) for name in X] + [X[name] for name in X]).astype(float)


def common(settings, context):
    return Common(settings.by)


def plain(settings, context):
    from sklearn.linear_model import LogisticRegression, Ridge

    return Ridge() if context.task == "regression" else LogisticRegression()
'''
WORK = """

def _rows(count):
    import numpy as np

    draw = np.random.default_rng(1)
    X = pd.DataFrame({"a": draw.integers(0, 9, 60 * count), "b": draw.normal(size=60 * count).round(3)})
    return X, X["a"] + X["b"]


def fit(settings):
    from sklearn.pipeline import Pipeline

    X, number = _rows(settings.rows)
    y = {"regression": number, "binary": number > 4, "multiclass": (number // 4).astype(int)}[settings.task]
    estimator = settings.model.make(Context(task=settings.task, random_state=random_state(settings.seed, "fit")))
    return {"model": Pipeline([("encoder", settings.encoder.make(Context())), ("model", estimator)]).fit(X, y)}


def apply(model, settings):
    X, _ = _rows(1)
    return {"applied": {"mean": float(model.predict(X).mean())}}
"""
STAGES = '''
        Stage("fit", "experiment", run="PKG.work:fit", needs=[], makes=[Artifact("model", "model")],
              params=["rows", "seed", "task", "encoder", "model"], settings="PKG.settings:Fit"),
        Stage("apply", "evaluation", run="PKG.work:apply", needs=["model"],
              makes=[Artifact("applied", "metrics", path="applied.json")], params=[]),
'''  # fmt: skip
COMPONENTS = """
        Component("common", "transformer", "PKG.encoder:common", "PKG.settings:Number", types=("PKG.encoder:Common",)),
        Component("plain", "estimator", "PKG.encoder:plain"),
"""
SETTINGS = """

class Fit(Strict):
    rows: int
    seed: int
    task: str
    encoder: Annotated[Use, OfKind("transformer")]
    model: Annotated[Use, OfKind("estimator")]
"""


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """A folder of installed packages with regrow-boosting."""
    target = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "uv",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--offline",
    ]
    subprocess.run([*command, "--python", sys.executable, "--target", target, BOOSTING], check=True)
    return target


@pytest.fixture
def own(recorded):
    """A project with an encoder class of its own, a stage that fits it and one that reads the model."""
    package = recorded.package

    def add(module: str, old: str, new: str) -> None:
        recorded.edit(recorded.code(module), old, old + new.replace("PKG", package))

    recorded.write(recorded.code("encoder"), ENCODER)
    recorded.write(recorded.code("work"), recorded.read(recorded.code("work")) + WORK)
    recorded.write(recorded.code("settings"), recorded.read(recorded.code("settings")) + SETTINGS)
    add("plugin", "def regrow_stages():\n    return [", STAGES)
    add("plugin", "def regrow_components():\n    return [", COMPONENTS)
    recorded.edit("conf/config.yaml", "compute:", "task: binary\nencoder: {use: common, by: 2}\ncompute:")
    recorded.edit("conf/config.yaml", "  - metric: mean\n", "  - metric: mean\n  - model: plain\n")
    recorded.write("conf/model/plain.yaml", "use: plain\n")
    return recorded


def run(own) -> bytes:
    """dvc repro, from nothing and again from nothing: the model's bytes, which have to be the same."""
    own.run("regrow", "compile")
    own.run("dvc", "repro", "--quiet")
    first = (own.root / "models/model.skops").read_bytes()
    own.run("dvc", "repro", "--quiet", "--force", "fit")
    assert (own.root / "models/model.skops").read_bytes() == first
    own.commit("run")
    return first


def replay(own, revision: str) -> None:
    done = json.loads(own.run("regrow", "replay", revision, "--env", "current", "--json").stdout)
    assert done["exit_code"] == 0
    assert {"fit", "apply"} <= {row["stage"] for row in done["outputs"] if row["identical"]}


def sweep(own, *choices: str) -> list[str]:
    """The names of the experiments, each of which has a model of its own."""
    own.run("regrow", "sweep", *choices, "--name", "s")
    return own.run("dvc", "exp", "list", "--name-only").stdout.split()


def test_an_encoder_of_ones_own(own):
    first = run(own)
    names = sweep(own, "task=binary,regression")
    assert len(names) == 2
    replay(own, names[0])
    own.edit(own.code("encoder"), "counts >= self.least]", "counts > self.least]")
    own.run("regrow", "run")
    assert (own.root / "models/model.skops").read_bytes() != first
    own.commit("an edit")
    replay(own, "HEAD")


def test_lightgbm_for_every_task(own, site):
    pytest.importorskip("lightgbm", reason="lightgbm is in no lock; to run this: uv pip install lightgbm")
    own.environment["PYTHONPATH"] = str(site)
    own.edit("pyproject.toml", "plugins = []", 'plugins = ["boosting"]')
    own.edit("conf/config.yaml", "model: plain", "model: lightgbm")
    run(own)
    names = sweep(own, f"task={','.join(TASKS)}")
    assert len(names) == len(TASKS)
    for name in names:
        replay(own, name)
    own.edit("conf/config.yaml", "task: binary", "task: multiclass")
    own.run("regrow", "run")
    own.commit("another task")
    replay(own, "HEAD")
