"""docs/code.md names every room, in the order in which they may import, and no file that is not there."""

import re

from tests.repo.pages import ROOT
from tests.repo.test_layers import LAYERS, PACKAGES

TEXT = (ROOT / "docs/code.md").read_text(encoding="utf-8")


def test_every_room_has_a_row_in_the_order_of_imports():
    rows = re.findall(r"^\| `([a-z]+)(?:/|\.py)` \|", TEXT, re.MULTILINE)
    assert rows == [room for room in LAYERS if room not in {"warm/server", "__main__"}]
    rows = re.findall(r"^\| `regrow_history/([a-z]+)/` \|", TEXT, re.MULTILINE)
    assert rows == [room for room in PACKAGES["regrow_history"] if room != "plugin"]


def test_every_file_that_it_names_is_there():
    named = set(re.findall(r"`((?:[\w.-]+/)*[\w-]+\.py)`", TEXT))
    places = [ROOT, ROOT / "src/regrow", ROOT / "plugins/regrow-testing/src/regrow_testing"]
    places += [ROOT / "plugins/regrow-history/src/regrow_history"]
    rooms = [folder for place in places[1:] for folder in place.iterdir() if folder.is_dir()]
    gone = [name for name in sorted(named) if not any((place / name).is_file() for place in [*places, *rooms])]
    assert gone == []
    assert len(named) > 30
