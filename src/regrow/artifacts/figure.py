"""A matplotlib figure -> a file's bytes, whatever the machine's own settings of matplotlib are."""

import sys
from io import BytesIO
from typing import Any

SETTINGS = {"svg.hashsalt": "regrow", "svg.fonttype": "path"}
METADATA = {"svg": {"Date": None}}


def draw(figure: Any, ending: str) -> bytes:
    """Draw it as "svg" or "png", without a date or a user's settings.

    The settings that matplotlib looks up while it draws are its own defaults (a matplotlibrc, a style and rcParams set
    by a stage do not count); what the figure holds since it was made, its dpi among that, counts.
    """
    matplotlib = sys.modules["matplotlib"]  # whoever made the figure imported it; the artifact itself needs none
    stream = BytesIO()
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(SETTINGS)
        figure.savefig(stream, format=ending, metadata=METADATA.get(ending))
    return stream.getvalue()
