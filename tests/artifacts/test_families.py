"""Every family of estimators behind every step: one model is one file, in any process, and reads back as it was."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.artifacts.families import CASES

# What may differ between two runs of a stage, and between two machines; BLAS apart, whose sums do depend on threads.
PROCESSES = {
    "1": {"PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1", "TZ": "UTC"},
    "2": {"PYTHONHASHSEED": "2", "OMP_NUM_THREADS": "2", "TZ": "Asia/Tokyo"},
}


@pytest.fixture(scope="module")
def digests(tmp_path_factory):
    """By number of workers: case -> digests of file, own predictions, predictions read again, file written again."""
    started = []
    for workers, environment in PROCESSES.items():
        command = [
            sys.executable,
            str(Path(__file__).with_name("families.py")),
            workers,
            str(tmp_path_factory.mktemp("models")),
        ]
        env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_WAIT_POLICY": "passive", **environment}
        started.append(subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True))
    return [json.loads(process.communicate()[0]) for process in started]


@pytest.mark.parametrize("case", CASES)
def test_a_model_is_the_same_file_in_another_process(digests, case):
    one, other = (found[case] for found in digests)
    assert one[0] == other[0]


@pytest.mark.parametrize("case", CASES)
def test_a_model_predicts_and_is_written_the_same_after_reading(digests, case):
    one, other = (found[case] for found in digests)
    file, own, read, again = one
    assert (read, again) == (own, file)
    assert other[2] == read
