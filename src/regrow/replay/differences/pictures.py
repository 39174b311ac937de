"""Two PNG pictures: size, the first pixel that differs, or what is noted beside the pixels."""

from pathlib import Path
from typing import Any

from regrow.replay.differences import tally
from regrow.replay.differences.tally import ABSENT, Difference, Tally

MOST = 100_000_000  # pixels


def compare(recorded: Path, replayed: Path) -> Tally:
    """Size first, then pixels. ImportError without Pillow; ValueError or OSError for what is no picture."""
    import numpy as np

    counts = Tally("pixels")
    one, other = (_open(path) for path in (recorded, replayed))
    if one.size != other.size:
        sizes = [f"{image.width} x {image.height}" for image in (one, other)]
        counts.note("size", sizes[0], sizes[1], tally.PICTURE)
        counts.found = Difference("size", sizes[0], sizes[1], "", tally.PICTURE)
        return counts
    left, right = (np.asarray(image.convert("RGBA")) for image in (one, other))
    unlike = (left != right).any(axis=2)
    counts.total = unlike.size
    if unlike.any():
        y, x = (int(at) for at in np.unravel_index(int(np.argmax(unlike)), unlike.shape))
        colours = ["#" + image[y, x].tobytes().hex() for image in (left, right)]
        most = int(np.abs(left.astype(int) - right.astype(int)).max())
        differing = int(np.count_nonzero(unlike))
        size = f"by up to {most} of 255, in {differing:,} of {unlike.size:,} pixels"
        counts.note(f"pixel x {x}, y {y}", colours[0], colours[1], tally.PICTURE, differing)
        counts.found = Difference(f"pixel x {x}, y {y}", colours[0], colours[1], size, tally.PICTURE)
    return counts


def _open(path: Path) -> Any:
    from PIL import Image

    image = Image.open(path, formats=["PNG"])
    if image.width * image.height > MOST:
        raise tally.TooLargeError("has too many pixels to be compared")
    image.load()
    return image


def notes(recorded: Path, replayed: Path) -> Difference | None:
    """The first thing noted beside the pixels of two pictures that look the same, if it differs."""
    one, other = (_open(path).info for path in (recorded, replayed))
    for key in sorted(one.keys() | other.keys(), key=str):
        sides = [info.get(key, ABSENT) for info in (one, other)]
        if sides[0] != sides[1]:
            shown = [tally.show(side) for side in sides]
            return Difference(f"metadata {tally.show(str(key))}", shown[0], shown[1], "the same pixels", tally.FORM)
    return None
