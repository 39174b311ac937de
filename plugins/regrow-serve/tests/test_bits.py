"""What is served is what was evaluated: every way to score a row gives the bits that the stage `train` recorded; and
mutants of the scorer are seen. More families, ways and rows: test_every_way.py."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from regrow.environment.variables import variables

PROGRAM = Path(__file__).parent / "compare.py"
IN_SHORT = ("linear", "mlp")  # of those that differ without padding


def compared(folder: Path, *arguments: str) -> dict:
    environment = variables(os.environ, portable=True)
    command = [sys.executable, str(PROGRAM), str(folder), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def all_the_same(told: dict) -> None:
    assert told["compared"] == 134
    assert told[".csv rows"] == told[".parquet rows"] == 400
    differ = {name: count for name, count in told.items() if name != "compared" and not name.endswith("rows")}
    assert differ == dict.fromkeys(differ, 0)
    assert len(differ) == 5


@pytest.mark.parametrize("model", IN_SHORT)
def test_every_way_gives_the_recorded_bits(tmp_path, model):
    all_the_same(compared(tmp_path, model, "binary"))


@pytest.mark.parametrize("mutant", ["no padding", "inferred types", "derive skipped"])
def test_a_scorer_that_is_broken_is_seen(tmp_path, mutant):
    assert compared(tmp_path, "mlp" if mutant == "no padding" else "linear", "binary", mutant)["json"] > 0
