"""What `import regrow` brings: each name that is told to type checkers, and none of it before it is asked for."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import regrow

TREE = ast.parse(Path(regrow.__file__).read_text(encoding="utf-8"))
HINTS = {
    name.name: str(node.module)
    for block in TREE.body
    if isinstance(block, ast.If)
    for node in block.body
    if isinstance(node, ast.ImportFrom)
    for name in node.names
}


@pytest.mark.parametrize("name", regrow.__all__)
def test_a_name_is_what_type_checkers_and_fingerprints_are_told(name):
    assert getattr(regrow, name) is getattr(importlib.import_module(HINTS[name]), name)


def test_there_is_no_other():
    assert sorted(HINTS) == sorted(regrow.__all__)
    assert not hasattr(regrow, "no_such_name")


def test_nothing_of_it_is_imported_before():
    script = "import sys, regrow.run.nothing_to_do; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    needed = ["regrow", "regrow.base", "regrow.base.file_stamp", "regrow.base.version", "regrow.layout", "regrow.run"]
    ours = [name for name in done.stdout.split() if name.partition(".")[0] == "regrow"]
    assert ours == [
        *needed, "regrow.run.nothing_to_do", "regrow.tools", "regrow.tools.git_variables"
    ]  # fmt: skip
