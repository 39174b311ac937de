"""A file of answers is of the kind that its name says."""

import pandas as pd
import pytest

from regrow import RegrowError
from regrow_serve import batch


def test_a_csv_holds_what_the_parquet_file_holds_bit_for_bit(made, loaded, tmp_path):
    rows = made["raw"] / "flights.csv"
    counts = [batch.predict(loaded, rows, tmp_path / name, inputs=True) for name in ("a.parquet", "a.csv")]
    assert counts[0] == counts[1]
    whole = pd.read_parquet(tmp_path / "a.parquet")
    text = pd.read_csv(tmp_path / "a.csv")
    assert [*text] == [*whole]
    assert text["probability_1"].map(float.hex).tolist() == whole["probability_1"].map(float.hex).tolist()
    assert text["guard"].tolist() == whole["guard"].tolist()


def test_another_name_is_refused_before_anything_is_scored(made, loaded, tmp_path):
    with pytest.raises(RegrowError, match=r"is named \.xlsx"):
        batch.predict(loaded, made["raw"] / "flights.csv", tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []
