"""Pictures as rows and as numbers: pixels, an ONNX model, and what is no picture."""

import base64
import io

import numpy as np
import pandas as pd
import pytest

from regrow import Context, RegrowError
from regrow_testing.contract import check_plugin

Image = pytest.importorskip("PIL.Image", reason="pillow is missing; to run this: uv pip install pillow")

from regrow_images import files, pictures  # noqa: E402
from regrow_images.settings import Files, Picture  # noqa: E402

# A whole ONNX model: y = Flatten(x), of opset 13.
FLATTEN = "CAhCBAoAEA06KgoPCgF4EgF5IgdGbGF0dGVuEgFnWgkKAXgSBAoCCAFiCQoBeRIECgIIAQ=="


@pytest.fixture
def raw(tmp_path):
    for place, label in enumerate(("cat", "dog")):
        (tmp_path / "pictures" / label).mkdir(parents=True)
        Image.new("RGB", (8, 4), (255 * place, 0, 51)).save(tmp_path / "pictures" / label / "a.png")
    (tmp_path / "flatten.onnx").write_bytes(base64.b64decode(FLATTEN))
    return tmp_path


def test_the_plugin_keeps_its_contract():
    check_plugin("regrow_images.plugin", {})


def test_a_folder_is_a_table(raw):
    made = files.read(Files(files="pictures/**/*.png"), raw)
    assert made["file"].tolist() == ["pictures/cat/a.png", "pictures/dog/a.png"]
    assert made["label"].tolist() == ["cat", "dog"]
    assert Image.open(io.BytesIO(base64.b64decode(made["content"][0]))).size == (8, 4)
    with pytest.raises(RegrowError, match="no file fits"):
        files.read(Files(files="*.jpg"), raw)
    with pytest.raises(RegrowError, match="more than 10"):
        files.read(Files(files="pictures/**/*.png", largest=10), raw)
    with pytest.raises(ValueError, match="leave the raw data folder"):
        Files(files="../*.png")


def test_pixels_are_numbers_from_0_to_1(raw):
    table = files.read(Files(files="pictures/**/*.png"), raw)[["content"]]
    table.loc[2, "content"] = None
    table.loc[3, "content"] = "no picture"
    made = pictures.picture(Picture(width=1, height=1, colours=True), Context())(table, {})
    expected = [[0, 0, 0.2], [1, 0, 0.2], [np.nan] * 3, [np.nan] * 3]
    np.testing.assert_allclose(made, expected)
    grey = pictures.picture(Picture(width=2, height=2, mean=[0.5], scale=[2.0]), Context())(table, {})
    assert list(grey) == [f"content_pixel_{n}" for n in range(4)]
    assert grey.iloc[1, 0] == pytest.approx((0.2990 + 0.114 * 0.2 - 0.5) / 2, abs=5e-3)


def test_a_model_says_the_same_of_a_picture_alone(raw):
    pytest.importorskip("onnxruntime", reason="onnxruntime is in no lock; to run this: uv pip install onnxruntime")
    table = files.read(Files(files="pictures/**/*.png"), raw)[["content"]]
    lookups = {"model": files.read(Files(files="flatten.onnx"), raw)}
    step = pictures.picture(Picture(model="model", width=2, height=1, colours=True), Context())
    made = step(table, lookups)
    assert list(made) == [f"content_embedding_{n}" for n in range(6)]
    np.testing.assert_allclose(made.iloc[1], [1, 1, 0, 0, 0.2, 0.2], rtol=1e-6)  # red, green, blue of both pixels
    alone = pd.concat([step(table.iloc[[place]], lookups) for place in range(2)])
    pd.testing.assert_frame_equal(alone, made, check_exact=True)
    with pytest.raises(RegrowError, match="is no ONNX model"):
        step(table, {"model": files.read(Files(files="pictures/cat/a.png"), raw)})
