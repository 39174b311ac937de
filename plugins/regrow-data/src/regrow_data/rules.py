"""What a parsed rule says of each row: true, false, or unknown where a value it needs is missing (as in SQL)."""

import ast
import operator
from collections.abc import Callable
from typing import Any

import pandas as pd
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

from regrow import RegrowError

_COMPARE: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


def verdict(tree: ast.expr, columns: dict[str, str], table: pd.DataFrame) -> pd.Series:
    """One boolean per row: False where the rule is broken; True where it holds or cannot be judged.

    tree, columns: from `expression.parse`; every column is in the table. Raises RegrowError on a comparison of what
    cannot be compared, for example text with a number.
    """
    try:
        result = _condition(tree, columns, table)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise RegrowError(f"the rule {ast.unparse(tree)!r} cannot be computed: {error}") from None
    return result.astype(object).where(result.notna(), True).astype(bool)


def value(tree: ast.expr, columns: dict[str, str], table: pd.DataFrame) -> pd.Series:
    """What an expression gives for each row as float64: a number, or 1 and 0 for true and false; NaN where a value that
    it needs is missing, or it divides by zero. As `verdict` otherwise.
    """
    try:
        result = _value(tree, columns, table)
        if _kind(result) not in ("number", "boolean"):
            raise TypeError(f"it is {_kind(result)}, neither a number nor true or false")
        made = _series(result, table)
        if isinstance(made.dtype, pd.BooleanDtype):
            made = pd.Series(made.to_numpy(dtype="float64", na_value=float("nan")), index=table.index)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise RegrowError(f"the expression {ast.unparse(tree)!r} cannot be computed: {error}") from None
    made = made.astype("float64")
    return made.mask(made.abs() == float("inf"))


def _condition(node: ast.expr, columns: dict[str, str], table: pd.DataFrame) -> pd.Series:
    """A series of pandas' three-valued `boolean`, whose `&` and `|` know what unknown means."""
    if isinstance(node, ast.BoolOp):
        parts = [_condition(part, columns, table) for part in node.values]
        join = operator.and_ if isinstance(node.op, ast.And) else operator.or_
        result = parts[0]
        for part in parts[1:]:
            result = join(result, part)
        return result
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return ~_condition(node.operand, columns, table)
    if isinstance(node, ast.Compare):
        return _comparison(node, columns, table)
    value = _value(node, columns, table)
    if not _truth(value):
        raise TypeError(f"{ast.unparse(node)!r} is neither true nor false; compare it with something")
    return _unknown_where_missing(_series(value, table), value)


def _comparison(node: ast.Compare, columns: dict[str, str], table: pd.DataFrame) -> pd.Series:
    """`a < b < c` means a < b and b < c."""
    result = pd.Series(True, index=table.index, dtype="boolean")
    sides = [_value(side, columns, table) for side in (node.left, *node.comparators)]
    for left, sign, right in zip(sides, node.ops, sides[1:], strict=False):
        left, right = _comparable(left, right)
        result &= _unknown_where_missing(_series(_COMPARE[type(sign)](left, right), table), left, right)
    return result


def _value(node: ast.expr, columns: dict[str, str], table: pd.DataFrame) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return table[columns[node.id]] if node.id in columns else node.id == "true"
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        number = _number(_value(node.operand, columns, table), node.operand)
        return -number if isinstance(node.op, ast.USub) else number
    if isinstance(node, ast.BinOp):
        left = _number(_value(node.left, columns, table), node.left)
        right = _number(_value(node.right, columns, table), node.right)
        return _ARITHMETIC[type(node.op)](left, right)
    return _condition(node, columns, table)


def _number(value: Any, node: ast.expr) -> Any:
    """Floats throughout: integers of a column would wrap around without a word."""
    if _kind(value) != "number":
        raise TypeError(f"{ast.unparse(node)!r} is {_kind(value)}, and only numbers can be calculated with")
    return value.astype("float64") if isinstance(value, pd.Series) else float(value)


def _comparable(left: Any, right: Any) -> tuple[Any, Any]:
    """Both sides of one kind; a string beside a date column is read as a date."""
    kinds = {_kind(left), _kind(right)}
    if kinds == {"date", "text"}:
        left, right = (pd.Timestamp(side) if isinstance(side, str) else side for side in (left, right))
        kinds = {_kind(left), _kind(right)}
    if len(kinds) > 1 and kinds != {"number", "boolean"}:
        raise TypeError(f"{' and '.join(sorted(kinds))} cannot be compared")
    return left, right


def _kind(value: Any) -> str:
    if isinstance(value, pd.Series):
        if is_bool_dtype(value):
            return "boolean"
        return "number" if is_numeric_dtype(value) else "date" if is_datetime64_any_dtype(value) else "text"
    if isinstance(value, pd.Timestamp):
        return "date"
    return "boolean" if isinstance(value, bool) else "text" if isinstance(value, str) else "number"


def _truth(value: Any) -> bool:
    """Booleans, and the 1.0/0.0 that stand for them in a column with missing values."""
    return _kind(value) == "boolean" or (isinstance(value, pd.Series) and bool(value.dropna().isin([0, 1]).all()))


def _series(value: Any, table: pd.DataFrame) -> pd.Series:
    return value if isinstance(value, pd.Series) else pd.Series(value, index=table.index)


def _unknown_where_missing(result: pd.Series, *sides: Any) -> pd.Series:
    known = pd.Series(True, index=result.index)
    for side in sides:
        if isinstance(side, pd.Series):
            known &= side.notna()
    return result.where(known, 0).astype("bool").astype("boolean").where(known)
