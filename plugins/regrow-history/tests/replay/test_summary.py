"""A replay told to others: four files, whatever came of it, and nothing in them that a stranger could use."""

import json
import shutil
from xml.etree import ElementTree

import pytest

from regrow.base.errors import Exit, Problem
from regrow_history.replay import summary
from regrow_history.replay.replay import Compared, Replay


def reported(recorded, *arguments: str, code: int = 0):
    """The files of `regrow replay HEAD --report`: JSON, Markdown, the badge as text and as an endpoint."""
    folder = recorded.root.parent / "re port"
    recorded.run("regrow", "replay", "HEAD", "--env", "current", "--report", str(folder), *arguments, code=code)
    badge = "".join(ElementTree.parse(folder / "badge.svg").getroot().itertext()).split("\n")
    endpoint = json.loads((folder / "badge.json").read_text())
    assert endpoint["schemaVersion"] == 1
    assert f"{endpoint['label']}: {endpoint['message']}" in badge
    return json.loads((folder / "replay.json").read_text()), (folder / "replay.md").read_text(), endpoint


def test_an_identical_commit(recorded):
    before = recorded.state()
    told, page, badge = reported(recorded)
    total = len(told["outputs"])
    assert told["exit_code"] == 0
    assert badge["message"] == f"{total} of {total} identical"
    assert badge["color"] == summary.GREEN
    rows = [line for line in page.splitlines() if line.startswith("| ") and line.endswith(" yes |")]
    assert len(rows) == total
    assert any("| score | metrics.json | " in row for row in rows)
    assert recorded.state() == before


def test_what_differs_stands_first_with_its_cause(recorded):
    recorded.edit(
        recorded.code("work"), '"s": random_state', '"when": __import__("time").time() % 1e3, "s": random_state'
    )
    recorded.reproduce("the time of day")
    told, page, badge = reported(recorded, code=2)
    assert told["exit_code"] == 2
    assert badge["color"] == summary.RED
    assert not badge["message"].startswith(f"{len(told['outputs'])} of")
    assert "- data/table.parquet: column when" in page
    assert "likely cause: not deterministic" in page
    first, *_ = [line for line in page.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert first.endswith(" **NO** |")


def test_a_commit_that_could_not_be_replayed_is_told_too(recorded):
    shutil.rmtree(recorded.root / ".dvc/cache")
    told, page, badge = reported(recorded, code=3)
    assert told["exit_code"] == 3
    assert any("data/raw" in problem for problem in told["problems"])
    assert badge["message"] == "data missing"
    assert "data/raw" in page
    assert "| stage |" not in page


@pytest.mark.parametrize("other", [("--all", "HEAD"), ("HEAD", "-S", "rows=4")])
def test_it_is_for_one_commit_as_it_is(recorded, other):
    folder = recorded.root.parent / "report"
    assert "--" in recorded.run("regrow", "replay", *other, "--report", str(folder), code=1).stderr
    assert not folder.exists()


def test_a_place_where_nothing_can_be_written_is_told_before_anything_runs(recorded):
    recorded.write("taken", "")
    done = recorded.run("regrow", "replay", "HEAD", "--env", "current", "--report", "taken/report", code=1)
    assert "taken" in done.stderr
    assert "stage 1" not in done.stderr
    assert "identical" not in done.stdout


NASTY = "a|b<img src=x>`c`[d](e)*f*\n\n# g\x1b[31m"


def test_what_a_stranger_wrote_is_no_markup():
    row = Compared(NASTY, NASTY, NASTY, "0" * 32, difference=NASTY, cause=NASTY)
    page = summary.markdown(Replay(NASTY, rows=[row], problems=[Problem(NASTY)], notes=[NASTY], environment=NASTY))
    for raw in ("<img", "`c", "[d]", "*f", "b|", "\x1b", "\n# g"):
        assert raw not in page.replace("\\" + raw, ""), raw
    (cells,) = [line for line in page.splitlines() if line.endswith("**NO** |")]
    assert cells.replace("\\|", "").count("|") == 6
    text = summary.badge("<a>&", '"<b>', "000000")
    assert '<a>&: "<b>' in "".join(ElementTree.fromstring(text).itertext())


@pytest.mark.parametrize("code", [code for code in Exit if code not in {Exit.OK, Exit.EQUIVALENT, Exit.MISMATCH}])
def test_each_way_to_fail_has_its_words(code):
    message, colour = summary.verdict(Replay("c", failed=code))
    assert message
    assert colour != summary.GREEN


def test_equal_outputs_of_an_unsound_record_are_not_called_identical():
    same = Compared("make", "x", "a", "a")
    assert summary.verdict(Replay("c", rows=[same], problems=[Problem("forged")])) == ("record is not sound", "c62828")


def test_a_long_table_is_cut_and_says_so():
    rows = [Compared("make", f"x{number}", "a", "a") for number in range(summary.MOST_ROWS + 7)]
    page = summary.markdown(Replay("c", rows=rows))
    assert "... and 7 more: replay.json has all." in page
    assert page.count("| yes |") == summary.MOST_ROWS
