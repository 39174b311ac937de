"""A pipeline as ONNX: written where its answers are the bundle's, refused where not."""

import flights
import pytest

from regrow import RegrowError
from regrow_serve import onnx_export
from regrow_serve.onnx_export import CLOSEST

EXTRA = "is in no lock; to run this: pip install 'regrow-serve[onnx]'"


def with_extra():
    """onnxruntime, or the test is skipped."""
    pytest.importorskip("skl2onnx", reason=f"skl2onnx {EXTRA}")
    return pytest.importorskip("onnxruntime", reason=f"onnxruntime {EXTRA}")


@pytest.mark.parametrize("model", ["linear", "mlp", "forest", "boosting"])
def test_what_is_written_answers_as_the_bundle(made, tmp_path, model):
    onnxruntime = with_extra()
    found = flights.stages(made["raw"], flights.settings_of(model), requirements_lock=flights.LOCK)
    file = tmp_path / "out/model.onnx"
    parity = onnx_export.write(flights.written(tmp_path, found), file)
    assert parity.rows > 100
    assert parity.furthest <= CLOSEST
    assert [one.name for one in onnxruntime.InferenceSession(file).get_outputs()] == ["prediction", "probabilities"]


def test_a_number_is_predicted_too(made, tmp_path):
    with_extra()
    found = flights.stages(made["raw"], flights.settings_of("linear", "regression"), requirements_lock=flights.LOCK)
    assert onnx_export.write(flights.written(tmp_path, found), tmp_path / "model.onnx").furthest <= CLOSEST


def test_a_step_without_a_form_in_onnx_is_named_and_nothing_is_written(made, tmp_path):
    with_extra()
    settings = flights.settings_of("linear", steps={"ends": {"use": "winsorise"}, **flights.STEPS})
    found = flights.stages(made["raw"], settings, requirements_lock=flights.LOCK)
    with pytest.raises(RegrowError, match="'ends'"):
        onnx_export.write(flights.written(tmp_path, found), tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_without_the_extra_it_says_what_to_install(made, tmp_path, monkeypatch):
    monkeypatch.setattr("regrow_serve.onnx_export.find_spec", lambda name: None)
    with pytest.raises(RegrowError, match="needs skl2onnx"):
        onnx_export.write(made["file"], tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()
