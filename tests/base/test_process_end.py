"""A process ends as Python ends it: what could not be written is no success."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")


def ended(code: str, **streams) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", f"from regrow.base import process_end as ending\nimport atexit, sys\n{code}"]
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(command, text=True, check=False, env=buffered, **streams)


@pytest.mark.parametrize(("code", "meant"), [(0, 0), (3, 3)])
def test_what_was_asked_for_at_the_end_is_done(code, meant):
    done = ended(f"print('said'); atexit.register(print, 'last'); ending.end({code})", capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (meant, "said\nlast\n", "")


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize(("code", "meant"), [(0, 1), (3, 3)])
def test_what_could_not_be_written_is_told(code, meant):
    with FULL.open("w") as full:
        done = ended(f"sys.stdout.write('lost'); ending.end({code})", stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == meant
    assert "No space left" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_stream_that_is_not_there_is_no_failure():
    done = ended("sys.stdout = None; ending.end(0)", capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")
