"""A fitted pipeline of regrow as one ONNX graph, column by column.

skl2onnx turns one transformer or estimator into ONNX, but not a row of ColumnTransformers that hand columns on by name,
texts and numbers side by side. Here each column is a value of its own, of shape (rows, 1): what a transformer takes is
put together before it, and what it gives is taken apart after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
import pandas as pd
from onnx import TensorProto, compose, helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.feature_selection import SelectorMixin
from sklearn.impute import SimpleImputer

OPSETS = {"": 17, "ai.onnx.ml": 3}
INPUTS = {
    "float64": TensorProto.DOUBLE,
    "int64": TensorProto.INT64,
    "bool": TensorProto.BOOL,
    "str": TensorProto.STRING,
}
UNKNOWN = "\0no level of the training rows"
NUMBERS = {"double": (TensorProto.DOUBLE, DoubleTensorType), "float": (TensorProto.FLOAT, FloatTensorType)}
FORMS = [("double", "double"), ("double", "float"), ("float", "float")]  # what numbers are in the steps, in the model


@dataclass
class Graph:
    """Nodes made so far. columns: name -> (its value in the graph, whether it is text). numbers: "double" or "float",
    the type that numbers have inside."""

    numbers: str
    columns: dict[str, tuple[str, bool]] = field(default_factory=dict)
    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)
    count: int = 0

    def add(self, kind: str, inputs: Sequence[str], **attributes: Any) -> str:
        """A node; returns the name of its output."""
        self.count += 1
        output = f"value_{self.count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def together(self, names: Sequence[str]) -> tuple[str, bool]:
        """The columns side by side, (rows, len(names)), and whether they are texts. Raises ValueError for a mixture."""
        texts = {self.columns[name][1] for name in names}
        if len(texts) > 1:
            raise ValueError(f"texts and numbers in one step: {', '.join(names)}")
        values = [self.columns[name][0] for name in names]
        return (values[0] if len(values) == 1 else self.add("Concat", values, axis=1)), texts.pop()

    def apart(self, value: str, names: Sequence[str], text: bool) -> dict[str, tuple[str, bool]]:
        """The columns of a value of shape (rows, len(names))."""
        found = {}
        for place, name in enumerate(names):
            self.constants.append(helper.make_tensor(f"place_{self.count}", TensorProto.INT64, [1], [place]))
            found[name] = (self.add("Gather", [value, f"place_{self.count}"], axis=1), text)
        return found

    def convert(self, fitted: Any, value: str, width: int, text: bool, options: Mapping[str, Any] | None) -> list[str]:
        """What skl2onnx makes of one transformer or estimator; returns the names of its outputs."""
        shape = [None, width]
        kind = StringTensorType(shape) if text else NUMBERS[self.numbers][1](shape)
        asked = {id(fitted): options} if options else None
        made = convert_sklearn(fitted, initial_types=[("X", kind)], options=asked, target_opset=OPSETS)
        self.count += 1
        part = compose.add_prefix(made, f"part_{self.count}_").graph
        self.nodes.append(helper.make_node("Identity", [value], [part.input[0].name]))
        self.nodes.extend(part.node)
        self.constants.extend(part.initializer)
        return [one.name for one in part.output]


def graph_of(pipeline: Any, kinds: Mapping[str, str], probabilities: bool, form: tuple[str, str]) -> bytes:
    """The pipeline as a serialized ONNX model: an input of shape (rows, 1) for each feature, "prediction" and, if
    asked, "probabilities".

    kinds: feature -> float64, int64, bool or str. form: one of FORMS. Raises ValueError that names a step without a
    counterpart in ONNX, and whatever skl2onnx raises for the model.
    """
    graph = Graph(form[0])
    inputs = [helper.make_tensor_value_info(name, INPUTS[kind], [None, 1]) for name, kind in kinds.items()]
    number = NUMBERS[graph.numbers][0]
    for name, kind in kinds.items():
        graph.columns[name] = (name, True) if kind == "str" else (graph.add("Cast", [name], to=number), False)
    for key, step in pipeline.steps[:-1]:
        try:
            _step(graph, step)
        except Exception as error:
            raise ValueError(f"the step {key!r}: {error}") from error
    model = pipeline.steps[-1][1]
    value, text = graph.together(list(graph.columns))
    if form[0] != form[1]:
        graph.numbers = form[1]
        value = graph.add("Cast", [value], to=NUMBERS[graph.numbers][0])
    options = {"zipmap": False} if probabilities else None
    found = graph.convert(model, value, len(graph.columns), text, options)
    names = ["prediction", "probabilities"][: 1 + probabilities]
    for one, name in zip(found, names, strict=False):
        graph.nodes.append(helper.make_node("Identity", [one], [name]))
    return bytes(_model(graph, inputs, names, model).SerializeToString())


def _model(graph: Graph, inputs: Sequence[Any], names: Sequence[str], model: Any) -> Any:
    kind = TensorProto.INT64 if hasattr(model, "classes_") else NUMBERS[graph.numbers][0]
    types = [kind, TensorProto.FLOAT][: len(names)]
    outputs = [helper.make_empty_tensor_value_info(name) for name in names]
    made = helper.make_graph(graph.nodes, "regrow", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
    whole = helper.make_model(made, opset_imports=opsets, producer_name="regrow")
    whole.ir_version = 8
    found = {one.name: one for one in onnx.shape_inference.infer_shapes(whole).graph.output}
    for output, usual in zip(whole.graph.output, types, strict=True):
        inferred = found[output.name].type.tensor_type.elem_type
        output.CopyFrom(helper.make_tensor_value_info(output.name, inferred or usual, None))
    return whole


def _step(graph: Graph, step: Any) -> None:
    """One step of the pipeline: the columns after it, in its own order."""
    if step in ("passthrough", None):
        return
    names = list(step.get_feature_names_out())
    if not isinstance(step, ColumnTransformer):
        graph.columns = _transformed(graph, step, list(graph.columns), names)
        return
    before = list(step.feature_names_in_)
    found: dict[str, tuple[str, bool]] = {}
    for key, fitted, chosen in step.transformers_:
        taken = [one if isinstance(one, str) else before[one] for one in chosen]
        given = names[step.output_indices_[key]]
        if key == "remainder" or fitted == "passthrough":
            found |= {name: graph.columns[name] for name in taken if name in given}
        elif taken and fitted != "drop":
            found |= _transformed(graph, fitted, taken, given)
    graph.columns = {name: found[name] for name in names}


def _transformed(graph: Graph, fitted: Any, taken: Sequence[str], given: Sequence[str]) -> dict[str, tuple[str, bool]]:
    if isinstance(fitted, SelectorMixin):
        kept = [name for name, keep in zip(taken, fitted.get_support(), strict=True) if keep]
        return {new: graph.columns[old] for new, old in zip(given, kept, strict=True)}
    if hasattr(fitted, "categories_") and all(graph.columns[name][1] for name in taken):
        return _looked_up(graph, fitted, taken, given)
    if isinstance(fitted, SimpleImputer) and len(taken) == len(given) and not graph.columns[taken[0]][1]:
        return _filled(graph, fitted, taken, given)
    value, text = graph.together(taken)
    output = graph.convert(fitted, value, len(taken), text, None)[0]
    if not (text and isinstance(fitted, SimpleImputer)):
        output, text = graph.add("Cast", [output], to=NUMBERS[graph.numbers][0]), False
    return graph.apart(output, given, text)


def _filled(graph: Graph, fitted: Any, taken: Sequence[str], given: Sequence[str]) -> dict[str, tuple[str, bool]]:
    """Numbers, with what the imputer found where there is none: onnxruntime has no Imputer for doubles."""
    found = {}
    for old, new, fill in zip(taken, given, fitted.statistics_, strict=True):
        value = graph.columns[old][0]
        graph.constants.append(helper.make_tensor(f"fill_{graph.count}", NUMBERS[graph.numbers][0], [1], [float(fill)]))
        lacks = graph.add("Equal", [value, value])  # a NaN equals nothing, itself included
        found[new] = (graph.add("Where", [lacks, value, f"fill_{graph.count - 1}"]), False)
    return found


def _looked_up(graph: Graph, fitted: Any, taken: Sequence[str], given: Sequence[str]) -> dict[str, tuple[str, bool]]:
    """An encoder of texts as tables: what each level of a column, no value, and a level that it does not know become.

    The tables are what `fitted` itself answers, so that infrequent, missing and unknown levels are as it has them; a
    column that it gives depends on one column that it takes. A missing text is "" in ONNX, which has no other.
    """
    found = {}
    for place, name in enumerate(taken):
        levels = [one for one in fitted.categories_[place] if isinstance(one, str)]
        if "" in levels:
            raise ValueError(f"{name} has the level '', which can't be told from a missing text")
        table = _answers(fitted, taken, name, [*levels, None])
        knows = getattr(fitted, "handle_unknown", None) != "error"
        other = _answers(fitted, taken, name, [UNKNOWN]) if knows else table[:1]  # the guard refuses it before
        own = (np.vstack([table, other]) != table[:1]).any(axis=0)
        for column in (column for column, new in enumerate(given) if own[column] or (new not in found and not place)):
            values, default = table[:, column].tolist(), float(other[0, column])
            keys = {"keys_strings": [*levels, ""], "values_floats": values, "default_float": default}
            value = graph.add("LabelEncoder", [graph.columns[name][0]], domain="ai.onnx.ml", **keys)
            found[given[column]] = (graph.add("Cast", [value], to=NUMBERS[graph.numbers][0]), False)
    return found


def _answers(fitted: Any, taken: Sequence[str], name: str, levels: Sequence[str | None]) -> np.ndarray:
    """(levels, columns that it gives), the other columns without a value."""
    rows = {one: pd.array(levels if one == name else [None] * len(levels), dtype="str") for one in taken}
    return np.asarray(fitted.transform(pd.DataFrame(rows)), dtype=float)
