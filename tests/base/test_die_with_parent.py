"""A stage dies with the process that started it, also where a shell stands between."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

STAGE = """
import sys, time
from regrow.base.die_with_parent import die_with_parent
die_with_parent()
print("ready", flush=True)
time.sleep(float(sys.argv[2]))
open(sys.argv[1], "w").close()
"""
STARTER = "import subprocess, sys\nsubprocess.run(sys.argv[1:])\n"


@pytest.mark.parametrize("shell", [False, True])
def test_it_writes_nothing_after_its_starter_was_killed(tmp_path, shell):
    late = tmp_path / "late"
    stage = [sys.executable, "-c", STAGE, str(late), "1.5"]
    command = ["/bin/sh", "-c", '"$@"; true', "sh", *stage] if shell else stage  # `; true` keeps the shell there
    starter = subprocess.Popen([sys.executable, "-c", STARTER, *command], stdout=subprocess.PIPE, text=True)
    assert starter.stdout.readline() == "ready\n"
    starter.kill()
    starter.wait()
    time.sleep(2.5)
    assert not late.exists()
    starter.stdout.close()


def test_it_goes_on_while_its_starter_lives(tmp_path):
    late = tmp_path / "late"
    subprocess.run(
        [sys.executable, "-c", STARTER, sys.executable, "-c", STAGE, str(late), "0.2"], check=True, capture_output=True
    )
    assert Path(late).exists()
