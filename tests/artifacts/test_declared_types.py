"""Classes of somebody's own in a model: stored where a component declares them, refused by name where none does."""

import importlib
import itertools
import sys

import numpy as np
import pytest
import skops.io
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from regrow.artifacts import model
from regrow.artifacts.model_types import UndeclaredTypeError, trusting

MODULE = '''\
"""A class that keeps arrays, one that says how, and one that can't be read back."""

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin


class Rare(TransformerMixin, BaseEstimator):
    def __init__(self, least=2, n_jobs=None):
        self.least, self.n_jobs = least, n_jobs

    def fit(self, X, y=None):
        values, counts = np.unique(X[:, 0], return_counts=True)
        self.kept_ = values[counts >= self.least]
        self.names_ = {"first": [1, "two", None]}
        return self

    def transform(self, X):
        return np.column_stack([np.isin(X[:, 0], self.kept_), X[:, 1]]).astype(float)


class Means(Rare):
    def fit(self, X, y=None):
        self.means_ = pd.Series(X.mean(axis=0))
        return self

    def transform(self, X):
        return X - self.means_.to_numpy()

    def __getstate__(self):
        return {**vars(self), "means_": self.means_.to_numpy()}

    def __setstate__(self, state):
        vars(self).update(state)
        self.means_ = pd.Series(state["means_"])


class Forgets(Rare):
    def __getstate__(self):
        return {"least": self.least, "n_jobs": None, "kept_": self.kept_, "seen": self.__dict__.get("seen", 0)}

    def __setstate__(self, state):
        vars(self).update(state)
        self.seen = state["seen"] + 1


class Breaks(Rare):
    def __setstate__(self, state):
        raise KeyError("what it never kept")


def f_own(X, y):
    return X.var(axis=0)
'''
X = np.arange(60.0).reshape(30, 2) % 7
Y = np.arange(30) % 2
_numbers = itertools.count(1)


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A module with classes, of its own name, importable in this test."""
    name = f"owned{next(_numbers)}"
    (tmp_path / f"{name}.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    return importlib.import_module(name)


def fitted(step):
    return Pipeline([("step", step), ("model", LogisticRegression())]).fit(X, Y)


@pytest.mark.parametrize("name", ["Rare", "Means"])
def test_a_declared_class_is_written_the_same_twice_and_read_back(own, name, tmp_path):
    made, file, again = fitted(getattr(own, name)()), tmp_path / "m.skops", tmp_path / "again.skops"
    with trusting([f"{own.__name__}:{name}"]):
        model.write(made, file)
        back = model.read(file)
        model.write(fitted(getattr(own, name)(n_jobs=2)), again)
    assert type(back[0]).__name__ == name
    assert np.array_equal(back.predict_proba(X), made.predict_proba(X))
    assert file.read_bytes() == again.read_bytes()  # how many workers there were is no part of a model


def test_a_declared_function_is_kept_too(own, tmp_path):
    made = fitted(SelectKBest(own.f_own, k=1))
    with trusting([f"{own.__name__}:f_own"]):
        model.write(made, tmp_path / "m.skops")
        assert np.array_equal(model.read(tmp_path / "m.skops").predict(X), made.predict(X))


def test_what_nobody_declares_is_refused_by_name_and_place(own, tmp_path):
    with trusting([f"{own.__name__}:Means"]), pytest.raises(UndeclaredTypeError) as caught:
        model.write(fitted(own.Rare()), tmp_path / "m.skops")
    assert f"{own.__name__}.Rare" in str(caught.value)
    assert caught.value.found[f"{own.__name__}.Rare"][-1] == "step"
    assert not (tmp_path / "m.skops").exists()


def test_a_file_with_an_undeclared_type_imports_nothing(own, tmp_path):
    """Not even its module, which may have been put there with the file."""
    name, file = own.__name__, tmp_path / "m.skops"
    file.write_bytes(model.canonical(skops.io.dumps(fitted(own.Rare()))))
    del sys.modules[name]
    (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'canary')!r}, 'w').close()")
    with trusting([f"{name}:Means", "elsewhere:Rare"]), pytest.raises(ValueError, match=f"{name}.Rare"):
        model.read(file)
    assert name not in sys.modules
    assert not (tmp_path / "canary").exists()


def test_trust_ends_with_its_block(own, tmp_path):
    with trusting([f"{own.__name__}:Rare"]):
        model.write(fitted(own.Rare()), tmp_path / "m.skops")
    with pytest.raises(UndeclaredTypeError):
        model.read(tmp_path / "m.skops")


@pytest.mark.parametrize(("name", "said"), [("Breaks", "what it never kept"), ("Forgets", "written differently")])
def test_a_class_that_is_not_read_back_is_refused_when_it_is_written(own, name, said, tmp_path):
    with (
        trusting([f"{own.__name__}:{name}"]),
        pytest.raises(ValueError, match=f"(?s)Rare|{name}.*{said}.*__getstate__"),
    ):
        model.write(fitted(getattr(own, name)()), tmp_path / "m.skops")
    assert not (tmp_path / "m.skops").exists()


def test_a_class_inside_a_function_is_refused_when_it_is_written(own, tmp_path):
    local = type("Hidden", (own.Rare,), {"__module__": own.__name__})
    with trusting([f"{own.__name__}:Hidden"]), pytest.raises(ValueError, match="Hidden"):
        model.write(fitted(local()), tmp_path / "m.skops")
