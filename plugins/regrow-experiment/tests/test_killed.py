"""A search that is killed at any moment goes on where it was, and ends with the bytes of one that was not disturbed."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

KILLS = 10 if os.environ.get("REGROW_LONG") else 3
SCRIPT = """
import hashlib, json, sys
from pathlib import Path
import pandas as pd
sys.path.insert(0, {tests!r})
from conftest import REGISTRY, STEPS
from regrow.artifacts import ledger, model
from regrow.plugin.context import Before
from regrow_evaluation.plugin import regrow_components
from regrow_experiment.settings import Train
from regrow_experiment.stage import train

folder, scratch, workers = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
scratch.mkdir(parents=True, exist_ok=True)
registry = REGISTRY | {{(one.kind, one.name): one for one in regrow_components()}}
search = {{"use": {use!r}, "noise": 2, "folds": 3, "curves": [0.5, 1.0], "budget": {{"trials": 8}}}}
values = {{"model": {{"use": "linear"}}, "search": search, "seed": 1, "features": {{"steps": STEPS}},
          "data": {{"task": "binary", "target": {{"column": "y"}}}}}}
settings = Train.model_validate(values, context={{"components": registry}})
table, split = pd.read_parquet(folder / "table.parquet"), pd.read_parquet(folder / "split.parquet")
print("begins", flush=True)
made = train(table, split, table, settings, {{"n_jobs": workers}}, Before(scratch=scratch))
ledger.write(made["trials"], scratch / "ledger.parquet")
model.write(made["model"], scratch / "model.skops")
digests = [hashlib.sha256((scratch / name).read_bytes()).hexdigest() for name in ("ledger.parquet", "model.skops")]
said = [made["search_section"], made["search_findings"], made["decided"]]
print(json.dumps([*digests, hashlib.sha256(json.dumps(said).encode()).hexdigest()]), flush=True)
"""


@pytest.mark.parametrize("use", ["random", "halving"])
def test_killed_at_random_moments(features, holdout, tmp_path, use):
    features.to_parquet(tmp_path / "table.parquet")
    holdout.to_parquet(tmp_path / "split.parquet")
    script = tmp_path / "run.py"
    script.write_text(SCRIPT.format(tests=str(Path(__file__).parent), use=use))

    def start(name, workers):
        command = [sys.executable, str(script), str(tmp_path), str(tmp_path / name / "unfinished"), str(workers)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    whole = start("whole", 1)
    whole.stdout.readline()
    began = time.monotonic()
    expected = json.loads(whole.communicate()[0].splitlines()[-1])
    took = time.monotonic() - began
    draws = random.Random(use)
    journal = tmp_path / "killed/unfinished/model/trials.jsonl"
    left = []
    for _ in range(KILLS):
        one = start("killed", 2)
        assert one.stdout.readline() == "begins\n"
        time.sleep(took * draws.uniform(0.05, 0.4))
        one.send_signal(signal.SIGKILL)
        one.communicate()
        left.append(len(journal.read_text().splitlines()) if journal.exists() else 0)
    assert left == sorted(left)  # nothing that was done is done again
    last = start("killed", 2)
    assert json.loads(last.communicate()[0].splitlines()[-1]) == expected
    assert hashlib.sha256((tmp_path / "killed/unfinished/ledger.parquet").read_bytes()).hexdigest() == expected[0]


def test_ctrl_c_ends_with_what_there_is(features, holdout, tmp_path):
    features.to_parquet(tmp_path / "table.parquet")
    holdout.to_parquet(tmp_path / "split.parquet")
    script = tmp_path / "run.py"
    text = SCRIPT.format(tests=str(Path(__file__).parent), use="random")
    script.write_text(text.replace('"trials": 8', '"trials": 500'))
    command = [sys.executable, str(script), str(tmp_path), str(tmp_path / "s/unfinished"), "1"]
    one = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    one.stdout.readline()
    journal, stops = tmp_path / "s/unfinished/model/trials.jsonl", tmp_path / "s/stops"
    while not journal.exists() or len(journal.read_text().splitlines()) < 4:
        assert one.poll() is None
        time.sleep(0.1)
    assert stops.read_text() == f"{one.pid}\n"
    one.send_signal(signal.SIGINT)
    out, _ = one.communicate()
    assert one.returncode == 0
    assert len(json.loads(out.splitlines()[-1])) == 3
    assert not stops.exists()
    assert len(journal.read_text().splitlines()) < 400
