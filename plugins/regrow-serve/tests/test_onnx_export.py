"""A pipeline as ONNX: optional, so the first thing is to say what it needs."""

import sys

import pytest

from regrow import RegrowError
from regrow_serve import onnx_export


def test_without_the_extra_it_says_what_to_install(made, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "skl2onnx", None)
    with pytest.raises(RegrowError, match="needs skl2onnx"):
        onnx_export.write(made["file"], tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()
