"""Trees whose indices lead outside are refused when read: scikit-learn would follow them into foreign memory."""

import io
import zipfile

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import BaggingRegressor, HistGradientBoostingRegressor, RandomForestRegressor, StackingRegressor
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import PolynomialFeatures, SplineTransformer
from sklearn.tree import DecisionTreeRegressor

from regrow.artifacts import model

X = np.random.default_rng(0).normal(size=(60, 3))
Y = X[:, 0] + X[:, 1]


def spoilt(fitted, field: str, change) -> bytes:
    """The model's file with one field of its trees' nodes changed."""
    data = model.canonical(skops.io.dumps(fitted))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith(".npy"):
                array = np.load(io.BytesIO(content))
                if field in (array.dtype.names or ()):
                    change(array[field])
                    stream = io.BytesIO()
                    np.save(stream, array)
                    content = stream.getvalue()
            new.writestr(name, content)
    return out.getvalue()


def to(value: int):
    def change(field):
        field[0] = value

    return change


MODELS = {
    "tree": lambda: DecisionTreeRegressor(max_depth=3),
    "forest": lambda: RandomForestRegressor(2, max_depth=3),
    "bagging": lambda: BaggingRegressor(n_estimators=2, max_features=2),
    "in a pipeline": lambda: Pipeline([("more", PolynomialFeatures()), ("model", DecisionTreeRegressor(max_depth=3))]),
    "last of a stack": lambda: StackingRegressor(
        [(name, Ridge()) for name in "abcde"], final_estimator=DecisionTreeRegressor(max_depth=3), cv=2
    ),
}
HISTOGRAM = lambda: HistGradientBoostingRegressor(max_iter=2, min_samples_leaf=5)  # noqa: E731
WRONG = [
    *((kind, "left_child", to(value)) for kind in MODELS for value in (10**6, 0, -7)),
    *((kind, "right_child", to(10**6)) for kind in MODELS),
    *((kind, "feature", to(value)) for kind in MODELS for value in (10**6, -3)),
]


@pytest.mark.parametrize(("kind", "field", "change"), WRONG)
def test_a_tree_that_leads_outside(kind, field, change, tmp_path):
    (tmp_path / "m.skops").write_bytes(spoilt(MODELS[kind]().fit(X, Y), field, change))
    with pytest.raises(ValueError, match="holds a Tree whose indices lead out of it"):
        model.read(tmp_path / "m.skops")


@pytest.mark.parametrize(("field", "value"), [("left", 10**6), ("right", 0), ("feature_idx", 3), ("feature_idx", -1)])
def test_a_tree_of_histogram_boosting_that_leads_outside(field, value, tmp_path):
    (tmp_path / "m.skops").write_bytes(spoilt(HISTOGRAM().fit(X, Y), field, to(value)))
    with pytest.raises(ValueError, match="holds a TreePredictor whose indices lead out of it"):
        model.read(tmp_path / "m.skops")


@pytest.mark.parametrize(
    ("field", "change"), [("idx_end", to(61)), ("idx_start", to(-1)), ("is_leaf", lambda f: f.fill(0))]
)
@pytest.mark.parametrize("kind", ["kd_tree", "ball_tree"])
def test_a_tree_of_neighbors_that_leads_outside(kind, field, change, tmp_path):
    fitted = KNeighborsRegressor(algorithm=kind, leaf_size=5).fit(X, Y)
    (tmp_path / "m.skops").write_bytes(spoilt(fitted, field, change))
    with pytest.raises(ValueError, match="Tree whose indices lead out of it"):
        model.read(tmp_path / "m.skops")


@pytest.mark.parametrize("make", [*MODELS.values(), HISTOGRAM])
def test_sound_trees_are_read(make, tmp_path):
    fitted = make().fit(X, Y)
    model.write(fitted, tmp_path / "m.skops")
    assert np.array_equal(model.read(tmp_path / "m.skops").predict(X), fitted.predict(X))


@pytest.mark.parametrize(("part", "value"), [("t", np.arange(4.0)), ("t", np.arange(9.0)[::-1]), ("k", 10**6)])
def test_a_spline_that_leads_outside(part, value, tmp_path):
    fitted = SplineTransformer(n_knots=3).fit(X)
    setattr(fitted.bsplines_[0], part, value)
    (tmp_path / "m.skops").write_bytes(model.canonical(skops.io.dumps(fitted)))
    with pytest.raises(ValueError, match="holds a BSpline whose indices lead out of it"):
        model.read(tmp_path / "m.skops")
