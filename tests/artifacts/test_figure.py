"""The machine's own settings of matplotlib do not reach a file when a figure is saved."""

import os
import subprocess
import sys

import matplotlib as mpl
import pytest

mpl.use("agg")
from matplotlib import style
from matplotlib.figure import Figure

from regrow.artifacts import image, plot

# as a user's matplotlibrc may have it; a figure holds none of this, it is looked up while drawing
SETTINGS = {
    "svg.hashsalt": "mine",
    "svg.fonttype": "none",
    "svg.image_inline": False,
    "savefig.dpi": 37,
    "savefig.bbox": "tight",
    "savefig.pad_inches": 2.0,
    "savefig.facecolor": "red",
    "savefig.transparent": True,
    "font.sans-serif": ["DejaVu Serif"],
    "mathtext.fontset": "cm",
    "text.hinting": "none",
    "path.simplify_threshold": 1.0,
    "path.sketch": (1, 100, 2),
    "agg.path.chunksize": 3,
    "axes.unicode_minus": False,
}
WRITERS = {"svg": plot, "png": image}


def figure() -> Figure:
    drawn = Figure()
    axes = drawn.subplots()
    axes.plot(range(-500, 500), [one % 7 for one in range(1000)], label="$x^2$ ä")
    axes.imshow([[0, 1], [2, 3]])
    axes.legend()
    return drawn


@pytest.mark.parametrize("ending", WRITERS)
def test_settings_of_the_user_do_not_count(ending, tmp_path):
    WRITERS[ending].write(figure(), tmp_path / "plain")
    drawn = figure()
    with mpl.rc_context(SETTINGS):
        WRITERS[ending].write(drawn, tmp_path / "own")
        assert mpl.rcParams["savefig.dpi"] == 37, "the user's settings were not put back"
    assert (tmp_path / "plain").read_bytes() == (tmp_path / "own").read_bytes()


@pytest.mark.parametrize("ending", WRITERS)
def test_a_style_of_the_user_does_not_count(ending, tmp_path):
    WRITERS[ending].write(figure(), tmp_path / "plain")
    drawn = figure()
    with style.context("ggplot"):
        WRITERS[ending].write(drawn, tmp_path / "own")
    assert (tmp_path / "plain").read_bytes() == (tmp_path / "own").read_bytes()


@pytest.mark.parametrize("ending", WRITERS)
def test_what_the_figure_itself_says_counts(ending, tmp_path):
    large = Figure(dpi=200)
    large.subplots()
    small = Figure(dpi=50)
    small.subplots()
    WRITERS[ending].write(large, tmp_path / "large")
    WRITERS[ending].write(small, tmp_path / "small")
    same = (tmp_path / "large").read_bytes() == (tmp_path / "small").read_bytes()
    assert same == (ending == "svg")  # there, a dot has no size


SCRIPT = """
import sys
from pathlib import Path
from matplotlib.figure import Figure
from regrow.artifacts import image, plot
axes = (drawn := Figure()).subplots()
axes.plot([0, 1], [-1, 2], label="a")
axes.legend()
for kind, ending in ((plot, "svg"), (image, "png")):
    kind.write(drawn, Path(sys.argv[1], "a." + ending))
"""


def test_an_empty_matplotlibrc_keeps_the_users_own_out(tmp_path):
    """What a figure takes from a matplotlibrc when it is made is the environment's business: MATPLOTLIBRC=/dev/null."""
    (tmp_path / "home/.config/matplotlib").mkdir(parents=True)
    (tmp_path / "home/.config/matplotlib/matplotlibrc").write_text(
        "figure.dpi: 55\nfont.size: 30\nlines.linewidth: 9\n"
    )
    made = {}
    for name, more in {"alone": {}, "kept out": {"MATPLOTLIBRC": os.devnull}}.items():
        for home in ("home", "empty"):
            folder = tmp_path / f"{name} {home}"
            folder.mkdir()
            (tmp_path / home).mkdir(exist_ok=True)
            env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / home), "TMPDIR": str(tmp_path), **more}
            subprocess.run([sys.executable, "-c", SCRIPT, str(folder)], env=env, cwd=folder, check=True)
            made[name, home] = [(folder / f"a.{ending}").read_bytes() for ending in ("svg", "png")]
    assert made["alone", "home"] != made["alone", "empty"], (
        "this matplotlibrc changes nothing, so the test tells nothing"
    )
    assert made["kept out", "home"] == made["kept out", "empty"] == made["alone", "empty"]
