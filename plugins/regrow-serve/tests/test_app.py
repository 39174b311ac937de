"""What a client sees."""

import asyncio
import json
import time

import pytest
from prometheus_client.parser import text_string_to_metric_families

from regrow_serve.app import Limits
from regrow_serve.bundle import Bundle


def test_an_answer_says_whose_it_is(client, loaded, row):
    status, said, headers = client.ask("/v1/predict", {"rows": [row, row]})
    assert status == 200
    assert said["bundle"] == headers["x-bundle"] == loaded.digest
    assert [one["source"] for one in said["answers"]] == ["model", "model"]
    assert said["answers"][0]["guard"] == "ok"
    assert sum(said["answers"][0]["probabilities"].values()) == pytest.approx(1)


def test_an_odd_row_is_answered_and_flagged(client, row):
    status, said, _ = client.ask("/v1/predict", {"rows": [row | {"distance": 99999, "origin": "BOS", "zone": 1}]})
    one = said["answers"][0]
    assert (status, one["guard"], one["source"]) == (200, "odd", "model")
    assert {remark["column"] for remark in one["remarks"]} == {"distance", "origin", "zone"}


@pytest.mark.parametrize(
    ("change", "column", "allowed"),
    [
        ({"distance": None}, "distance", "a whole number"),
        ({"distance": "500"}, "distance", "a whole number"),
        ({"distance": 1.5}, "distance", "a whole number"),
        ({"distance": True}, "distance", "a whole number"),
        ({"night": 1}, "night", "true or false"),
        ({"origin": 5}, "origin", "text"),
        ({"date": "yesterday"}, "date", "a date such as"),
        ({"fuel": 1e9}, "fuel", " to "),
        ({"departure": 1299}, "departure", ""),
        ({"distance": -5}, "distance", ""),
    ],
)
def test_a_refused_row_is_told_by_column_and_value(client, row, change, column, allowed):
    status, said, _ = client.ask("/v1/predict", {"rows": [row, row | change]})
    assert status == 422
    assert "answers" not in said
    one = said["errors"][0]
    assert one["row"] == 1
    assert one["column"].endswith(column)
    assert allowed in one.get("allowed", "")


def test_one_that_breaks_a_step_leaves_the_others_of_its_batch_alone(client, row):
    async def both():
        bodies = [{"rows": [row | {"departure": minutes}]} for minutes in (1299, 1200, 1230, 1245)]
        return await asyncio.gather(*(client.asked("/v1/predict", body) for body in bodies))

    assert [status for status, _, _ in client.loop.run_until_complete(both())] == [422, 200, 200, 200]


def test_what_waits_is_one_batch(client, row, monkeypatch):
    sizes = []
    score = Bundle.score

    def counted(self, typed):
        sizes.append(typed.rows)
        time.sleep(0.05)
        return score(self, typed)

    monkeypatch.setattr(Bundle, "score", counted)

    async def many():
        return await asyncio.gather(*(client.asked("/v1/predict", {"rows": [row]}) for _ in range(20)))

    assert all(status == 200 for status, _, _ in client.loop.run_until_complete(many()))
    assert sum(sizes) == 20
    assert len(sizes) <= 3


def test_limits(client_of, row):
    client = client_of(Limits(body=3000, rows=3, queue=4))
    assert client.ask("/v1/predict", b" " * 3001)[0] == 413
    assert client.ask("/v1/predict", {"rows": [row] * 4})[0] == 413

    async def many():
        return await asyncio.gather(*(client.asked("/v1/predict", {"rows": [row] * 3}) for _ in range(6)))

    answers = client.loop.run_until_complete(many())
    full = [headers for status, _, headers in answers if status == 429]
    assert full
    assert all(headers["retry-after"] for headers in full)
    assert {status for status, _, _ in answers} == {200, 429}


def test_the_fallback_answers_when_the_deadline_passes(client_of, row, monkeypatch):
    monkeypatch.setattr(Bundle, "score", lambda self, typed: time.sleep(0.5))
    client = client_of(Limits(deadline=0.05))
    status, said, _ = client.ask("/v1/predict", {"rows": [row | {"origin": "JFK"}, row | {"origin": "LGA"}]})
    assert status == 200
    assert [one["source"] for one in said["answers"]] == ["fallback", "fallback"]
    assert [one["prediction"] for one in said["answers"]] == [1, 0]  # by the rule; the training rows' usual
    assert "within 0.05 s" in said["answers"][0]["why"]


