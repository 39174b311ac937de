"""The trees and splines in a model that was read: their indices are followed in C, without looking whether they lead
out.

A type that is trusted says nothing of its numbers; see skops.io.exceptions.UNTRUSTED_TYPE_REASONS.
"""

from collections.abc import Iterable, Iterator
from typing import Any

LEAF = -1
# These hand rows to their decision trees without checking again how many columns there are.
ENSEMBLES = {f"sklearn.ensemble.{name}" for name in ("_bagging", "_forest", "_gb", "_iforest")}


def check_trees(model: Any) -> None:
    """ValueError if an index in a tree of it leads outside, or back, so that a prediction would crash or never end."""
    for holder in _holders(model):
        for tree in _held(vars(holder).values(), type(holder).__module__ in ENSEMBLES):
            if not _is_sound(tree, holder):
                wrong = f"holds a {type(tree).__name__} whose indices lead out of it"
                raise ValueError(f"{wrong}: the file is damaged, or made to do harm")


def _is_sound(tree: Any, holder: Any) -> bool:
    checks = {"Tree": _tree, "TreePredictor": _predictor, "BSpline": _spline}
    check = checks.get(type(tree).__name__, _neighbors)
    try:
        return check(tree, holder)
    except Exception:  # parts that are missing, or of another kind
        return False


def _holders(model: Any) -> Iterator[Any]:
    """The model and every object with attributes in it, each once."""
    seen: set[int] = set()
    waiting = [model]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if hasattr(one, "__dict__") and not isinstance(one, type):
            yield one
            waiting += vars(one).values()
        waiting += _inside(one)


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, list | tuple | set):
        return value
    is_array_of_objects = getattr(getattr(value, "dtype", None), "hasobject", False)
    return value.ravel().tolist() if is_array_of_objects else ()


def _held(values: Iterable[Any], of_estimators: bool) -> Iterator[Any]:
    """The trees among an estimator's attributes, in lists too; with `of_estimators`, those of its decision trees."""
    for value in values:
        if type(value).__name__ in {"Tree", "TreePredictor", "KDTree", "BallTree", "BSpline"}:
            yield value
        elif of_estimators and type(value).__module__ == "sklearn.tree._classes":
            yield from _held(vars(value).values(), of_estimators)
        else:
            yield from _held(_inside(value), of_estimators)


def _tree(tree: Any, holder: Any) -> bool:
    if not 0 < tree.node_count <= tree.capacity:
        return False
    left, right = tree.children_left, tree.children_right
    inner = left != LEAF
    forward = _after(left[inner], inner) and _after(right[inner], inner)
    return forward and _below(tree.feature[inner], _columns(holder))


def _predictor(tree: Any, holder: Any) -> bool:
    nodes = tree.nodes
    inner = nodes["is_leaf"] == 0
    split = nodes[inner]
    by_category = split[split["is_categorical"] != 0]
    return (
        len(nodes) > 0
        and _after(split["left"], inner)
        and _after(split["right"], inner)
        and _below(split["feature_idx"], _columns(holder))
        and _below(by_category["bitset_idx"], len(tree.raw_left_cat_bitsets))
    )


def _spline(spline: Any, _: Any) -> bool:
    knots, weights, degree = spline.t, spline.c, spline.k
    return (
        knots.ndim == 1
        and knots.dtype == weights.dtype == float
        and 0 <= degree < len(knots) - degree - 1 <= len(weights)
        and bool((knots[1:] >= knots[:-1]).all())
    )


def _neighbors(tree: Any, holder: Any) -> bool:
    data, rows, nodes, bounds, _, _, count, *_ = tree.__getstate__()
    last = nodes[len(nodes) // 2 :]  # those whose children would lie outside
    return (
        len(nodes) == bounds.shape[1] == count > 0
        and data.shape == (len(rows), bounds.shape[2])
        and _below(rows, len(data))
        and _below(nodes["idx_start"], len(data) + 1)
        and _below(nodes["idx_end"], len(data) + 1)
        and bool(last["is_leaf"].all())
    )


def _columns(holder: Any) -> int:
    """How many columns the rows have that it hands to its trees."""
    return min([getattr(holder, "n_features_in_", 0), *map(len, getattr(holder, "estimators_features_", []))])


def _after(children: Any, inner: Any) -> bool:
    """Whether every child comes after its parent, and is there."""
    return bool((children > inner.nonzero()[0]).all()) and _below(children, len(inner))


def _below(indices: Any, limit: int) -> bool:
    return bool(((indices >= 0) & (indices < limit)).all())
