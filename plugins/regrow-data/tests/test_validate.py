"""Assumptions: what holds, what breaks, and what a person is told."""

import json
import logging

import numpy as np
import pandas as pd
import pytest
from data_stage_settings import validate_settings
from pydantic import ValidationError

from regrow import RegrowError
from regrow_data.expression import parse
from regrow_data.rules import verdict
from regrow_data.validate import validate

TABLE = pd.DataFrame(
    {
        "n": [1, 2, 3, 4, 5, 6],
        "f": [0.5, None, 2.5, -1.0, 100.0, 3.0],
        "c": ["a", "b", "a", None, "z", "a"],
        "d": pd.to_datetime(["2013-01-01", None, "2013-06-01", "2014-01-01", "2012-01-01", "2013-12-31"]).as_unit("us"),
        "b": [True, False, True, True, False, True],
        "two words": [1, 1, 2, 2, 3, 3],
        "id": ["01", "02", "03", "03", "05", "03"],
    }
)


def failing(**check: object) -> list[int]:
    """The first rows that break one assumption."""
    got = validate(TABLE, validate_settings(one={"severity": "warn", **check}))["validation"]["assumptions"][0]
    assert (got["result"] == "passed") == (got["failing"] == 0 and not got["first_rows"]) or check["use"] == "rows"
    return [entry["row"] for entry in got["first_rows"]]


@pytest.mark.parametrize(
    ("check", "rows"),
    [
        ({"use": "range", "column": "f", "min": 0, "max": 10}, [3, 4]),
        ({"use": "range", "column": "f", "max": 10}, [4]),
        ({"use": "range", "column": "n", "min": 1, "max": 6}, []),
        ({"use": "range", "column": "d", "min": "2013-01-01", "max": "2013-12-31"}, [3, 4]),
        ({"use": "unique", "columns": ["n"]}, []),
        ({"use": "unique", "columns": ["id"]}, [2, 3, 5]),
        ({"use": "unique", "columns": ["id", "two words"]}, [2, 3]),
        ({"use": "missing", "column": "f"}, [1]),
        ({"use": "missing", "column": "f", "max_share": 0.2}, []),
        ({"use": "missing", "column": "c", "max_share": 0.1}, [3]),
        ({"use": "allowed", "column": "c", "values": ["a", "b"]}, [4]),
        ({"use": "allowed", "column": "n", "values": [1, 2, 3, 4]}, [4, 5]),
        ({"use": "allowed", "column": "d", "values": ["2013-01-01", "2013-06-01", "2014-01-01", "2012-01-01"]}, [5]),
        ({"use": "type", "column": "n", "type": "integer"}, []),
        ({"use": "type", "column": "f", "type": "integer"}, [0, 2]),
        ({"use": "type", "column": "f", "type": "number"}, []),
        ({"use": "type", "column": "c", "type": "text"}, []),
        ({"use": "type", "column": "c", "type": "number"}, [0, 1, 2, 4, 5]),
        ({"use": "type", "column": "id", "type": "integer"}, [0, 1, 2, 3, 4]),
        ({"use": "type", "column": "b", "type": "boolean"}, []),
        ({"use": "type", "column": "d", "type": "date"}, []),
        ({"use": "type", "column": "n", "type": "date"}, [0, 1, 2, 3, 4]),
        ({"use": "rule", "rule": "f > 0 or n == 4"}, []),
        ({"use": "rule", "rule": "f > 0"}, [3]),
        ({"use": "rows", "min": 6}, []),
    ],
)
def test_each_check_names_the_rows_that_break_it(check, rows):
    assert failing(**check) == rows


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        ("n > 0 and f < 50", [4]),
        ("not (n > 4)", [4, 5]),
        ("n * 2 - 1 <= f / 0.1", [3]),
        ("c == 'a' or c == 'b'", [4]),
        ('c != "z"', [4]),
        ("b or n == 2", [4]),
        ("b == true or n < 3", [4]),
        ("`two words` < n or n == 1 or n == 2", []),
        ("0 < n <= 5", [5]),
        ("-n < -1", [0]),
        ("d >= '2013-01-01'", [4]),
        ("n / 0 > 1", []),
        ("f > 0 and n < 2", [2, 3, 4, 5, 1]),
        ("c == '`'", [0, 1, 2, 4, 5]),
    ],
)
def test_rules(rule, rows):
    tree, columns = parse(rule)
    assert sorted(rows) == np.flatnonzero(~verdict(tree, columns, TABLE)).tolist()


@pytest.mark.parametrize(
    "rule",
    [
        "__import__('os').system('true')", "n.__class__ == 1", "n[0] == 1", "(lambda: 1)() == n", "[x for x in n] == 1",
        "n ** 9 > 1", "n if n else n", "n := 1", "n == f'{n}'", "n == b'x'", "n == None", "n == 1j",
        "n is 1", "n in (1, 2)",
        "n & 1 == 1",
        "n // 2 == 1", "n @ n == 1", "1 == 1", "n + 1", "n = 1", "", "n == 1; n", "*n == 1", "n == ...",
        "(" * 300 + "n" + ")" * 300 + " == 1", "n == " + "1" * 600, "-" * 480 + "n < 1 and (", "\x00n == 1", "`n == 1",
    ],
)  # fmt: skip
def test_rules_are_no_python(rule):
    with pytest.raises(ValidationError, match=r"rule|expression|column|value"):
        validate_settings(one={"use": "rule", "rule": rule})


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("c > 1", "number and text cannot be compared"),
        ("c + 1 > 1", "'c' is text, and only numbers"),
        ("n and f > 0", "neither true nor false"),
        ("d > 'yesterday'", "cannot be computed"),
        ("m > 1", "no column 'm'"),
        ("n == 1 / 0", "cannot be computed"),
    ],
)
def test_rules_that_cannot_be_computed_say_so(rule, message):
    with pytest.raises(RegrowError, match=message) as caught:
        validate(TABLE, validate_settings(one={"use": "rule", "rule": rule}))
    assert caught.value.problems[0].where == "data.assumptions.one"


