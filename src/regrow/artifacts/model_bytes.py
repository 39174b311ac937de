"""The canonical form of a skops file: bytes that depend on the model alone.

skops names the members of its archive by memory addresses and stamps them with the time; scikit-learn keeps in a fitted
estimator how many threads or workers it had. Members are stored uncompressed, as skops itself does: what zlib makes of
the same data differs between builds of Python.
"""

import ast
import hashlib
import io
import json
import math
import zipfile
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DATE = (1980, 1, 1, 0, 0, 0)
# Attributes of estimators that say how fast, not what. One worker also adds up in one order.
_FIXED = {"n_jobs": "null", "n_threads": "1", "_n_threads": "1", "refit_time_": "0.0"}
_TRIED, _TIME = "cv_results_", "_time"  # a search's table of what it tried, and how its columns of times end
NEIGHBOR_TREES = {"sklearn.neighbors._ball_tree.BallTree", "sklearn.neighbors._kd_tree.KDTree"}
_CONSTANTS = {"BytesNode", "DTypeNode", "FunctionNode", "JsonNode", "SliceNode", "TupleNode", "TypeNode"}
# How the header of an array begins, after ten or twelve bytes, and what comes after its type.
_KIND, _REST = b"{'descr': ", b", 'fortran_order': "
_COUNTERS = slice(7, 11)  # in their state: trims, leaves, splits, calls of past queries; threads lose some of them


def canonical(data: bytes) -> bytes:
    """A skops archive with objects and members numbered in the order of the schema, and without dates.

    Numbers of workers and threads, and counters of past queries, become the same ones always, and times that a search
    took are left out; no prediction depends on them.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        schema = json.loads(archive.read("schema.json"))
        _normalise(schema)
        members = _Members(archive)
        _renumber(schema, {}, members)
    contents = members.contents
    contents["schema.json"] = json.dumps(schema, separators=(",", ":")).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(contents):
            member = zipfile.ZipInfo(name, _DATE)
            member.create_system = 3  # as on Unix, wherever it is written
            archive.writestr(member, contents[name], zipfile.ZIP_STORED)
    return out.getvalue()


def _normalise(node: Any) -> None:
    """Fix what does not belong to the model; the node's children first."""
    if isinstance(node, list):
        for inner in node:
            _normalise(inner)
    elif isinstance(node, dict):
        for inner in node.values():
            _normalise(inner)
        loader, name = node.get("__loader__"), f"{node.get('__module__')}.{node.get('__class__')}"
        if loader == "SetNode":  # in the order of hashes, which differ between processes
            node["content"].sort(key=_content_key)
        elif name in NEIGHBOR_TREES:
            state = node["content"]["content"]
            state[_COUNTERS] = [_number(one, "0") for one in state[_COUNTERS]]
        elif loader == "ObjectNode" and isinstance(node.get("content"), dict):
            _normalise_attributes(node["content"].get("content"))


def _normalise_attributes(attributes: Any) -> None:
    if not isinstance(attributes, dict):
        return
    for key in _FIXED.keys() & attributes:
        attributes[key] = _number(attributes[key], _FIXED[key])
    if attributes.get(_TRIED, {}).get("__loader__") == "DictNode":
        tried = attributes[_TRIED]
        kept = [not name.endswith(_TIME) for name in tried["content"]]
        tried["content"] = {name: one for name, one in tried["content"].items() if not name.endswith(_TIME)}
        types = tried["key_types"]
        types["content"] = [one for one, keep in zip(types["content"], kept, strict=True) if keep]


def _number(node: dict[str, Any], text: str) -> dict[str, Any]:
    """A node like skops' own for a plain number or None, in the place of another."""
    kept = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": text, "is_json": True}
    return kept | {"__id__": node["__id__"]}


def _content_key(node: Any) -> str:
    """What an element of a set holds, without the addresses in it."""
    if isinstance(node, list):
        return "[" + ",".join(map(_content_key, node)) + "]"
    if isinstance(node, dict):
        return json.dumps({key: _content_key(one) for key, one in node.items() if key not in {"__id__", "file"}})
    return json.dumps(node)


def _without_padding(data: bytes) -> bytes:
    """The nodes of a tree are records with unused bytes between them, whatever was in memory there: zeros instead.

    Records of one kind are looked at once: a model has an array of them for each of its trees.
    """
    import numpy as np

    begin = 10 if data[6] == 1 else 12  # the version; the length of what follows lies before it
    end = begin + int.from_bytes(data[8:begin], "little")
    kind = data[begin:end].rpartition(_REST)[0].removeprefix(_KIND)
    if not kind.startswith(b"["):
        return data  # an array of plain numbers: numpy lists fields, and nothing else
    used = _used(kind)
    records = np.frombuffer(data, np.uint8, offset=end).reshape(-1, len(used))
    return data[:end] + (records & used).tobytes()


@cache
def _used(fields: bytes) -> "NDArray[np.uint8]":
    """For each byte of a record, 255 where a field lies and 0 between them. fields: as numpy lists them; what they are
    called is all the same.
    """
    import numpy as np

    return np.frombuffer(_filled(np.lib.format.descr_to_dtype(ast.literal_eval(fields.decode("latin-1")))), np.uint8)


def _filled(kind: "np.dtype[Any]") -> bytes:
    if kind.subdtype:
        inner, shape = kind.subdtype
        return _filled(inner) * math.prod(shape)
    if kind.fields is None:
        return b"\xff" * kind.itemsize
    filled = bytearray(kind.itemsize)
    for field, offset, *_ in kind.fields.values():
        filled[offset : offset + field.itemsize] = _filled(field)
    return bytes(filled)


class _Members:
    """The archive's members as the schema meets them. Equal ones become one: objects of the same value, told apart or
    not, are the same file.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._renamed: dict[str, str] = {}
        self._by_digest: dict[str, str] = {}
        self.contents: dict[str, bytes] = {}

    def renamed(self, old: str) -> str:
        """The canonical name of a member."""
        if old not in self._renamed:
            ending = old.rpartition(".")[2]
            content = self._archive.read(old)
            if ending == "npy":
                content = _without_padding(content)
            digest = hashlib.sha256(content).hexdigest() + ending
            self._renamed[old] = self._by_digest.setdefault(digest, f"{len(self._by_digest):06d}.{ending}")
            self.contents[self._renamed[old]] = content
        return self._renamed[old]


def _renumber(node: Any, numbers: dict[Any, int], members: _Members) -> None:
    if isinstance(node, list):
        for inner in node:
            _renumber(inner, numbers, members)
    elif isinstance(node, dict):
        if "__id__" in node:
            key = len(numbers) if is_constant(node) else ("id", node["__id__"])
            node["__id__"] = numbers.setdefault(key, len(numbers))
        if isinstance(node.get("file"), str):
            node["file"] = members.renamed(node["file"])
        for inner in node.values():
            _renumber(inner, numbers, members)


def is_constant(node: dict[str, Any]) -> bool:
    """Whether nobody can change it: equal ones may or may not be one object, as the interpreter and pickling like, and
    are told apart always. Arrays and estimators that are one object stay one.
    """
    is_scalar = node.get("__loader__") == "NdArrayNode" and node.get("__class__") != "ndarray"
    return is_scalar or node.get("__loader__") in _CONSTANTS
