"""A rule over columns, as settings write it: parsed into a few kinds of nodes, checked, and never given to Python.

The language: column names (`in backticks` when they are not plain words), numbers, "strings", true and false,
< <= > >= == !=, and, or, not, + - * /, parentheses. Standard library only, so that a bad rule is told of when the
settings are composed; `rules` computes.
"""

import ast
import re

LONGEST = 500  # characters; keeps the tree shallow enough to walk
ALLOWED = "column names, numbers, strings, comparisons, and, or, not, + - * / and parentheses"

_QUOTED = re.compile(r"`([^`]*)`|\"[^\"]*\"|'[^']*'")
_NODES = (
    ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.UAdd, ast.BinOp, ast.Add, ast.Sub,
    ast.Mult, ast.Div, ast.Compare, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq, ast.Name,
    ast.Load, ast.Constant,
)  # fmt: skip


def parse(text: str, condition: bool = True) -> tuple[ast.expr, dict[str, str]]:
    """The rule's tree, and the column that each name in it stands for. Raises ValueError saying what is allowed.

    condition: whether it has to be true or false, as a rule is; a feature may be a number.
    """
    if len(text) > LONGEST:
        raise ValueError(f"a rule has at most {LONGEST} characters; split it into several assumptions")
    plain, backticked = _without_backticks(text)
    try:
        tree = ast.parse(plain.strip(), mode="eval")
        nodes = list(ast.walk(tree))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ValueError(f"{text!r} is not an expression; allowed are {ALLOWED}") from None
    for node in nodes:
        _check(node)
    names = {node.id: backticked.get(node.id, node.id) for node in nodes if isinstance(node, ast.Name)}
    columns = {name: column for name, column in names.items() if column not in ("true", "false")}
    if not columns:
        raise ValueError(f"{text!r} names no column")
    if condition and not _is_condition(tree.body) and not isinstance(tree.body, ast.Name):
        raise ValueError(f"{text!r} is a value, not a condition: compare it with something")
    return tree.body, columns


def _check(node: ast.AST) -> None:
    if not isinstance(node, _NODES):
        hint = " (write == to compare)" if isinstance(node, ast.NamedExpr) else ""
        raise ValueError(f"{type(node).__name__} is not allowed in a rule{hint}; allowed are {ALLOWED}")
    if isinstance(node, ast.Constant) and not isinstance(node.value, int | float | str):
        raise ValueError(f"{node.value!r} is not allowed in a rule; allowed are {ALLOWED}")


def _is_condition(node: ast.AST) -> bool:
    return isinstance(node, ast.Compare | ast.BoolOp) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )


def _without_backticks(text: str) -> tuple[str, dict[str, str]]:
    """Backticked column names replaced by plain words that no column of the rule has; strings are left alone."""
    names: dict[str, str] = {}

    def word(match: re.Match[str]) -> str:
        if match.group(1) is None:
            return match.group(0)
        made = f"_column_{len(names)}_"
        while made in text:
            made += "_"
        names[made] = match.group(1)
        return f" {made} "

    return _QUOTED.sub(word, text), names
