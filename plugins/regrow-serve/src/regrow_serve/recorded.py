"""Answers for the file that a project was made from, beside what the stage `train` recorded of its rows."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from regrow import RegrowError
from regrow.base.errors import Exit
from regrow_serve.batch import PARQUET, pieces
from regrow_serve.bundle import Bundle


def compare(bundle: Bundle, source: Path, out: Path, predictions: pd.DataFrame, ingest: Mapping[str, Any]) -> int:
    """How many recorded predictions are, to the bit, in the answers `out` to the rows of `source`.

    predictions: as recorded; their rows count what ingest kept, which is what has a target. ingest: its record. Raises
    RegrowError for a file with other rows, and (exit code MISMATCH) for an answer that is another or is missing.
    """
    kept = _with_target(bundle, source, ingest["target"]["column"])
    if len(kept) != ingest["rows_kept"]:
        wrong = f"has {len(kept)} rows with a target, and the project was made from {ingest['rows_kept']}"
        raise RegrowError(wrong, where=str(source), fix="give the file that the project was made from")
    answers = _answers(out, predictions["prediction"].dtype).set_index("row")
    columns = [name for name in predictions.columns if name.startswith("probability_")] + ["prediction"]
    found = answers.reindex(kept[predictions["row"].to_numpy()])[columns]
    same = (found.to_numpy() == predictions[columns].to_numpy()).all(axis=1)
    if not same.all():
        row = int(predictions["row"].to_numpy()[~same][0])
        wrong = f"{(~same).sum()} of {len(same)} recorded predictions are other ones here, the first that of row {row}"
        raise RegrowError(wrong, where=str(out), fix="regrow verify says what has changed", code=Exit.MISMATCH)
    return len(same)


def _answers(out: Path, kind: Any) -> pd.DataFrame:
    """What `predict` wrote. kind: of the predictions, which a CSV does not tell."""
    if out.suffix.lower() in PARQUET:
        return pq.read_table(out).to_pandas()
    return pd.read_csv(out, dtype={"prediction": kind})


def _with_target(bundle: Bundle, source: Path, column: str) -> np.ndarray:
    """The places of the rows that have a target, in their order."""
    masks = []
    for frame, _ in pieces(source, bundle):
        if column not in frame:
            raise RegrowError(f"has no column {column!r}, the target", where=str(source), fix="leave --recorded out")
        masks.append(frame[column].notna().to_numpy(dtype=bool))
    return np.flatnonzero(np.concatenate(masks)) if masks else np.array([], dtype=int)
