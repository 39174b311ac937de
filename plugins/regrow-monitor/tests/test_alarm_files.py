"""Alarms as files: open, acknowledged, closed; the same one never twice."""

import pytest

from regrow import RegrowError
from regrow_monitor import alarm_files as files
from regrow_monitor.page import _by


def found(subject="fuel", opened="2026-03-21"):
    return {"id": f"{opened}-{subject}", "subject": subject, "opened": opened}


def test_an_alarm_gets_one_file_whatever_comes_again(tmp_path):
    assert len(files.write_new(tmp_path, [found(), found("seats")])) == 2
    assert files.write_new(tmp_path, [found(), found(opened="2026-05-01"), found("seats", "2026-03-22")]) == []
    assert [one["state"] for one in files.read(tmp_path)] == ["open", "open"]


def test_it_is_acknowledged_by_somebody_and_closed(tmp_path):
    files.write_new(tmp_path, [found()])
    files.change(tmp_path, "2026-03-21-fuel", files.ACKNOWLEDGED, "ann@e", "2026-03-22", "asked the supplier")
    one = files.change(tmp_path, "2026-03-21-fuel", files.CLOSED, "ann@e", "2026-03-25", "another unit")
    assert files.who(one) == "closed by ann@e, 2026-03-25"
    with pytest.raises(RegrowError, match="is closed already"):
        files.change(tmp_path, "2026-03-21-fuel", files.ACKNOWLEDGED, "ben@e", "2026-03-26", "")
    with pytest.raises(RegrowError, match="there is no alarm"):
        files.change(tmp_path, "2026-03-21-feul", files.CLOSED, "ben@e", "2026-03-26", "")


def test_a_closed_one_comes_back_after_four_weeks_and_not_before(tmp_path):
    files.write_new(tmp_path, [found()])
    files.change(tmp_path, "2026-03-21-fuel", files.CLOSED, "ann@e", "2026-03-25", "another unit")
    assert files.write_new(tmp_path, [found(opened="2026-03-24")]) == []
    assert len(files.write_new(tmp_path, [found(opened="2026-06-01")])) == 1


def test_the_page_of_an_earlier_day_knows_nothing_of_what_came_later(tmp_path):
    files.write_new(tmp_path, [found(), found("seats", "2026-04-20")])
    files.change(tmp_path, "2026-03-21-fuel", files.ACKNOWLEDGED, "ann@e", "2026-03-30", "")
    (one,) = _by(files.read(tmp_path), "2026-03-25")
    assert (one["subject"], one["state"]) == ("fuel", "open")


def test_a_file_that_is_no_alarm_is_named(tmp_path):
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(RegrowError, match=r"x.json: is no alarm"):
        files.read(tmp_path)
