"""The kinds of components there are: of each, what its factory makes, what its context holds, what the kit checks.

Every factory is `make(settings, context)`: the component's checked settings, and one frozen
`regrow.plugin.context.Context`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from regrow.plugin.context import Context as Context
from regrow.plugin.declare import Kind
from regrow.plugin.predicted import Predicted

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class Reader(Protocol):
    """Reads the raw files. The stage says how a text column that is still to be typed is marked."""

    def __call__(self, folder: Path) -> "pd.DataFrame":
        """folder: of the raw files -> a row for each of theirs."""


class Check(Protocol):
    """Holds one assumption."""

    def __call__(self, table: "pd.DataFrame") -> Any:
        """The table -> a pandera.pandas.DataFrameSchema; if it gives one boolean a row, failing rows are named."""


class Splitter(Protocol):
    """Says which rows are held out. With a true attribute `rolling`, a fold learns from earlier ones only."""

    def __call__(self, target: "pd.Series") -> "np.ndarray":
        """(n,) the target -> (n,) int, the fold in which each row is held out; -1: never; -2: nor is it learnt from.
        (n, repeats) where rows are dealt out several times, each time into folds with numbers of their own."""


class Derive(Protocol):
    """Makes columns of each row and the lookups alone."""

    def __call__(self, table: "pd.DataFrame", lookups: "dict[str, pd.DataFrame]") -> "pd.DataFrame":
        """The whole table with columns added, replaced or dropped; its rows and their order untouched."""


class Transformer(Protocol):
    """A scikit-learn transformer, unfitted, that takes and gives a DataFrame. It is fitted on training rows alone."""

    def fit_transform(self, X: "pd.DataFrame", y: Any = None) -> "pd.DataFrame":
        """Learn from training rows, and change them."""

    def transform(self, X: "pd.DataFrame") -> "pd.DataFrame":
        """Change other rows."""


class Estimator(Protocol):
    """A scikit-learn estimator, unfitted. It gets no `n_jobs`: that is set by `compute.n_jobs`."""

    def fit(self, X: "pd.DataFrame", y: "np.ndarray") -> Any:
        """Learn from training rows: columns that are all numbers."""

    def predict(self, X: "pd.DataFrame") -> "np.ndarray":
        """(n,) classes, or values."""


class Search(Protocol):
    """Finds a model's settings and fits it."""

    def __call__(self, build: Callable[..., Any], X: "pd.DataFrame", y: "np.ndarray") -> Any:
        """A fitted scikit-learn estimator that takes rows like X.

        build: makes the whole pipeline anew, unfitted: the steps of features.steps, then the estimator as "model";
        `build({"model.C": 0.5})` makes it with other settings.
        X, y: the training rows of one fit. Under k-fold it is called once for every fold, so that a search is nested in
        each fold's training rows. It may split them as it likes, must not change them, and is not tied to a Pipeline.
        """


class Measure(Protocol):
    """A number that says how good predictions are; `Component(better=, tasks=)` says which way, and for which tasks."""

    #: Whether it is left out for models that give no probabilities.
    needs_probability: bool

    def __call__(self, predicted: Predicted) -> float:
        """The number for these rows. NaN or ValueError: it is undefined on them."""


class Exporter(Protocol):
    """Writes a bundle in another dress."""

    def __call__(self, bundle: Path, folder: Path) -> None:
        """Reads a bundle and writes files into an empty folder, the same bytes each time."""


def _kind(name: str, product: type, about: str, checked: bool = True) -> Kind:
    check = f"regrow_testing.by_kind:{name}" if checked else ""
    return Kind(name, f"{__name__}:{product.__name__}", about, check)


#: Our own kinds by name; a plugin adds its own by `regrow_kinds`.
KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        _kind("reader", Reader, "reads raw files, for ingest; context: task, target"),
        _kind("check", Check, "holds one assumption, for validate; context: columns"),
        _kind(
            "splitter",
            Splitter,
            "says which rows are held out, for split; context: task, random_state, target, columns, rows",
        ),
        _kind("derive", Derive, "makes columns row by row, for features; context: columns"),
        _kind(
            "transformer",
            Transformer,
            "learns from training rows, for train; context: task, random_state, target, columns",
        ),
        _kind("estimator", Estimator, "predicts, for train; context: task, random_state, target, columns"),
        _kind(
            "search",
            Search,
            "finds a model's settings and fits it, for train; context: as estimator, and workers, rows",
        ),
        _kind("metric", Measure, "says how good predictions are, for evaluate; context: task, target, columns, rows"),
        _kind("exporter", Exporter, "writes a bundle in another dress", checked=False),
    )
}
#: Kinds whose context has `rows`, the columns that their settings name.
SEES_ROWS = ("splitter", "search", "metric")
