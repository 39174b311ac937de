"""What a component's factory may know beside its settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from regrow.plugin.randomness import random_state

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Before:
    """What earlier runs of a stage left it, for `Stage(before=True)`."""

    #: A folder that survives a kill and is gone once the stage has ended well, or code, settings or data are others;
    #: what lies beside it stays. None where there is none.
    scratch: Path | None = None
    #: What the stage chose in the commit that is run as recorded; None: it is to choose anew.
    choices: Mapping[str, Any] | None = None


@dataclass(frozen=True, eq=False)
class Context:
    """Of this, a stage fills in what `regrow.plugin.kinds.KINDS` says of the kind."""

    #: binary, multiclass or regression.
    task: str = ""
    #: The component's own seed, in [0, 2**32).
    random_state: int = 0
    #: The name of the target's column.
    target: str = ""
    #: The columns that the component meets: name -> number, text, date, bool, or pandas' name of another type.
    columns: Mapping[str, str] = field(default_factory=dict)
    #: Processes or threads it may use. They change no result.
    workers: int = 1
    #: Where work is done: "" for this machine, or the address of a cluster, such as dask://HOST:PORT.
    engine: str = ""
    #: A folder that survives a kill, for what is dear to compute again; None where there is none.
    scratch: Path | None = None
    #: A folder of models of other commits and projects, for what begins with one; None where there is none.
    models: Path | None = None
    #: The columns that the settings of a splitter, a search or a metric name, in the order and with the index of the
    #: rows that it works on; None where they name none.
    rows: "pd.DataFrame | None" = None
    #: What clock and machine decided in the run that is repeated; None: they decide anew.
    choices: Mapping[str, Any] | None = None

    def stream(self, name: str) -> int:
        """A seed in [0, 2**32) of its own for each part of the component that draws, by the part's name."""
        return random_state(self.random_state, name)


def column_types(table: "pd.DataFrame") -> dict[str, str]:
    """Each column's type as `Context.columns` has it."""
    from pandas import StringDtype
    from pandas.api import types

    def kind(dtype: Any) -> str:
        if types.is_bool_dtype(dtype):
            return "bool"
        if types.is_numeric_dtype(dtype):
            return "number"
        if types.is_datetime64_any_dtype(dtype):
            return "date"
        return "text" if isinstance(dtype, StringDtype) else str(dtype)

    return {str(name): kind(dtype) for name, dtype in table.dtypes.items()}
