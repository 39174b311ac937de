"""A matplotlib figure as SVG for the report: the same bytes every time, colours and type from the page."""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from regrow_evaluation.embedded import clean

# Stand-ins: no drawing uses these greys for themselves, so that each can become a variable of the page's stylesheet.
PAPER, INK, MUTED, RULE = "#010101", "#020202", "#030303", "#040404"
SERIES = tuple(f"#0{digit}0505" for digit in "12345678")
VARIABLES = {PAPER: "paper", INK: "ink", MUTED: "muted", RULE: "rule"} | {
    colour: f"series-{number}" for number, colour in enumerate(SERIES, 1)
}
STYLE: dict[Any, Any] = {
    "svg.hashsalt": "regrow",
    "svg.fonttype": "none",  # text stays text: it can be read aloud, searched, and takes the page's font
    "text.parse_math": False,  # class names are data: a dollar sign in one is no formula
    "font.family": ["DejaVu Sans"],  # comes with matplotlib, so that the layout is the same on every machine
    "font.size": 9.5,
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": RULE,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "grid.color": RULE,
    "grid.linewidth": 0.6,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "legend.frameon": False,
    "legend.handlelength": 1.2,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
}
SVG = "http://www.w3.org/2000/svg"


@contextmanager
def style() -> Iterator[None]:
    """matplotlib's own defaults and STYLE, whatever matplotlibrc the machine has. Figures are made inside."""
    with mpl.rc_context(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a glyph that DejaVu lacks: the page's font has it
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


def plain(text: object, longest: int = 0) -> str:
    """Text of the data as it can stand on a page: one line, no control characters, cut at `longest` (0: never)."""
    line = clean(" ".join(str(text).split()))
    return line[: longest - 1] + "…" if 0 < longest < len(line) else line


def inline(figure: Figure, title: str, description: str) -> str:
    """The figure as SVG text, with colours that are variables of the report's stylesheet.

    title, description: what a screen reader says.
    """
    file = io.BytesIO()
    FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    root = ElementTree.fromstring(file.getvalue())  # noqa: S314 - what matplotlib just wrote
    _tidy(root)
    root.set("xmlns", SVG)
    for position, (tag, text) in enumerate((("title", title), ("desc", description))):
        element = ElementTree.Element(tag)
        element.text = plain(text)
        root.insert(position, element)
    return ElementTree.tostring(root, encoding="unicode").strip()


def _tidy(element: ElementTree.Element) -> None:
    """Without prefixes, metadata and rules that would reach the whole page; stand-in colours named."""
    element.tag = _local(element.tag)
    element.attrib = {_local(name): value for name, value in element.attrib.items()}
    if "style" in element.attrib:
        element.attrib["style"] = _style(element.attrib["style"])
    for child in list(element):
        if _local(child.tag) in ("metadata", "style"):
            element.remove(child)
        else:
            _tidy(child)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _style(value: str) -> str:
    value = re.sub(r"#[0-9a-f]{6}", lambda hit: f"var(--{VARIABLES[hit[0]]})" if hit[0] in VARIABLES else hit[0], value)
    return re.sub(r"font: [^;]*?([\d.]+px)[^;]*", r"font-size: \1", value)
