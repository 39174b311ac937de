"""What `regrow security` asks of files, tables and packages."""

import io
import json
import pickle
import zipfile

import numpy as np
import pandas as pd
import pytest

from regrow_govern.security import packages, pickles, training_data


class Loud:
    def __reduce__(self):
        return print, ("hello",)


def zipped(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def saved(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


@pytest.mark.parametrize("protocol", range(6))
def test_a_planted_pickle_is_found_whatever_its_name_and_says_what_it_imports(protocol):
    (found,) = pickles.of_bytes("data/harmless.csv", pickle.dumps(Loud(), protocol))
    assert found.imports in (("builtins print",), ("__builtin__ print",))


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("model.pt", zipped(data=pickle.dumps(Loud()))),
        ("inner.zip", zipped(deep=zipped(data=pickle.dumps(Loud())))),
        ("array.npy", saved(np.array([Loud(), None], dtype=object))),
        ("packed.joblib", b"\x78\x9cpacked"),
        ("cut.pkl", pickle.dumps(Loud())[:-1]),
    ],
)
def test_pickles_inside_of_others_and_cut_off_ones_are_found(path, data):
    assert list(pickles.of_bytes(path, data))


def parquet() -> bytes:
    stream = io.BytesIO()
    pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}).to_parquet(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"a,b\n1,2\n", b"(see below)\n.", b"import pickle\n", b"I1\n.", b"[1, 2]\n.", json.dumps({"a": 1}).encode(),
     parquet(), saved(np.arange(3)), zipped(text=b"hello"), b"\x80\x04 not a pickle"],
)  # fmt: skip
def test_what_is_no_pickle_is_none(data):
    assert list(pickles.of_bytes("file.dat", data)) == []


def test_relabelled_rows_are_told_from_new_and_removed_ones():
    old = pd.DataFrame({"a": [1, 2, 3, 4, 4], "late": [0, 1, 0, 1, 1]})
    new = pd.DataFrame({"a": [1, 2, 3, 4, 5], "late": [0, 0, 0, 1, 1]})
    made = training_data.differences(old, new, "late")
    assert made["rows"] == {"old": 5, "new": 5, "added": 2, "removed": 2, "relabelled": 1}
    assert made["labels"] == [{"from": "1", "to": "0", "rows": 1}]
    assert made["first"] == [{"row": 1, "from": "1", "to": "0"}]
    same = training_data.differences(old, old.iloc[::-1].reset_index(drop=True), "late")
    assert same["rows"]["added"] == same["rows"]["removed"] == same["rows"]["relabelled"] == 0


def test_the_column_that_the_target_is_made_of_changes_with_it():
    old = pd.DataFrame({"a": [1, 2], "delay": [5, 70], "late": [0, 1]})
    new = pd.DataFrame({"a": [1, 2], "delay": [99, 70], "late": [1, 1]})
    assert training_data.differences(old, new, "late", "delay")["rows"]["relabelled"] == 1
    assert training_data.differences(old, new, "late")["rows"]["relabelled"] == 0


def test_columns_that_came_went_or_changed_type_are_named():
    old = pd.DataFrame({"a": [1], "b": [1], "c": ["x"], "late": [0]})
    new = pd.DataFrame({"a": [1], "b": ["1"], "d": ["x"], "late": [0]})
    made = training_data.differences(old, new, "late")
    assert made["columns"] == {"added": ["d"], "removed": ["c"], "types": {"b": ["int64", "str"]}}
    assert made["rows"]["added"] == 0


DEPENDENCIES = [{"name": "click", "version": "8.2.0", "vulns": []}]


@pytest.mark.parametrize(
    ("out", "code", "result", "exit_code"),
    [
        ({"dependencies": DEPENDENCIES}, 0, "clean", 0),
        ({"dependencies": [{**DEPENDENCIES[0], "vulns": [{"id": "CVE-1"}]}]}, 1, "vulnerable", 1),
        ({"dependencies": [*DEPENDENCIES, {"name": "own", "skip_reason": "not found"}]}, 0, "not audited", 8),
        ({"dependencies": []}, 0, "not audited", 8),
        ({"dependencies": DEPENDENCIES}, 1, "not audited", 8),
        ("Traceback: no network", 1, "not audited", 8),
    ],
)
def test_not_audited_is_not_clean(out, code, result, exit_code):
    text = out if isinstance(out, str) else json.dumps(out)
    made = packages.told(text, "ServiceError: no network", code, ())
    assert (made.result, int(made.code)) == (result, exit_code)


def bom(versions: dict[str, str], model: str = "aa") -> dict:
    listed = [
        {"name": name, "version": one, "licenses": [{"license": {"name": "MIT"}}]} for name, one in versions.items()
    ]
    return {"components": listed, "metadata": {"component": {"hashes": [{"content": model}]}}}


def test_a_package_that_came_went_or_changed_is_told_and_so_is_another_model():
    made = packages.compare(bom({"a": "1", "b": "1", "c": "1"}), bom({"a": "1", "b": "2", "d": "1"}, "bb"))
    lines = list(packages.lines(made))
    assert lines == [
        "added    d: 1 (MIT)",
        "removed  c: 1 (MIT)",
        "changed  b: 1 (MIT) -> 2 (MIT)",
        "1 packages are the same",
        "the model is another: aa -> bb",
    ]
