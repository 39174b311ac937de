"""The stage validate: the project's assumptions about its table, each run and recorded, whether it holds or not."""

import logging
from collections.abc import Mapping
from typing import Any

import pandas as pd

from regrow import Context, RegrowError, Use
from regrow.base.errors import Problem
from regrow.plugin.context import column_types
from regrow_data.plain import plain
from regrow_data.settings import ValidateSettings

FIRST_ROWS = 5
COMMON = ("says", "owner", "severity")


def validate(table: pd.DataFrame, settings: ValidateSettings) -> dict[str, Any]:
    """The record `validation`: for every assumption its result, how many rows break it, and the first of them.

    Rows are counted from 0, as in the table. Raises RegrowError with every broken assumption of severity error, and
    with every one that cannot be checked at all, such as for want of its column; a broken `warn` is logged.
    """
    results, unusable = [], []
    context = Context(columns=column_types(table))
    for name, use in settings.data.assumptions.items():
        try:
            results.append(_checked(name, use, table, context))
        except RegrowError as error:
            unusable += [
                Problem(problem.wrong, problem.where or f"data.assumptions.{name}", problem.fix)
                for problem in error.problems
            ]
    failed = [result for result in results if result["result"] == "failed"]
    stops = [_problem(result, len(table)) for result in failed if result["severity"] == "error"]
    if unusable or stops:
        raise RegrowError.of([*unusable, *stops])
    for result in failed:
        logging.getLogger("regrow").warning("%s", _problem(result, len(table)))
    counts = {"passed": len(results) - len(failed), "warned": len(failed)}
    return {"validation": {"rows": len(table), **counts, "assumptions": results}}


def _checked(name: str, use: Use, table: pd.DataFrame, context: Context) -> dict[str, Any]:
    """One assumption's entry in the record."""
    schema = use.make(context)(table)
    used = [column for column in schema.columns if column in table.columns]
    failing = _failing(schema, table[used] if used else table)
    given = use.settings or {}
    if not isinstance(given, Mapping):
        given = given.model_dump(mode="json", exclude_none=True)
    return {
        "name": name,
        "use": use.name,
        "columns": used,
        "parameters": {key: value for key, value in given.items() if key not in COMMON},
        "says": given.get("says", ""),
        "owner": given.get("owner", ""),
        "severity": given.get("severity", "error"),
        "result": "passed" if failing is None else "failed",
        "failing": len(failing or ()),
        "first_rows": [_row(table, row, used) for row in (failing or [])[:FIRST_ROWS]],
    }


def _failing(schema: Any, table: pd.DataFrame) -> list[int] | None:
    """None if the schema holds; else the rows that break it, none if it is the table as a whole that does."""
    from pandera.errors import SchemaErrors

    try:
        schema.validate(table, lazy=True)
    except SchemaErrors as error:
        # pandera makes an exception inside a check a failure like any other; for us it is a check that cannot run.
        if raised := [case for case in error.schema_errors if case.reason_code.name == "CHECK_ERROR"]:
            raise RegrowError(f"the check could not run: {raised[0].failure_cases.failure_case.iloc[0]}") from None
        rows = pd.to_numeric(error.failure_cases["index"], errors="coerce").dropna()
        return sorted({int(row) for row in rows})
    return None


def _row(table: pd.DataFrame, row: int, columns: list[str]) -> dict[str, Any]:
    return {"row": row, "values": {column: plain(table[column].iloc[row]) for column in columns}}


def _problem(result: dict[str, Any], rows: int) -> Problem:
    columns = ", ".join(map(repr, result["columns"]))
    about = f"column{'s' * (len(result['columns']) > 1)} {columns}: " if columns else ""
    details = {key: value for key, value in result["parameters"].items() if key not in ("column", "columns")}
    rule = " ".join([result["use"], *(f"{key}={value!r}" for key, value in details.items())])
    shown = "; ".join(
        f"row {entry['row']}: " + ", ".join(f"{column} = {value!r}" for column, value in entry["values"].items())
        for entry in result["first_rows"]
    )
    count = f"in {result['failing']} of {rows} rows; {shown}" if result["failing"] else f"for the table of {rows} rows"
    return Problem(
        f"{about}{rule} does not hold {count}",
        f"data.assumptions.{result['name']}",
        f"assumed: {result['says']} (owner: {result['owner']})\n"
        "mend the data, or change the assumption; `severity: warn` reports it and goes on",
    )
