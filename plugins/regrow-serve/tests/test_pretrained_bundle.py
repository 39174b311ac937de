"""A bundle of a model that began with another commit's scores where nothing of ours is installed, without that file."""

import json

import compare
import flights
import fresh
import pytest

from regrow.artifacts import model as model_file
from regrow.artifacts.model_types import trusting
from regrow_experiment.pretrained import digest
from regrow_serve.bundle import records

pytestmark = pytest.mark.slow
USES = {
    "transfer": lambda pinned: {"steps": {"earlier": {"use": "transfer", "take": "scores", **pinned}, **flights.STEPS}},
    "warm_start": lambda pinned: {"model": {"use": "warm_start", "of": {"use": "linear"}, **pinned}},
}


@pytest.mark.parametrize("use", USES)
def test_it_scores_in_an_environment_of_its_own_lock(use, made, tmp_path):
    earlier = tmp_path / "pretrained"
    earlier.mkdir()
    with trusting(flights.TYPES):
        model_file.write(made["model"], earlier / "first.skops")
    more = USES[use]({"model": "first", "sha256": digest(earlier / "first.skops")})
    settings = flights.settings_of("linear")
    settings["features"] |= {"steps": more.get("steps", flights.STEPS)}
    settings["model"] = more.get("model", settings["model"])
    now = flights.stages(made["raw"], settings, pretrained=earlier, requirements_lock=flights.LOCK)
    earlier.rename(tmp_path / "gone")
    wanted = compare.recorded(now)
    rows = records(now["table"].drop(columns=["late"]))
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(rows[row])}\n" for row in wanted), encoding="utf-8")
    file = flights.written(tmp_path, now)
    python = fresh.environment(tmp_path, file)
    assert fresh.scored(python, file, tmp_path / "rows.jsonl") == list(wanted.values())
