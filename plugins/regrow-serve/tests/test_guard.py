"""The guard: one verdict for a row, however it comes."""

import datetime

import numpy as np
import pandas as pd
import pytest

from regrow_serve import batch, lookups
from regrow_serve.bundle import records
from regrow_serve.frames import of_frame
from regrow_serve.guard import Guard

CHANGES = [
    {},
    {"distance": None},
    {"distance": 99999},
    {"distance": "far"},
    {"origin": "BOS"},
    {"origin": None},
    {"carrier": None},
    {"seats": None},
    {"fuel": 1e6},
    {"date": "2031-01-01"},
    {"date": "soon"},
    {"night": "perhaps"},
    {"departure": 1299},
    {"distance": -1},
]


def verdicts(judgement) -> list[tuple]:
    found = []
    for row in range(len(judgement.codes)):
        said = sorted((one.column, one.verdict, one.reason) for one in judgement.remarks.get(row, ()))
        found.append((judgement.of(row), said))
    return found


def test_a_batch_gets_the_verdicts_that_single_rows_get(loaded, row, tmp_path):
    rows = [{**row, **change} for change in CHANGES]
    alone = [verdicts(loaded.score(loaded.schema.of_rows([one])).judgement)[0] for one in rows]
    assert {said for said, _ in alone} == {"ok", "odd", "refused"}
    assert verdicts(loaded.score(loaded.schema.of_rows(rows)).judgement) == alone
    written = pd.DataFrame(rows).map(
        lambda one: "" if one is None else str(one).lower() if isinstance(one, bool) else str(one)
    )
    written.to_csv(tmp_path / "rows.csv", index=False)
    (frame, decimal), *_ = batch.pieces(tmp_path / "rows.csv", loaded)
    of_file = loaded.score(of_frame(loaded.schema, frame, decimal)).judgement
    assert verdicts(of_file) == alone


def test_a_batch_tells_refused_rows_in_a_file_of_their_own(loaded, row, tmp_path):
    rows = [{**row, **change} for change in CHANGES]
    pd.DataFrame(rows).astype("str").to_parquet(tmp_path / "rows.parquet")
    counts = batch.predict(loaded, tmp_path / "rows.parquet", tmp_path / "out.parquet")
    told = pd.read_json(batch.refused_file(tmp_path / "out.parquet"), lines=True)
    out = pd.read_parquet(tmp_path / "out.parquet")
    assert counts.rows == len(CHANGES) == counts.answered + counts.refused
    assert set(told["row"]) | set(out["row"]) == set(range(len(CHANGES)))
    assert not set(told["row"]) & set(out["row"])
    batch.predict(loaded, tmp_path / "rows.parquet", tmp_path / "out.parquet")
    pd.DataFrame([rows[1]]).to_parquet(tmp_path / "refused.parquet")
    assert batch.predict(loaded, tmp_path / "refused.parquet", tmp_path / "none.parquet").answered == 0
    assert pd.read_parquet(tmp_path / "none.parquet").empty


def test_settings_say_what_is_odd(loaded, row):
    typed = loaded.schema.of_rows([row | {"distance": 99999}])
    for said in ("ok", "odd", "refused"):
        policy = {**loaded.guard.policy, "columns": {"distance": {"range": said}}}
        assert Guard(loaded.schema, policy, {}, []).judge(typed).of(0) == said


def test_a_lookup_that_is_too_old(loaded, row):
    guard = Guard(
        loaded.schema, loaded.guard.policy, {"weather": {"as_of": "2026-01-01", "days": 30, "stale": "odd"}}, []
    )
    typed = loaded.schema.of_rows([row])
    assert guard.judge(typed, datetime.date(2026, 1, 31)).of(0) == "ok"
    assert guard.judge(typed, datetime.date(2026, 2, 1)).of(0) == "odd"


def test_a_gap_in_whole_numbers_changes_no_other_row_of_its_batch(loaded, row):
    policy = {**loaded.guard.policy, "missing": "odd"}
    tolerant = type(loaded)(**{**vars(loaded), "guard": Guard(loaded.schema, policy, {}, [])})
    rows = [row, row | {"distance": None}, row]
    typed = tolerant.schema.of_rows(rows)
    from regrow_serve.schema import frame

    tables = {tuple(chosen): table["distance"].dtype.name for chosen, table in frame(typed, np.arange(3))}
    assert tables == {(0, 2): "int64", (1,): "float64"}
    assert tolerant.score(typed).rows.tolist() == [0, 1, 2]


def test_a_lookup_comes_back_as_it_was():
    table = pd.DataFrame(
        {
            "whole": [1, -(2**62)],
            "split": [0.1, np.nan],
            "endless": [np.inf, -np.inf],
            "truth": [True, False],
            "text": pd.Series(["ü", None], dtype="str"),
            "date": pd.to_datetime(["2013-01-01T10:00:00.000001", None]).as_unit("us"),
        }
    )
    pd.testing.assert_frame_equal(lookups.read(lookups.write(table, "x")), table)


def test_records_hold_what_json_has(made):
    one = records(made["table"].head(1))[0]
    assert isinstance(one["date"], str)
    assert {type(value) for value in one.values()} <= {str, int, float, bool, type(None)}


@pytest.mark.parametrize("value", [float("inf"), 10**400, -(10**30)])
def test_numbers_beyond_all_are_of_another_type(loaded, row, value):
    for column in ("fuel", "distance"):
        judgement = loaded.guard.judge(loaded.schema.of_rows([row | {column: value}]))
        assert judgement.of(0) == "refused"
