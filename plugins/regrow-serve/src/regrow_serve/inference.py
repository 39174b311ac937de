"""The Open Inference Protocol (KServe, Triton): tensors of one column each, to rows and back."""

from collections.abc import Sequence
from typing import Any

from regrow_serve.answers import Answer
from regrow_serve.bundle import Bundle
from regrow_serve.schema import Schema

DATATYPES = {"integer": "INT64", "number": "FP64", "boolean": "BOOL", "text": "BYTES", "date": "BYTES"}
SHAPE = 'must be {"inputs": [{"name": column, "shape": [rows], "datatype": ..., "data": [...]}, ...]}'


def rows(content: Any, schema: Schema) -> tuple[str, list[dict[str, Any]]]:
    """The request's id, and its rows. ValueError for what is no request of this protocol."""
    inputs = content.get("inputs") if isinstance(content, dict) else None
    if not isinstance(inputs, list) or not inputs or not all(isinstance(one, dict) for one in inputs):
        raise ValueError(SHAPE)
    columns: dict[str, list[Any]] = {}
    for one in inputs:
        name, data, shape = one.get("name"), one.get("data"), one.get("shape")
        if not isinstance(name, str) or not isinstance(data, list) or not isinstance(shape, list):
            raise ValueError(SHAPE)
        if name in columns:
            raise ValueError(f"the column {name[:80]!r} is there twice")
        if shape not in ([len(data)], [len(data), 1]):
            raise ValueError(f"the column {name[:80]!r} has {len(data)} values, which is not its shape")
        columns[name] = data
    if len({len(data) for data in columns.values()}) > 1:
        raise ValueError("the columns have not as many values each")
    asked = content.get("id")
    made = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return (asked if isinstance(asked, str) else ""), made


def response(answers: Sequence[Answer], bundle: Bundle, asked: str) -> dict[str, Any]:
    """`prediction`, `probability_<class>`, `guard` and `source`, a tensor each."""
    predictions = [one.prediction for one in answers]
    outputs = [_output("prediction", predictions)]
    names = [str(one) for one in bundle.classes or ()] if all(one.probabilities for one in answers) else []
    outputs += [_output(f"probability_{name}", [(one.probabilities or {})[name] for one in answers]) for name in names]
    outputs += [_output("decision", [one.decision for one in answers])] if bundle.threshold is not None else []
    outputs += [_output("guard", [one.guard for one in answers]), _output("source", [one.source for one in answers])]
    said = {"model_name": bundle.about.get("name") or "model", "model_version": bundle.digest, "outputs": outputs}
    return said | ({"id": asked} if asked else {})


def metadata(bundle: Bundle) -> dict[str, Any]:
    """What goes in and out."""
    inputs = [{"name": one.name, "datatype": DATATYPES[one.kind], "shape": [-1]} for one in bundle.schema.needed]
    return {
        "name": bundle.about.get("name") or "model",
        "versions": [bundle.digest],
        "platform": "regrow_bundle",
        "inputs": inputs,
        "outputs": [{"name": "prediction", "datatype": "BYTES", "shape": [-1]}],
    }


def _output(name: str, data: list[Any]) -> dict[str, Any]:
    kinds = {type(one) for one in data}
    datatype = (
        "BOOL" if kinds == {bool} else "INT64" if kinds == {int} else "FP64" if kinds <= {int, float} else "BYTES"
    )
    return {"name": name, "datatype": datatype, "shape": [len(data)], "data": data}
