"""What DVC itself leaves in a bad state does not stop anyone: repaired in its own processes, wherever they start."""

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