def test_deep_rules_within_the_limit_do_not_crash():
    for rule in ("not " * 120 + "n > 1", "-" * 490 + "n<1", "+".join(["n"] * 240) + ">1"):
        tree, columns = parse(rule)
        assert len(verdict(tree, columns, TABLE)) == 6


def test_failed_errors_are_told_all_at_once_with_column_rule_count_and_rows():
    settings = validate_settings(
        low={"use": "range", "column": "f", "min": 0, "says": "nothing is negative", "owner": "ops"},
        known={"use": "allowed", "column": "c", "values": ["a", "b"]},
        gone={"use": "missing", "column": "cc"},
        big={"use": "rows", "min": 100},
        fine={"use": "unique", "columns": ["n"]},
    )
    with pytest.raises(RegrowError) as caught:
        validate(TABLE, settings)
    said = str(caught.value)
    assert "data.assumptions.low: column 'f': range min=0 does not hold in 1 of 6 rows; row 3: f = -1.0" in said
    assert "assumed: nothing is negative (owner: ops)" in said
    assert "data.assumptions.known: column 'c': allowed values=['a', 'b'] does not hold in 1 of 6 rows" in said
    assert "data.assumptions.gone: the table has no column 'cc'\n    did you mean 'c'?" in said
    assert "data.assumptions.big: rows min=100 does not hold for the table of 6 rows" in said
    assert "fine" not in said
    assert len(caught.value.problems) == 4


def test_warnings_are_recorded_and_logged_and_nothing_is_printed(caplog, capsys):
    settings = validate_settings(
        low={"use": "range", "column": "f", "min": 0, "severity": "warn"},
        size={"use": "rows", "min": 100, "severity": "warn"},
        fine={"use": "type", "column": "n", "type": "integer"},
    )
    with caplog.at_level(logging.WARNING, "regrow"):
        record = validate(TABLE, settings)["validation"]
    assert [entry["result"] for entry in record["assumptions"]] == ["failed", "failed", "passed"]
    assert (record["passed"], record["warned"], record["rows"]) == (1, 2, 6)
    assert record["assumptions"][0]["first_rows"] == [{"row": 3, "values": {"f": -1.0}}]
    assert len(caplog.records) == 2
    assert capsys.readouterr().out == ""
    json.dumps(record, allow_nan=False)
    assert record == validate(TABLE, settings)["validation"]


def test_no_assumptions_is_no_problem():
    assert validate(TABLE, validate_settings())["validation"]["assumptions"] == []


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ({"use": "range", "column": "c", "min": 0}, "a range needs numbers or dates"),
        ({"use": "range", "column": "n", "min": "2013-01-01"}, "does not go with column 'n'"),
        ({"use": "range", "column": "d", "min": 3}, "does not go with column 'd'"),
        ({"use": "range", "column": "d", "min": "soon"}, "no ISO 8601 date"),
    ],
)
def test_checks_that_do_not_suit_their_column_say_so(check, message):
    with pytest.raises(RegrowError, match=message):
        validate(TABLE, validate_settings(one=check))


@pytest.mark.parametrize(
    ("check", "message"),
    [
        ({"use": "range", "column": "n"}, "needs min, max or both"),
        ({"use": "range", "column": "n", "min": 2, "max": 1}, "greater than max"),
        ({"use": "range", "column": "n", "min": 2, "max": "2013-01-01"}, "both be numbers or both be dates"),
        ({"use": "missing", "column": "n", "max_share": 1.5}, "less than or equal to 1"),
        ({"use": "unique", "columns": []}, "at least 1 item"),
        ({"use": "allowed", "column": "n", "values": []}, "at least 1 item"),
        ({"use": "rows", "min": 1, "severity": "fatal"}, "'error' or 'warn'"),
        ({"use": "rows", "min": 1, "says": " "}, "must not be empty"),
        ({"use": "rows", "min": 1, "owner": None, "severity": None}, "also needs owner, severity"),
        ({"use": "rows", "min": 9, "max": 3}, "greater than max"),
        ({"use": "rowz"}, "did you mean 'rows'"),
    ],
)
def test_wrong_assumptions_are_refused_when_composed(check, message):
    with pytest.raises(ValidationError, match=message):
        validate_settings(one=check)


def test_hundreds_of_thousands_of_failures_take_no_minute():
    table = pd.DataFrame({"n": np.zeros(300_000, dtype="int64"), "m": np.zeros(300_000)})
    settings = validate_settings(
        a={"use": "rule", "rule": "n > m", "severity": "warn"},
        b={"use": "unique", "columns": ["n", "m"], "severity": "warn"},
        c={"use": "range", "column": "n", "min": 1, "severity": "warn"},
    )
    record = validate(table, settings)["validation"]
    assert [entry["failing"] for entry in record["assumptions"]] == [300_000] * 3
