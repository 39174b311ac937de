"""Record, file, fresh environment and HTTP give the same bits, for eleven families of models.

2,000 answers in all; 100,000 with REGROW_FAULTS=long.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import flights
import fresh
import numpy as np
import pandas as pd
import pytest

from regrow.environment.variables import variables
from regrow_serve import wheel
from regrow_serve.bundle import exact
from regrow_serve.drill import Server, serving

pytestmark = pytest.mark.slow
LONG = os.environ.get("REGROW_FAULTS") == "long"
ANSWERS = 100_000 if LONG else 2_000
HERE = Path(__file__).parent
SIZES = [1, 1, 1, 2, 5, 17, 40, 300, 1000] if LONG else [1, 2, 5, 17, 40]
PATIENCE = ("--deadline", "300")  # the machine may be busy


@pytest.fixture(scope="module")
def python(tmp_path_factory, made):
    """Of an environment of the bundle's own lock."""
    return fresh.environment(tmp_path_factory.mktemp("fresh"), made["file"])


def run(*command: object) -> None:
    environment = variables(os.environ, portable=True)
    done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def of_file(folder: Path, rows: list[int]) -> list[dict | None]:
    """`regrow predict` on the file that the project was made from."""
    run(sys.executable, "-m", "regrow", "predict", folder / "raw/flights.csv", "--bundle", folder / "model.bundle",
        "-o", folder / "out.parquet")  # fmt: skip
    out = pd.read_parquet(folder / "out.parquet").set_index("row")
    columns = [name for name in out.columns if name.startswith("probability_")]
    found = out[["prediction", *columns]].to_dict("index")
    said = (found.get(row) for row in rows)
    return [one and exact(one["prediction"], [one[name] for name in columns] if columns else None) for one in said]


def over_http(server: Server, rows: list[dict]) -> list[dict | None]:
    """In pieces of any size, each with its columns in an order of its own."""
    draw, answers = np.random.default_rng(1), []
    while len(answers) < len(rows):
        some = rows[len(answers) : len(answers) + int(draw.choice(SIZES))]
        names = list(draw.permutation(list(some[0])))
        body = json.dumps({"rows": [{name: row[name] for name in names} for row in some]})
        status, said = server.ask("POST", "/v1/predict", body.encode())
        assert status == 200, said
        assert {one["source"] for one in said["answers"]} == {"model"}
        shares = [one.get("probabilities") for one in said["answers"]]
        answers += [
            exact(one["prediction"], share and list(share.values()))
            for one, share in zip(said["answers"], shares, strict=True)
        ]
    return answers


@pytest.mark.parametrize(
    ("model", "task"), [*((name, "binary") for name in sorted(flights.MODELS)), ("linear", "regression")]
)
def test_no_answer_differs(tmp_path, python, model, task):
    run(sys.executable, HERE / "recorded.py", tmp_path, model, task, -(-ANSWERS // len(flights.MODELS)))
    wanted = {int(row): one for row, one in json.loads((tmp_path / "wanted.json").read_text("utf-8")).items()}
    rows, expected = sorted(wanted), [wanted[row] for row in sorted(wanted)]
    sent = [json.loads(line) for line in (tmp_path / "rows.jsonl").read_text("utf-8").splitlines()]
    assert len({row["carrier"] for row in sent} - {None, "AA", "UA", "B6"}) == 3  # no training row has these
    assert sum(row["carrier"] is None or row["seats"] is None for row in sent) > 0.1 * len(sent)
    assert differing(of_file(tmp_path, rows), expected) == 0
    assert differing(fresh.scored(python, tmp_path / "model.bundle", tmp_path / "rows.jsonl"), expected) == 0
    with serving(tmp_path / "model.bundle", tmp_path / "served", *PATIENCE) as server:
        server.patience = 300
        assert differing(over_http(server, sent), expected) == 0


def test_a_wheel_needs_no_more_than_its_packages(tmp_path, python, made, row, loaded):
    written = wheel.write(made["file"], "late-flights", "1.0", tmp_path)
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--python", str(python)]
    done = subprocess.run([*uv, str(written)], capture_output=True, text=True, check=False)  # all it asks for is there
    assert done.returncode == 0, done.stderr
    program = f"import late_flights; print(late_flights.load().predict([{row!r}])['probability_1'][0].hex())"
    done = subprocess.run([str(python), "-I", "-c", program], capture_output=True, text=True, check=False,
                          env=fresh.recipe(made["file"]), cwd=tmp_path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    program = f"from regrow_serve import Bundle; print(Bundle.load({str(made['file'])!r}).predict([{row!r}])"
    program += "['probability_1'][0].hex())"
    here = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True,
                          env={**os.environ, **fresh.recipe(made["file"])})  # fmt: skip
    assert done.stdout == here.stdout


def differing(found: list, expected: list) -> int:
    """Answers that are not, to the bit, what was recorded."""
    return sum(one != two for one, two in zip(found, expected, strict=True))
