"""A schema that means harm is refused before any object is made: some of these would crash the interpreter."""

import copy
import io
import json
import zipfile

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import RandomForestRegressor
from sklearn.neighbors import KNeighborsRegressor

from regrow.artifacts import model

X = np.random.default_rng(0).normal(size=(60, 3))
Y = X[:, 0] + X[:, 1]
FOREST = model.canonical(skops.io.dumps(RandomForestRegressor(2, max_depth=3).fit(X, Y)))
NEIGHBORS = model.canonical(skops.io.dumps(KNeighborsRegressor(algorithm="kd_tree").fit(X, Y)))


def changed(data: bytes, kind: str, change) -> bytes:
    """The file after `change(node, whole schema)` of the first node of a class."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    schema = json.loads(parts["schema.json"])
    change(found(schema, kind)[0], schema)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name, content in parts.items():
            new.writestr(name, json.dumps(schema) if name == "schema.json" else content)
    return out.getvalue()


def found(node, kind: str) -> list:
    if isinstance(node, list):
        return [one for inner in node for one in found(inner, kind)]
    if not isinstance(node, dict):
        return []
    own = [node] if node.get("__class__") == kind else []
    return own + [one for inner in node.values() for one in found(inner, kind)]


def refused(data: bytes, tmp_path, said: str) -> None:
    (tmp_path / "m.skops").write_bytes(data)
    with pytest.raises(ValueError, match=said):
        model.read(tmp_path / "m.skops")


@pytest.mark.parametrize("kind", ["EuclideanDistance64", "KDTree"])
@pytest.mark.parametrize("state", [[], None, "[]"])
def test_a_state_that_is_too_short(kind, state, tmp_path):
    def shorten(node, _):
        node["content"]["content"] = state

    refused(changed(NEIGHBORS, kind, shorten), tmp_path, "not of its size")


@pytest.mark.parametrize("outputs", ["100000000", "-1", "0", "null", "[]"])
def test_a_tree_of_more_outputs_than_it_has(outputs, tmp_path):
    def grow(node, _):
        node["__reduce__"]["args"]["content"][2]["content"] = outputs

    refused(changed(FOREST, "Tree", grow), tmp_path, "not of its size")


def test_one_number_for_two_objects(tmp_path):
    """skops would take the first for both, so that the state looked at is not the state used."""

    def substitute(node, schema):
        other = copy.deepcopy(node["content"])
        other["content"] = []
        schema["content"]["content"]["weights"] = other

    refused(changed(NEIGHBORS, "EuclideanDistance64", substitute), tmp_path, "two objects have the number")


def test_an_array_under_the_number_of_another(tmp_path):
    def substitute(node, schema):
        arrays = [one for one in found(node, "ndarray") if "file" in one]
        arrays[1]["__id__"] = arrays[0]["__id__"]
        assert arrays[1]["file"] != arrays[0]["file"]

    refused(changed(FOREST, "Tree", substitute), tmp_path, "two objects have the number")


def test_a_file_of_skops_own_making(tmp_path):
    refused(skops.io.dumps(RandomForestRegressor(2).fit(X, Y)), tmp_path, "not as regrow writes models: .* number")


@pytest.mark.parametrize("depth", [10**3, 10**5])
def test_a_schema_of_endless_depth(depth, tmp_path):
    def deepen(node, _):
        node["content"] = "DEEP"

    data = changed(FOREST, "Tree", deepen)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b'"DEEP"', b"[" * depth + b"]" * depth))
    refused(out.getvalue(), tmp_path, "is not as regrow writes models: RecursionError")
