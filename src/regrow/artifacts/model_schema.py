"""The schema of a skops file, looked at before objects are made of it: compiled types take whatever they get.

Types are skops' and the list's business. This is about numbers: a state too short, or one object said to be two.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

from regrow.artifacts.model_archive import SCHEMA
from regrow.artifacts.model_bytes import NEIGHBOR_TREES, is_constant

METRICS = "sklearn.metrics._dist_metrics."
Node = dict[str, Any]


def check_schema(data: bytes) -> None:
    """ValueError unless each number means one object, and compiled types get a state of their size.

    data: an archive that `check_archive` let pass.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            nodes = list(_nodes(json.loads(archive.read(SCHEMA))))
            _check_numbers(nodes)
            if not all(_is_sound(node, archive) for node in nodes):
                raise ValueError("an object has a state that is not of its size")
    except Exception as error:  # whatever a damaged archive makes zipfile, json or numpy raise
        raise ValueError(f"is not as regrow writes models: {type(error).__name__}: {error}") from None


def places(data: bytes) -> dict[str, tuple[str, ...]]:
    """Each type that an archive names -> the names on the way to where it first stands: keys, and names of steps."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        found: dict[str, tuple[str, ...]] = {}
        _place(json.loads(archive.read(SCHEMA)), (), found)
    return found


def _place(node: Any, way: tuple[str, ...], found: dict[str, tuple[str, ...]]) -> None:
    if isinstance(node, list):
        named = node and isinstance(node[0], dict) and node[0].get("__loader__") == "JsonNode"  # (name, step)
        step = (str(node[0].get("content")).strip('"'),) if named else ()
        for inner in node:
            _place(inner, way + step, found)
    elif isinstance(node, dict) and "__loader__" in node:
        found.setdefault(f"{node['__module__']}.{node['__class__']}", way)
        for inner in node.values():
            _place(inner, way, found)
    elif isinstance(node, dict):
        for name, inner in node.items():
            _place(inner, (*way, name), found)


def _nodes(node: Any) -> Iterator[Node]:
    if isinstance(node, dict):
        if "__loader__" in node:
            yield node
        for inner in node.values():
            yield from _nodes(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _nodes(inner)


def _check_numbers(nodes: list[Node]) -> None:
    """skops takes the first object of a number for all of them, whatever is written at the others."""
    seen: dict[Any, Any] = {}
    for node in nodes:
        number, kind = node.get("__id__"), [node.get(key) for key in ("__loader__", "__module__", "__class__", "file")]
        if number in seen and (is_constant(node) or seen[number] != kind):
            raise ValueError(f"two objects have the number {number!r}")
        seen[number] = kind


def _is_sound(node: Node, archive: zipfile.ZipFile) -> bool:
    name = f"{node['__module__']}.{node['__class__']}"
    if node["__loader__"] == "TreeNode":
        return _has_all_outputs(node["__reduce__"]["args"], archive)
    if name in NEIGHBOR_TREES:
        return _size(node["content"]) == 13
    return not name.startswith(METRICS) or _size(node["content"]) == 3


def _size(state: Node) -> int:
    return len(state["content"]) if state["__loader__"] == "TupleNode" and isinstance(state["content"], list) else 0


def _has_all_outputs(arguments: Node, archive: zipfile.ZipFile) -> bool:
    """A decision tree is made of (number of features, numbers of classes by output, number of outputs)."""
    import numpy as np

    if _size(arguments) != 3:
        return False
    features, classes, outputs = arguments["content"]
    if {features["__loader__"], outputs["__loader__"]} != {"JsonNode"} or classes["__loader__"] != "NdArrayNode":
        return False
    by_output = np.load(io.BytesIO(archive.read(classes["file"])), allow_pickle=False)
    return bool(
        by_output.shape == (json.loads(outputs["content"]),) and by_output.dtype == np.intp and by_output.min() > 0
    )
