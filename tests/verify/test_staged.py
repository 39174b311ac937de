"""What a commit made now would hold: an edit and what came of it, or half of it."""

from dataclasses import replace

import pytest
from tests.shared import copied

from regrow.base.errors import Exit
from regrow.verify.check import verify_staged


@pytest.fixture(scope="module")
def edited(made, warm, tmp_path_factory):
    """A run on an edit of settings and one of code, nothing staged yet."""
    tree = replace(made, root=copied(made.root, tmp_path_factory.mktemp("staged")))
    tree.edit("conf/config.yaml", "rows: 5", "rows: 6")
    tree.edit("src/smallreplay/work.py", "start + n", "start + 2 * n")
    tree.run("regrow", "run")
    return tree


HALVES = {
    "the edits alone": ["conf", "src"],
    "the edits, compiled": ["conf", "src", "params.yaml", "fingerprints"],
    "the results alone": ["dvc.lock", "hashes", "metrics.json"],
    "the results without their hashes": ["conf", "src", "params.yaml", "fingerprints", "dvc.lock", "metrics.json"],
    "one of two edits": ["src", "params.yaml", "fingerprints", "dvc.lock", "hashes", "metrics.json"],
}


@pytest.mark.parametrize("half", HALVES)
def test_half_of_it_is_refused(edited, half):
    edited.run("git", "reset", "--quiet")
    edited.run("git", "add", *HALVES[half])
    report = verify_staged(edited.root)
    assert report.code is not Exit.OK
    assert all("regrow run" in finding.fix for finding in report.findings)


def test_all_of_it_is_content(edited):
    edited.run("git", "add", "--update")
    assert "what is staged is as recorded" in edited.run("regrow", "verify", "--staged").stdout
    edited.run("git", "commit", "--quiet", "--message", "both")
    assert "is as recorded" in edited.run("regrow", "verify").stdout


def test_without_a_run_there_is_nothing_to_be_wrong(edited):
    edited.run("git", "rm", "--quiet", "--cached", "dvc.lock")
    assert verify_staged(edited.root).code is Exit.OK
