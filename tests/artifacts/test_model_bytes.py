"""What scikit-learn keeps of a run, and not of the model, is not in the file."""

import io
import json
import zipfile

import numpy as np
import pytest
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import BaggingClassifier, HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from regrow.artifacts import model
from regrow.artifacts.model_bytes import canonical
from regrow.artifacts.model_trees import _holders
from regrow.artifacts.model_types import TRUSTED

X = np.random.default_rng(0).normal(size=(60, 2))
Y = (X[:, 0] > 0).astype(int)


def stored(value) -> bytes:
    return canonical(skops.io.dumps(value))


@pytest.mark.parametrize("workers", [1, 2, -1, np.int64(2)])
@pytest.mark.parametrize("kind", [RandomForestClassifier, KNeighborsClassifier, BaggingClassifier])
def test_the_number_of_workers_is_not_kept(kind, workers):
    fixed = {"random_state": 1, "n_estimators": 3} if kind is not KNeighborsClassifier else {}
    made = kind(n_jobs=workers, **fixed).fit(X, Y)
    assert stored(made) == stored(kind(**fixed).fit(X, Y))
    assert skops.io.loads(stored(made), trusted=list(TRUSTED)).n_jobs is None
    assert made.n_jobs == workers, "the model itself was changed"


def test_the_number_of_workers_of_a_step_is_not_kept():
    made = [ColumnTransformer([("a", StandardScaler(), [0])], n_jobs=n).fit(X) for n in (None, 1)]
    assert stored(made[0]) == stored(made[1])


def test_the_number_of_threads_is_not_kept():
    boosting = HistGradientBoostingRegressor(max_iter=2).fit(X, Y)
    groups = KMeans(2, random_state=1).fit(X)
    before = stored(boosting), stored(groups)
    boosting._bin_mapper.n_threads, groups._n_threads = 7, 7
    assert (stored(boosting), stored(groups)) == before


def test_what_was_asked_of_neighbors_before_is_not_kept():
    fitted = KNeighborsClassifier(algorithm="kd_tree").fit(X, Y)
    before = stored(fitted)
    fitted.predict(X)
    assert fitted._tree.get_n_calls() > 0
    assert stored(fitted) == before


def test_parameters_of_the_same_name_that_are_no_setting_of_speed_are_kept():
    one, other = StandardScaler().fit(X), StandardScaler().fit(X)
    one.metadata_, other.metadata_ = {"n_jobs": 1}, {"n_jobs": 2}
    assert stored(one) != stored(other)


SHARED = {
    "tuple": lambda: tuple(map(str, range(2))),  # no literal: that would be one object
    "type": lambda: np.dtype("<U3"),
    "number": lambda: np.float64(0.1),
    "bytes": lambda: bytes([1, 2]),
}


@pytest.mark.parametrize("kind", SHARED)
def test_whether_constants_are_one_object_or_equal_ones_is_not_kept(kind):
    """What comes back from a worker process is a copy, where a single process has one object twice."""
    one, other = StandardScaler().fit(X), StandardScaler().fit(X)
    one.a_ = one.b_ = SHARED[kind]()
    other.a_, other.b_ = SHARED[kind](), SHARED[kind]()
    assert stored(one) == stored(other)
    back = skops.io.loads(stored(one), trusted=list(TRUSTED))
    assert back.a_ == back.b_ == one.a_


def test_a_set_is_kept_in_one_order():
    def holding(words):
        scaler = StandardScaler().fit(X)
        scaler.words_ = dict.fromkeys(words)
        data = skops.io.dumps(scaler)
        schema = json.loads(zipfile.ZipFile(io.BytesIO(data)).read("schema.json"))
        words_ = schema["content"]["content"]["words_"]["key_types"]
        items = [
            {
                "__id__": 10**9 + hash(w) % 10**6,
                "__class__": "str",
                "__module__": "builtins",
                "__loader__": "JsonNode",
                "content": json.dumps(w),
                "is_json": True,
            }
            for w in words
        ]
        schema["content"]["content"]["words_"] = {
            "__class__": "set", "__module__": "builtins", "__loader__": "SetNode", "content": items,
            "__id__": words_["__id__"],
        }  # fmt: skip
        return replaced(data, json.dumps(schema).encode())

    assert canonical(holding("abc")) == canonical(holding("cab"))
    assert canonical(holding("abc")) != canonical(holding("abd"))


def replaced(data: bytes, schema: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, schema if name == "schema.json" else old.read(name))
    return out.getvalue()


def test_no_date_and_no_compression_is_in_it():
    with zipfile.ZipFile(io.BytesIO(stored(RandomForestClassifier(2).fit(X, Y)))) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}


INNER = np.dtype({"names": ["a", "b"], "formats": ["<f8", "u1"], "itemsize": 16})
RECORDS = {
    "fields": INNER,
    "records within records": np.dtype({"names": ["n", "c"], "formats": [INNER, "u1"], "itemsize": 24}),
    "arrays within records": np.dtype([("n", INNER, (2, 3)), ("c", "u1")], align=True),
    "names": np.dtype([("], 'fortran_order': ), \n'", "u1"), ("ä", "<f8")], align=True),
    "letters": np.dtype([("字", "u1"), ("b", "<f8")], align=True),
    "many": np.dtype([(f"{number:099d}", "u1" if number % 2 else "<f8") for number in range(60)], align=True),
}


@pytest.mark.filterwarnings("ignore:Stored array in format")
@pytest.mark.parametrize("rows", [0, 1, 5])
@pytest.mark.parametrize("kind", RECORDS)
def test_what_lies_between_the_fields_of_records_is_not_kept(kind, rows):
    def of(gaps: int) -> np.ndarray:
        full = np.full(rows * RECORDS[kind].itemsize, gaps, np.uint8).view(RECORDS[kind])
        for name in RECORDS[kind].names:
            _fill(full, name)
        return full

    one, other = (skops.io.dumps({"records": of(gaps)}) for gaps in (7, 9))
    assert rows == 0 or _members(one) != _members(other)
    assert canonical(one) == canonical(other)
    assert (skops.io.loads(canonical(one))["records"] == of(0)).all()


def _fill(full: np.ndarray, name: str) -> None:
    part = full[name]
    for inner in part.dtype.names or ():
        _fill(part, inner)
    if not part.dtype.names:
        part[...] = 3


def _members(data: bytes) -> set[bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {archive.read(name) for name in archive.namelist() if name.endswith(".npy")}


def test_a_search_s_times_are_left_out_and_its_scores_kept(tmp_path):
    file, tried = tmp_path / "m.skops", GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9, 0.1]}, cv=2)
    model.write(tried.fit(X, Y), file)
    first, back = file.read_bytes(), model.read(file)
    assert "mean_fit_time" in tried.cv_results_  # the model itself is as it was
    assert {"mean_test_score", "param_var_smoothing"} <= set(back.cv_results_)
    assert not [name for name in back.cv_results_ if name.endswith("_time")]
    model.write(tried.fit(X, Y), file)
    assert file.read_bytes() == first


def test_a_tree_inside_a_calibrated_model_is_looked_at(tmp_path):
    fitted = CalibratedClassifierCV(DecisionTreeClassifier(max_depth=2, random_state=1), cv=2).fit(X, Y)
    assert [one for one in _holders(fitted) if type(one).__name__ == "DecisionTreeClassifier" and hasattr(one, "tree_")]
