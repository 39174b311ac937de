"""JSON Schema of what scikit-learn's estimators take: from their own constraints, defaults and docstrings."""

import inspect
import math
import re
from numbers import Integral
from typing import Any

from sklearn.utils._param_validation import Interval, Options

from regrow_experiment.named import CLASSES, settable

PLAIN = {int: "integer", float: "number", str: "string", bool: "boolean", dict: "object", list: "array"}
WORDS = {"boolean": "boolean", "array-like": "array"}
HELP = re.compile(r"^(\w+) : .*\n((?:    .*\n|\n)+)", re.MULTILINE)


def parameters(name: str) -> dict[str, Any]:
    """Schema of the parameters that settings may give to the estimator called `name`; without what YAML can't say."""
    made = CLASSES[name]
    signature, about = inspect.signature(made).parameters, dict(HELP.findall(inspect.getdoc(made) or ""))
    found = {}
    for key in settable(name):
        branches = [branch for one in made._parameter_constraints.get(key, []) if (branch := _branch(one)) is not None]
        default = signature[key].default
        default = list(default) if isinstance(default, tuple) else default
        found[key] = {
            **(branches[0] if len(branches) == 1 else {"anyOf": branches} if branches else {}),
            **({"default": default} if isinstance(default, str | int | float | bool | list | None) else {}),
            **({"description": _sentence(about[key])} if key in about else {}),
        }
    return {"type": "object", "properties": found, "additionalProperties": False}


def _branch(constraint: Any) -> dict[str, Any] | None:
    if constraint is None:
        return {"type": "null"}
    if isinstance(constraint, Interval):
        return {"type": "integer" if constraint.type is Integral else "number", **dict(_bounds(constraint))}
    if isinstance(constraint, Options):  # StrOptions is one
        options = {one for one in constraint.options if not isinstance(one, float)}  # infinity
        options -= getattr(constraint, "deprecated", set())
        return {"enum": sorted(options, key=str)} if options else None
    kind = PLAIN.get(constraint) if isinstance(constraint, type) else WORDS.get(constraint)
    return {"type": kind} if kind else None


def _bounds(interval: Interval) -> Any:
    for side, bound, key in (("left", interval.left, "inimum"), ("right", interval.right, "aximum")):
        if bound is not None and math.isfinite(bound):
            closed = interval.closed in {side, "both"}
            word = "m" + key
            yield (word if closed else f"exclusive{word.capitalize()}"), bound


def _sentence(text: str) -> str:
    """The first sentence of a parameter's description, without markup."""
    paragraph = " ".join(text.split("\n\n", maxsplit=1)[0].split())
    return re.sub(
        r":\w+:`~?([^`<]*)[^`]*`|``?([^`]+)``?", r"\1\2", re.split(r"(?<=[a-z)`])(?<!i\.e)\. |[.:]$", paragraph)[0]
    )
