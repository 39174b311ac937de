"""A server that is broken in eight ways answers every well-formed request within its deadline."""

import pytest

from regrow_serve.drill import DRILLS, REQUESTS, drills

pytestmark = pytest.mark.slow


def test_every_request_is_answered(made, tmp_path):
    lines = []
    told = drills(made["file"], tmp_path, lines.append)
    assert [one["drill"] for one in told] == list(DRILLS)
    assert len(lines) == 1 + len(DRILLS)
    assert {one["drill"]: one["seen"] for one in told if not one["passed"]} == {}
    seen = {one["drill"]: one["seen"] for one in told}
    assert seen["slow model"] == seen["memory limit"] == seen["file corrupted"] == {"200 fallback": REQUESTS}
    assert seen["clock jump"] == seen["malformed flood"] == {"200 model": REQUESTS}
