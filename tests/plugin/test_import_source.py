"""The project's own code is what its source says, whatever bytecode lies beside it."""

import os
import subprocess
import sys

PROGRAM = """
import sys
from pathlib import Path
from regrow.plugin.import_source import use_own_code
from regrow.plugin.project import Project
use_own_code(Project(Path(sys.argv[1])))
import mine.helper
print(mine.helper.VALUE)
"""


def value(root, *, plain: bool = False) -> str:
    program = "import sys; sys.path.insert(0, sys.argv[1] + '/src'); import mine.helper; print(mine.helper.VALUE)"
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", program if plain else PROGRAM, str(root)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_an_edit_of_the_same_size_and_time_is_seen(tmp_path):
    package = tmp_path / "src" / "mine"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    helper = package / "helper.py"
    helper.write_text("VALUE = 1\n")
    os.utime(helper, (1_000_000_000, 1_000_000_000))
    assert value(tmp_path, plain=True) == "1"
    helper.write_text("VALUE = 2\n")
    os.utime(helper, (1_000_000_000, 1_000_000_000))
    assert value(tmp_path, plain=True) == "1", "what Python itself does: the bytecode is stale"
    assert value(tmp_path) == "2"
    assert value(tmp_path, plain=True) == "1", "and no bytecode was written"
