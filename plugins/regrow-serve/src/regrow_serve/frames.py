"""Rows of a file in the types of training; apart from `schema`, as it needs pyarrow, which a server does not."""

import numpy as np
import pandas as pd

from regrow import RegrowError
from regrow_data.exports import Form, read_alike
from regrow_data.frame_types import normalise
from regrow_data.text_types import TEXT, as_text, fit
from regrow_serve.schema import FILLERS, Column, Made, Schema, Typed, from_json, take


def of_frame(schema: Schema, frame: pd.DataFrame, decimal: str = "") -> Typed:
    """Rows of a file. decimal: the sign of numbers where all columns are text as written, "" where they have types
    of their own."""
    typed = Typed(len(frame))
    frame = frame.reset_index(drop=True)
    for column in schema.needed:
        if column.name not in frame.columns:
            typed.absent[column.name] = np.ones(len(frame), dtype=bool)
            take(typed, column, *from_json(column, [None] * len(frame)))
        else:
            written = frame[column.name].rename(column.name)
            made = _from_text(column, written.astype(TEXT), decimal) if decimal else _from_series(column, written)
            take(typed, column, *made)
    if extra := sorted(name for name in frame.columns if name not in schema.known()):
        typed.extra = dict.fromkeys(range(len(frame)), tuple(extra))
    return typed


def _from_text(column: Column, written: pd.Series, decimal: str) -> Made:
    if column.form is None:
        made, odd = fit(written, column.kind, column.format, decimal)
    else:
        made, odd = read_alike(written, column.kind, Form.read(column.form))
        written = written.where(made.notna() | odd)  # signs that mean "no value"
    return _settled(column, made, written.isna().to_numpy(), odd.to_numpy(dtype=bool), written)


def _settled(column: Column, made: pd.Series, missing: np.ndarray, odd: np.ndarray, written: pd.Series) -> Made:
    """In the dtype of training: a filler where that has no missing values."""
    wrong = {int(row): written.iloc[row] for row in np.flatnonzero(odd)}
    if column.dtype in FILLERS and made.dtype.name != column.dtype:
        made = made.astype("float64").fillna(float(FILLERS[column.dtype])).astype(column.dtype)
    elif made.dtype.name != column.dtype:
        made = made.astype(TEXT if column.kind == "text" else column.dtype)
    return made, missing, wrong


def _from_series(column: Column, written: pd.Series) -> Made:
    """A column that has a type of its own, of a Parquet file: as ingest would take it."""
    try:
        made, kind = normalise(written, "the file")
    except RegrowError:
        every = np.ones(len(written), dtype=bool)
        return _settled(column, pd.Series([None] * len(written), dtype=TEXT), ~every, every, written.map(repr))
    missing = made.isna().to_numpy()
    if kind == column.kind or (kind == "integer" and column.kind == "number"):
        finite = np.isfinite(made.to_numpy(dtype="float64", na_value=0.0)) if kind == "number" else True
        return _settled(column, made, missing, ~(missing | finite), made)
    if missing.all():
        return from_json(column, [None] * len(made))
    return _from_text(column, as_text(made), ".")
