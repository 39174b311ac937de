"""One setting of `evaluation` written into the file of conf/ that holds the others; comments stay."""

import re
from typing import Any

from regrow import RegrowError
from regrow.base.atomic import write_text
from regrow.base.yaml_files import read_yaml
from regrow.plugin.project import Project

BESIDE = "evaluation.metrics"  # every project sets it: its file is the one


def write(project: Project, key: str, value: str) -> str:
    """Set `evaluation.KEY` to a value, in YAML; returns the file. key: such as "champion" or "intervals.looks".

    Raises RegrowError, with the line to write, where no file is found or the file can't be edited so.
    """
    from regrow.tools import hydra

    fix = f"write it yourself, below evaluation: {key}: {value}"
    found = hydra.where_set(project.root, BESIDE)
    if found is None:
        raise RegrowError("no file of conf/ sets evaluation.metrics", where=f"evaluation.{key}", fix=fix)
    name, _, metrics = found
    file = project.path(name)
    text = file.read_text(encoding="utf-8")
    before = read_yaml(text, name) or {}
    if before.get("metrics") != metrics:
        raise RegrowError("does not hold the settings of evaluation alone", where=name, fix=fix)
    after = with_key(text, key.split("."), value)
    if read_yaml(after, name) != _set(before, key.split("."), read_yaml(value, key)):
        raise RegrowError("is not of a form in which one line can be changed", where=name, fix=fix)
    write_text(file, after)
    return str(name)


def with_key(text: str, path: list[str], value: str) -> str:
    """YAML in block form with one key set; a comment behind it stays."""
    lines = text.splitlines()
    start, end, indent = 0, len(lines), ""
    for depth, key in enumerate(path):
        place = next((n for n in range(start, end) if re.match(rf"{indent}{re.escape(key)}:(\s|$)", lines[n])), None)
        last = depth == len(path) - 1
        if place is None:
            made = [f"{indent}{'  ' * n}{one}:" for n, one in enumerate(path[depth:])]
            lines[end:end] = [*made[:-1], f"{made[-1]} {value}"]
            break
        if last:
            comment = re.search(r"\s+#.*$", lines[place])
            lines[place] = f"{indent}{key}: {value}{comment[0] if comment else ''}"
            break
        start = place + 1
        inner = indent + "  "
        end = next((n for n in range(start, end) if lines[n].strip() and not lines[n].startswith(inner)), end)
        indent = inner
    return "\n".join(lines) + "\n"


def _set(values: Any, path: list[str], value: Any) -> Any:
    first, *rest = path
    inner = values.get(first) if isinstance(values, dict) else None
    return {**(values or {}), first: _set(inner, rest, value) if rest else value}
