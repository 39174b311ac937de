"""What DVC itself leaves in a bad state does not stop anyone: repaired in its own processes, wherever they start."""

import sys

import pytest


@pytest.mark.parametrize("text", ["", '{"write": {"x"', "\0\0"])
def test_half_a_list_of_who_works_here_is_dropped(recorded, text):
    recorded.write(".dvc/tmp/rwlock", text)
    assert "up to date" in recorded.run("dvc", "repro").stdout
    assert recorded.read(".dvc/tmp/rwlock") in {"{}", '{"write": {}, "read": {}}', '{"read": {}, "write": {}}'}


def test_a_list_of_another_form_is_left_to_people(recorded):
    recorded.write(".dvc/tmp/rwlock", '{"read": 3}')
    assert "format error" in recorded.run("dvc", "repro", code=255).stderr
    assert recorded.read(".dvc/tmp/rwlock") == '{"read": 3}'


KILLED = """
import os
from dvc.utils import serialize

def half(data, stream):
    stream.write("schema: '2")
    stream.flush()
    os._exit(9)

serialize._common._dump_data("dvc.lock", {}, half)
"""


def test_a_lock_is_written_whole_or_not_at_all(recorded):
    before = recorded.read("dvc.lock")
    done = recorded.run(sys.executable, "-c", KILLED, code=9)
    assert done.stderr == ""
    assert recorded.read("dvc.lock") == before
    (recorded.root / "dvc.lock").chmod(0o640)
    recorded.edit("conf/config.yaml", "rows: 5", "rows: 6")
    recorded.run("dvc", "repro", "--quiet")
    assert recorded.read("dvc.lock") != before
    assert (recorded.root / "dvc.lock").stat().st_mode & 0o777 == 0o640
    assert [file.name for file in recorded.root.glob("*.part")] == []


def test_a_lock_that_is_a_link_stays_one(recorded):
    (recorded.root / "dvc.lock").rename(recorded.root / "elsewhere.lock")
    (recorded.root / "dvc.lock").symlink_to("elsewhere.lock")
    recorded.edit("conf/config.yaml", "rows: 5", "rows: 6")
    recorded.run("dvc", "repro", "--quiet")
    assert (recorded.root / "dvc.lock").is_symlink()
    assert "schema" in recorded.read("elsewhere.lock")
