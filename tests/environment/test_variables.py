"""The environment a stage runs in: whatever the user's is, and set before Python starts."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest
from tests.shared import C_LOCALE

from regrow.base.errors import RegrowError
from regrow.environment import variables
from regrow.fingerprint import read
from regrow.stage import start

LOUD = {
    "OMP_NUM_THREADS": "7",
    "PYTHONHASHSEED": "77",
    "TZ": "Asia/Tokyo",
    "LC_ALL": C_LOCALE,
    "LANG": "de_DE",
    "PYTHONPATH": "/odd",
    "SECRET": "x",
    "PYTHONSTARTUP": "/x",
}
ASK = """
import json, os, time

def answer():
    return json.dumps({"env": dict(os.environ), "hash": hash("a"), "tz": time.tzname[0]})
"""


def test_only_what_is_listed_gets_through():
    wanted = variables.variables({**os.environ, **LOUD}, portable=True)
    assert wanted.keys() <= {*variables.FIXED, *variables.PORTABLE, *variables.PASSED}
    assert wanted["PATH"] == os.environ["PATH"]
    assert wanted["TZ"] == "UTC"
    assert variables.variables(LOUD, portable=False).keys() & variables.PORTABLE.keys() == set()


def test_a_stages_function_sees_that_environment_and_a_fixed_hash_seed(small):
    small.write(small.code("ask"), ASK)
    small.edit(
        small.code("work"), "import pandas as pd", f"import pandas as pd\nfrom {small.package}.ask import answer"
    )
    small.edit(small.code("work"), '"s": random_state', '"told": answer(), "s": random_state')
    small.compile()
    seen = []
    for environment in ({"PATH": os.environ["PATH"]}, {**os.environ, **LOUD}):
        command = [sys.executable, "-m", "regrow", "stage", "make"]
        subprocess.run(command, cwd=small.root, env=environment, check=True)
        seen.append(json.loads(pd.read_parquet(small.root / "data/table.parquet")["told"][0]))
    for one in seen:
        assert {key: one["env"].get(key) for key in variables.FIXED} == variables.FIXED
        assert not one["env"].keys() & {"SECRET", "PYTHONSTARTUP", "LANG", start.STARTED}
    assert seen[0]["hash"] == seen[1]["hash"]
    assert seen[0]["tz"] == seen[1]["tz"] == "UTC"


def test_the_full_cpu_is_another_fingerprint_and_the_record_says_so(small):
    small.compile()
    before = small.read("fingerprints/make.lock")
    assert read.is_portable(small.root / "fingerprints/make.lock")
    small.edit("conf/config.yaml", "n_jobs: 1", "n_jobs: 1\n  portable: false")
    small.compile()
    assert small.read("fingerprints/make.lock") != before
    assert not read.is_portable(small.root / "fingerprints/make.lock")
    assert variables.machine(False)["holds"] == "on this CPU family only"
    assert variables.machine(True).keys() == {"architecture", "kernels"}


@pytest.mark.parametrize("wrong", ["portable: 1", "portable: maybe", "io: loud"])
def test_wrong_values_of_compute_are_told_with_the_choices(small, wrong):
    small.edit("conf/config.yaml", "n_jobs: 1", f"n_jobs: 1\n  {wrong}")
    with pytest.raises(RegrowError, match=r"compute\.(portable|io): must be"):
        small.compile()
