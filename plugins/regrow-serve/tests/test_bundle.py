"""What a bundle may hold beside a model: declared types, a threshold, card and decision, an earlier bundle."""

import json
import time

import flights
import numpy as np
import pytest
from conftest import SERVING

from regrow import RegrowError
from regrow_serve import archive
from regrow_serve.app import Limits
from regrow_serve.bundle import Bundle, records

STEPS = flights.STEPS | {"text": {"use": "one_hot", "columns": ["origin", "carrier"], "distinct": True}}
TYPE = "regrow_features.encoders:DistinctOneHotEncoder"


@pytest.fixture(scope="module")
def whole(made, tmp_path_factory):
    """With all of it; the earlier bundle is that of the other tests."""
    settings = flights.settings_of("linear", serving=SERVING | {"threshold": 0.3}, steps=STEPS)
    given = {"card": "# Late flights\n", "decision": {"decision": "approved"}, "threshold": {"threshold": 0.9}}
    found = flights.stages(made["raw"], settings, requirements_lock=flights.LOCK, fallback_bundle=made["file"], **given)
    return found | {"file": flights.written(tmp_path_factory.mktemp("whole"), found)}


@pytest.fixture(scope="module")
def scorer(whole) -> Bundle:
    return Bundle.load(whole["file"])


def repacked(whole, tmp_path, **changes: object):
    members, about = archive.unpack(whole["bundle"])
    about = {name: value for name, value in about.items() if name not in ("format", "members")} | changes
    file = tmp_path / "other.bundle"
    file.write_bytes(archive.pack(members, about))
    return file


def test_a_type_that_a_component_declares_is_read_back(whole, scorer):
    assert whole["about"]["types"] == [TYPE]
    assert scorer.self_test() == []
    assert "code/regrow_features/encoders.py" in scorer.members


@pytest.mark.parametrize("types", [[], ["os:system"], [TYPE, "subprocess:Popen"]])
def test_any_other_type_is_refused_by_name(whole, tmp_path, types):
    with pytest.raises(RegrowError, match=types[-1] if types else "DistinctOneHotEncoder"):
        Bundle.load(repacked(whole, tmp_path, types=types))


def test_the_threshold_of_the_settings_decides(whole, scorer, client_of):
    assert scorer.threshold == 0.3
    few = whole["table"].iloc[:60]
    few = few.iloc[scorer.predict(few)["row"]]  # the guard refuses others
    answers = scorer.predict(few)
    positive = answers["probability_1"] >= 0.3
    assert answers["decision"].tolist() == positive.astype(int).tolist()
    assert 0 < positive.sum() < len(positive)
    assert (answers["decision"] != answers["prediction"]).any()
    said = client_of(bundle=scorer).ask("/v1/predict", {"rows": records(few)})[1]["answers"]
    assert [one["decision"] for one in said] == answers["decision"].tolist()


def test_without_one_that_of_the_artifact_counts():
    from regrow_serve import fallback
    from regrow_serve.settings import Answers

    about = {"probabilities": True, "classes": [0, 1]}
    assert fallback.threshold(Answers(), {"threshold": 0.9}, about) == 0.9
    assert fallback.threshold(Answers(), {"threshold": None}, about) is None
    assert fallback.threshold(Answers(), None, about) is None
    three = about | {"classes": [0, 1, 2]}
    assert fallback.threshold(Answers(), {"threshold": 0.9}, three) is None
    with pytest.raises(RegrowError, match="two classes"):
        fallback.threshold(Answers(threshold=0.5), None, three)


def test_card_and_decision_are_kept_and_the_sbom_holds_the_card(scorer):
    assert scorer.members["card.md"] == b"# Late flights\n"
    assert json.loads(scorer.members["decision.json"]) == {"decision": "approved"}
    (card,) = json.loads(scorer.members["sbom.cdx.json"])["metadata"]["component"]["modelCard"]["properties"]
    assert card["value"] == "# Late flights\n"


