"""Hostile bodies: never a 5xx, never a prediction for a row that is refused.

300 of each sort; 10,000 in all with REGROW_FAULTS=long.
"""

import math
import os

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regrow_serve import inference

RUNS = 2_500 if os.environ.get("REGROW_FAULTS") == "long" else 300  # the second sort is two bodies
QUIET = settings(
    max_examples=RUNS,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.text(max_size=30),
    st.sampled_from(["NaN", "2013-02-30", "9999-12-31T23:59:59Z", "0001-01-01", "\x00", "1e400", "JFK", "-0", "٣"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
COLUMNS = ("day", "date", "departure", "origin", "carrier", "distance", "seats", "fuel", "night", "note", "late", "x")
RAW = [
    b"", b"null", b"[]", b"{", b'{"rows"', b'{"rows": [{"fuel": NaN}]}', b'{"rows": [{"fuel": Infinity}]}',
    b'{"rows": [{"fuel": 1e400}]}', b'{"rows": [{"fuel": 1, "fuel": 2}]}', b'{"rows": [{"origin": "\\ud800"}]}',
    b'{"rows": [' + b"[" * 5000 + b"]" * 5000 + b"]}", b"\xff\xfe\x00", b'{"rows": [{}]}', b'{"rows": [{}, 1]}',
    b'{"rows": {}}', b'{"rows": [' + b"9" * 5000 + b"]}", b'{"rows": [{"day": ' + b"9" * 5000 + b"}]}",
]  # fmt: skip


def written(value: object) -> bytes:
    """JSON with what no JSON may hold: NaN, Infinity, lone surrogates, numbers of any length."""
    if isinstance(value, dict):
        return b"{" + b",".join(written(str(name)) + b":" + written(one) for name, one in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(map(written, value)) + b"]"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value).encode()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value).encode()
    try:
        return orjson.dumps(value)
    except TypeError:
        return ('"' + str(value).replace("\\", "").replace('"', "") + '"').encode("utf-8", "surrogatepass")


def sound(client, loaded, path: str, body: bytes) -> None:
    status, said, _ = client.ask(path, body)
    assert status in (200, 400, 413, 422), (status, body[:200])
    if status == 422:
        assert said["errors"]
        assert "answers" not in said
        assert "outputs" not in said
    if status == 200:
        rows = orjson.loads(body)["rows"] if "answers" in said else inference.rows(orjson.loads(body), loaded.schema)[1]
        judgement = loaded.guard.judge(loaded.schema.of_rows(rows))
        assert all(judgement.of(row) != "refused" for row in range(len(rows)))
        outputs = {one["name"]: one["data"] for one in said.get("outputs", ())}
        predictions = outputs.get("prediction") or [one["prediction"] for one in said["answers"]]
        assert len(predictions) == len(rows)
        assert all(one in (0, 1) for one in predictions)


@QUIET
@given(changes=st.lists(st.dictionaries(st.sampled_from(COLUMNS), VALUES, max_size=4), min_size=1, max_size=3))
def test_rows_with_anything_in_them(client, loaded, row, changes):
    sound(client, loaded, "/v1/predict", written({"rows": [{**row, **change} for change in changes]}))


@QUIET
@given(body=VALUES)
def test_bodies_that_are_anything(client, loaded, body):
    sound(client, loaded, "/v1/predict", written(body))
    sound(client, loaded, "/v2/models/model/infer", written({"inputs": body}))


@QUIET
@given(
    inputs=st.lists(
        st.fixed_dictionaries({"name": st.sampled_from(COLUMNS) | VALUES, "shape": VALUES, "data": VALUES}), max_size=3
    )
)
def test_tensors_that_are_anything(client, loaded, inputs):
    sound(client, loaded, "/v2/models/model/infer", written({"inputs": inputs}))


def test_bodies_that_are_no_json(client, loaded):
    for body in RAW:
        sound(client, loaded, "/v1/predict", body)
