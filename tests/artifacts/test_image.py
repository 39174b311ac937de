"""PNG: drawn or given, the same picture is the same file."""

import struct
import zlib

import matplotlib as mpl
import pytest

mpl.use("agg")
from matplotlib import image as reader
from matplotlib.figure import Figure

from regrow.artifacts import image


def figure(high: float = 1.0) -> Figure:
    drawn = Figure()
    drawn.subplots().plot([0, 1], [0, high], label="ä")
    return drawn


def part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    for name, high in (("a", 1.0), ("b", 1.0), ("c", 2.0)):
        made = figure(high)
        image.check(made)
        image.write(made, tmp_path / name)
    a, b, c = (image.read(tmp_path / name) for name in "abc")
    assert a == b != c
    assert reader.imread(tmp_path / "a").shape == (480, 640, 4)


NOTES = [
    (b"tIME", bytes(7)),
    (b"tEXt", b"Software\0me"),
    (b"zTXt", b"a\0"),
    (b"iTXt", b"a\0\0\0\0\0x"),
    (b"eXIf", b"x"),
]


@pytest.mark.parametrize(("name", "data"), NOTES)
def test_dates_and_programs_are_left_out(name, data, tmp_path):
    image.write(figure(), tmp_path / "plain")
    plain = image.read(tmp_path / "plain")
    end = plain.index(b"IDAT") - 4
    noted = plain[:end] + part(name, data) + plain[end:]
    image.check(noted)
    image.write(noted, tmp_path / "noted")
    assert (tmp_path / "noted").read_bytes() == plain
    assert name not in plain


def test_a_figure_s_resolution_is_kept(tmp_path):
    image.write(Figure(dpi=50), tmp_path / "a")
    assert reader.imread(tmp_path / "a").shape == (240, 320, 4)