def test_every_package_of_the_lock_has_its_hashes(scorer):
    entries = scorer.members["requirements.lock"].decode().replace("\\\n", " ").splitlines()
    names = {entry.partition("==")[0] for entry in entries}
    assert {"numpy", "pandas", "scikit-learn", "skops", "uvicorn", "orjson"} <= names
    assert not {"dvc", "hydra-core", "pyarrow", "regrow", "regrow-serve"} & names
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_earlier_bundle_answers_in_place_of_the_model(scorer, loaded, client_of, row, tmp_path):
    assert scorer.last.digest == loaded.digest
    switch = tmp_path / "off.json"
    switch.write_text('{"reason": "wrong since Monday"}')
    one = client_of(bundle=scorer, switch=switch).ask("/v1/predict", {"rows": [row]})[1]["answers"][0]
    (wanted,) = loaded.predict([row]).to_dict("records")
    assert (one["source"], one["probabilities"]["1"]) == ("fallback", wanted["probability_1"])
    assert one["why"] == f"the model is switched off: wrong since Monday; the bundle {loaded.digest[:12]} answers"
    assert one["decision"] == int(wanted["probability_1"] >= 0.3)


def test_rules_answer_where_that_one_fails_too(scorer, client_of, row, monkeypatch):
    monkeypatch.setattr(Bundle, "score", lambda *_: time.sleep(6))
    client = client_of(Limits(deadline=0.5), bundle=scorer)
    begun = time.monotonic()
    status, said, _ = client.ask("/v1/predict", {"rows": [row | {"origin": "JFK"}]})
    assert (status, said["answers"][0]["source"], said["answers"][0]["prediction"]) == (200, "fallback", 1)
    assert time.monotonic() - begun < 5  # by far, where the machine is not busy


def test_one_that_predicts_something_else_is_refused(whole, made, tmp_path):
    with pytest.raises(RegrowError, match="predicts 'other'"):
        unavailable(made, SERVING, fallback_bundle=repacked(whole, tmp_path, target="other"))


def unavailable(made, serving: dict, **given: object) -> dict:
    from regrow_serve.settings import FallbackSettings
    from regrow_serve.unavailable import unavailable as stage

    data = {"task": "binary", "target": flights.DATA["target"]}
    settings = FallbackSettings.model_validate({"data": data, "serving": {"fallback": serving["fallback"]}})
    return stage(made["table"], made["split"], made["predictions"], settings, **given)


def test_the_report_says_how_much_worse_the_fallback_is(made, loaded):
    from regrow.artifacts import section

    told = unavailable(made, SERVING)
    section.check(told["fallback_section"])
    truth, rows = made["predictions"]["target"].to_numpy(), made["predictions"]["row"].to_numpy()
    usual = np.bincount(made["table"]["late"].to_numpy()[made["split"]["fold"].to_numpy() < 0]).argmax()
    guessed = np.where(made["table"]["origin"].to_numpy()[rows] == "JFK", 1, usual)
    ways = told["fallback"]["ways"]
    assert ways["fallback"]["wrong"] == pytest.approx((guessed != truth).mean() * 1000)
    model = (made["predictions"]["prediction"].to_numpy() != truth).mean() * 1000
    assert ways["fallback"]["worse_by"] == pytest.approx(ways["fallback"]["wrong"] - model)
    assert told["fallback"]["by_rule"] == pytest.approx((made["table"]["origin"].to_numpy()[rows] == "JFK").mean())
    with_last = unavailable(made, SERVING, fallback_bundle=made["file"])["fallback"]["ways"]
    answered = loaded.predict(made["table"].iloc[rows])  # the earlier one is the model itself here
    guessed[answered["row"]] = answered["prediction"]
    assert with_last["fallback"]["wrong"] == pytest.approx((guessed != truth).mean() * 1000)
    assert with_last["rules"] == ways["rules"]


def test_a_threshold_is_what_is_compared_where_there_is_one(made):
    from regrow_serve.settings import FallbackSettings
    from regrow_serve.unavailable import unavailable as stage

    data = {"task": "binary", "target": flights.DATA["target"]}
    settings = FallbackSettings.model_validate({"data": data, "serving": {"threshold": 0.3}})
    ways = stage(made["table"], made["split"], made["predictions"], settings)["fallback"]["ways"]
    held_out = made["predictions"]
    wrong = ((held_out["probability_1"] >= 0.3) != held_out["target"]).mean() * 1000
    assert ways["model"]["wrong"] == pytest.approx(wrong)
    share = made["table"]["late"][made["split"]["fold"] < 0].mean()  # of the usual answer
    assert ways["fallback"]["wrong"] == pytest.approx(((share >= 0.3) != held_out["target"]).mean() * 1000)
