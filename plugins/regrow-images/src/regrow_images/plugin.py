"""What regrow-images brings: the reader `files` and the derive step `picture`."""

from regrow import Component


def regrow_components() -> list[Component]:
    """Pictures as rows, and as numbers."""
    return [
        Component(
            "files",
            "reader",
            "regrow_images.files:files",
            "regrow_images.settings:Files",
            about="each file of a folder as a row: its name, the folder it lies in, its content",
            example={"files": "*.csv"},
        ),
        Component(
            "picture",
            "derive",
            "regrow_images.pictures:picture",
            "regrow_images.settings:Picture",
            about="a picture's pixels, made small; or its embedding by an ONNX model",
            columns="regrow_images.named:picture",
            tags=("row_wise", "takes_missing"),
            example={"column": "colour", "width": 2, "height": 2},
            source="Deng et al., ImageNet, CVPR 2009; ONNX, https://onnx.ai",
            extra="regrow-images[onnx]",
        ),
    ]
