"""Models: the bytes depend on the model alone, and reading one runs nothing of a stranger's."""

import io
import json
import zipfile

import numpy as np
import pytest
import skops.io
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from regrow.artifacts import model

X = np.arange(40.0).reshape(20, 2) % 7
Y = np.array(["no", "yes"] * 10)
MODELS = {
    "logistic": lambda: LogisticRegression(),
    "pipeline": lambda: Pipeline(
        [
            ("columns", ColumnTransformer([("a", OneHotEncoder(), [0]), ("b", StandardScaler(), [1])])),
            ("model", LogisticRegression()),
        ]
    ),
    "forest": lambda: RandomForestClassifier(5, random_state=1),
    "forest_with_all_cpus": lambda: RandomForestClassifier(5, random_state=1, n_jobs=2),
    "boosting": lambda: HistGradientBoostingClassifier(max_iter=3, random_state=1, early_stopping=False),
    "mlp": lambda: MLPClassifier((3,), max_iter=500, random_state=1, tol=1e-2),
}


def fitted(name: str):
    return MODELS[name]().fit(X, Y)


@pytest.mark.parametrize("name", MODELS)
def test_two_fits_give_the_same_bytes_and_predictions(name, tmp_path):
    one, other = fitted(name), fitted(name)
    keep = [object() for _ in range(1000)]  # other addresses
    model.write(one, tmp_path / "one.skops")
    model.write(other, tmp_path / "other.skops")
    assert keep
    assert (tmp_path / "one.skops").read_bytes() == (tmp_path / "other.skops").read_bytes()
    back = model.read(tmp_path / "one.skops")
    assert np.allclose(back.predict_proba(X), one.predict_proba(X), rtol=1e-12)  # a forest adds up as its threads end
    model.write(back, tmp_path / "back.skops")
    assert (tmp_path / "back.skops").read_bytes() == (tmp_path / "one.skops").read_bytes()


def test_another_model_has_other_bytes(tmp_path):
    model.write(RandomForestRegressor(3, random_state=1).fit(X, X[:, 0]), tmp_path / "a.skops")
    model.write(RandomForestRegressor(3, random_state=2).fit(X, X[:, 0]), tmp_path / "b.skops")
    assert (tmp_path / "a.skops").read_bytes() != (tmp_path / "b.skops").read_bytes()


def test_the_canonical_form_is_its_own(tmp_path):
    data = model.canonical(skops.io.dumps(fitted("pipeline")))
    assert model.canonical(data) == data


def test_shared_parts_stay_shared(tmp_path):
    values = np.arange(3.0)
    ridge = Ridge().fit(X, X[:, 0])
    ridge.one_, ridge.two_ = values, values
    model.write(ridge, tmp_path / "m.skops")
    back = model.read(tmp_path / "m.skops")
    assert back.one_ is back.two_


class Stranger(BaseEstimator):
    def fit(self, *_):
        self.fitted_ = True
        return self

    def __setstate__(self, state):
        raise AssertionError("code of the file was run")


def test_a_type_that_is_not_on_the_list_is_neither_written_nor_read(tmp_path):
    stranger = Stranger().fit()
    model.check(stranger)
    with pytest.raises(ValueError, match=r"no component declares: .*Stranger"):
        model.write(stranger, tmp_path / "m.skops")
    assert not (tmp_path / "m.skops").exists()
    (tmp_path / "m.skops").write_bytes(skops.io.dumps(stranger))
    with pytest.raises(ValueError, match=r"no component declares: .*Stranger"):
        model.read(tmp_path / "m.skops")


def changed(data: bytes, edit) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, edit(content) if name == "schema.json" else content)
    return out.getvalue()


def test_a_file_that_names_another_function_runs_nothing(tmp_path):
    def aim(schema: bytes) -> bytes:
        tree = json.loads(schema)
        tree |= {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode", "content": "touch canary"}
        return json.dumps(tree).encode()

    (tmp_path / "m.skops").write_bytes(changed(skops.io.dumps(fitted("logistic")), aim))
    with pytest.raises(ValueError):
        model.read(tmp_path / "m.skops")
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize("schema", [b"", b"{}", b"[]", b"not json", b'{"__loader__": "NoSuchNode"}'])
def test_a_file_without_a_sound_schema_is_refused(schema, tmp_path):
    (tmp_path / "m.skops").write_bytes(changed(skops.io.dumps(fitted("logistic")), lambda _: schema))
    with pytest.raises(ValueError):
        model.read(tmp_path / "m.skops")


def test_a_selector_of_columns_can_be_kept(tmp_path):
    import pandas as pd

    frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
    columns = ColumnTransformer([("n", StandardScaler(), make_column_selector(dtype_include="number"))]).fit(frame)
    model.write(columns, tmp_path / "m.skops")
    assert model.read(tmp_path / "m.skops").transform(frame).shape == (2, 1)
