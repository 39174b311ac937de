"""The table of what is replaced of DVC: each name is there in the installed version, and nobody replaces another."""

import ast
from functools import reduce
from importlib import import_module
from importlib.metadata import requires
from pathlib import Path

import pytest

from regrow.tools.dvc_patches import PATCHES

SOURCE = Path(__file__).resolve().parents[3] / "src"
FILES = [SOURCE / "_regrow_dvc.py", SOURCE / "regrow/tools/dvc_stages.py"]
FILES += sorted((SOURCE / "regrow/tools/dvc_patches").glob("*.py"))


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.name)
def test_what_is_replaced_is_there(patch):
    module, _, name = patch.name.partition(":")
    assert callable(reduce(getattr, name.split("."), import_module(module)))


def replaced(file: Path) -> set[str]:
    """The last words of the attributes that a function is put in the place of."""
    nodes = ast.walk(ast.parse(file.read_text("utf-8")))
    targets = [target for node in nodes if isinstance(node, ast.Assign) for target in node.targets]
    flat = [one for target in targets for one in (target.elts if isinstance(target, ast.Tuple) else [target])]
    return {one.attr for one in flat if isinstance(one, ast.Attribute) and ast.unparse(one.value) not in OWN}


OWN = {"self", "objects", "running", "spec.loader"}


def test_the_table_has_all_of_them():
    known = {(patch.by, patch.name.rpartition(":")[2].rpartition(".")[2]) for patch in PATCHES}
    known |= {("_regrow_dvc", "run")}  # Stage.run, by both
    found = {(file.stem, name) for file in FILES for name in replaced(file)}
    assert found == known


def test_no_version_of_dvc_comes_in_that_nobody_has_looked_at():
    (need,) = [one for one in requires("regrow") or () if one.startswith("dvc")]
    assert "<" in need
