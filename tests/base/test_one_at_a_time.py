"""One process at a time: the other hears who holds the lock, and gets it when the holder is dead."""

import subprocess
import sys
import time

import pytest

from regrow.base.errors import Exit, RegrowError
from regrow.base.one_at_a_time import only_one

HOLD = """
import sys, time
from pathlib import Path
from regrow.base.one_at_a_time import only_one
with only_one(Path(sys.argv[1]), "it", ""):
    print("held", flush=True)
    time.sleep(60)
"""


def test_the_holder_is_named_and_its_death_frees_the_lock(tmp_path):
    file = tmp_path / "a/lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(file)], stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    said = rf"(?s)stage x: is going on already: process {holder.pid}.*end it"
    with pytest.raises(RegrowError, match=said) as caught, only_one(file, "stage x", "end it"):
        pass
    assert caught.value.code == Exit.BUSY
    holder.kill()
    holder.wait()
    with only_one(file, "stage x", ""):
        pass
    holder.stdout.close()


def test_one_may_wait_for_it(tmp_path):
    file, began = tmp_path / "lock", time.monotonic()
    with only_one(file, "x", ""), pytest.raises(RegrowError), only_one(file, "x", "", wait=0.2):
        pass
    assert time.monotonic() - began >= 0.2