def test_the_fallback_answers_when_the_model_fails(client_of, row, monkeypatch):
    client = client_of()
    monkeypatch.setattr("regrow_serve.bundle.score", lambda *_: 1 / 0)
    status, said, _ = client.ask("/v1/predict", {"rows": [row]})
    assert (status, said["answers"][0]["source"]) == (200, "fallback")


def test_a_model_that_fails_its_examples_does_not_answer(client_of, row, loaded):
    lines = [json.loads(line) for line in loaded.members["examples.jsonl"].splitlines()]
    lines[0]["answer"]["probabilities"][0] = (0.123).hex()
    examples = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    broken = Bundle(**{**vars(loaded), "members": {**loaded.members, "examples.jsonl": examples}})
    client = client_of(bundle=broken)
    assert client.ask("/readyz")[0] == 503
    assert client.ask("/v1/predict", {"rows": [row]})[1]["answers"][0]["source"] == "fallback"


def test_the_switch(client_of, row, tmp_path):
    switch = tmp_path / "off.json"
    client = client_of(switch=switch)
    assert client.ask("/v1/predict", {"rows": [row]})[1]["answers"][0]["source"] == "model"
    switch.write_text('{"reason": "wrong since Monday"}')
    one = client.ask("/v1/predict", {"rows": [row]})[1]["answers"][0]
    assert one["source"] == "fallback"
    assert "wrong since Monday" in one["why"]
    assert client.ask("/v1/predict", {"rows": [row | {"fuel": "x"}]})[0] == 422
    switch.unlink()
    assert client.ask("/v1/predict", {"rows": [row]})[1]["answers"][0]["source"] == "model"


def test_a_token(client_of, row):
    client = client_of(token="s3cret")
    body = {"rows": [row]}
    assert client.ask("/v1/predict", body)[0] == 401
    assert client.ask("/v1/predict", body, headers={"Authorization": "Bearer other"})[0] == 401
    assert client.ask("/v1/predict", body, headers={"Authorization": "Bearer s3cret"})[0] == 200
    assert client.ask("/healthz")[0] == 200


def test_the_open_inference_protocol(client, loaded, row):
    inputs = [{"name": name, "shape": [2], "datatype": "BYTES", "data": [value, value]} for name, value in row.items()]
    status, said, _ = client.ask("/v2/models/model/infer", {"id": "7", "inputs": inputs})
    assert (status, said["id"], said["model_version"]) == (200, "7", loaded.digest)
    outputs = {one["name"]: one for one in said["outputs"]}
    plain = client.ask("/v1/predict", {"rows": [row]})[1]["answers"][0]
    assert outputs["prediction"]["data"] == [plain["prediction"]] * 2
    assert outputs["probability_1"]["data"] == [plain["probabilities"]["1"]] * 2
    assert client.ask("/v2/models/model")[1]["inputs"]
    assert client.ask("/v2/health/ready")[0] == 200
    inputs[0]["data"] = [1]
    assert client.ask("/v2/models/model/infer", {"inputs": inputs})[0] == 400


def test_what_it_says_of_itself(client, loaded, row):
    client.ask("/v1/predict", {"rows": [row]})
    families = {one.name for one in text_string_to_metric_families(client.ask("/metrics")[1])}
    assert {"regrow_requests", "regrow_rows", "regrow_seconds"} <= families
    described = client.ask("/openapi.json")[1]
    schema = described["paths"]["/v1/predict"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert set(schema["properties"]["rows"]["items"]["required"]) == {one.name for one in loaded.schema.needed}
    assert client.ask("/bundle.json")[1]["digest"] == loaded.digest
    status, page, headers = client.ask("/")
    assert status == 200
    assert 'name="distance"' in page
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert client.ask("/nothing")[0] == 404
    assert client.ask("/v1/predict")[0] == 405
