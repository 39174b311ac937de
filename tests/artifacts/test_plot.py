"""Plots drawn by matplotlib: the same figure is the same file."""

import matplotlib as mpl
import pytest

mpl.use("agg")
from matplotlib.figure import Figure

from regrow.artifacts import plot


def figure(high: float = 1.0) -> Figure:
    drawn = Figure()
    axes = drawn.subplots()
    axes.plot([0, 1], [0, high], label="ä")
    axes.fill_between([0, 1], [0, high])
    axes.legend()
    return drawn


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        made = figure()
        plot.check(made)
        plot.write(made, tmp_path / f"{name}.svg")
    plot.write(figure(2.0), tmp_path / "c.svg")
    a, b, c = ((tmp_path / f"{name}.svg").read_bytes() for name in "abc")
    assert a == b != c
    assert plot.read(tmp_path / "a.svg").startswith("<?xml")


@pytest.mark.parametrize("word", [b"2026-", b"<dc:date>"])
def test_no_date_is_in_it(word, tmp_path):
    plot.write(figure(), tmp_path / "a.svg")
    assert word not in (tmp_path / "a.svg").read_bytes()
