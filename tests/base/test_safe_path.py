"""No written path leads out of a project, or into what is Git's or DVC's."""

import pytest

from regrow.base.errors import Exit, RegrowError
from regrow.base.safe_path import safe_join


@pytest.mark.parametrize("path", ["a", "a/b.txt", "ü b/$x", "a/.git", ".github/x", "..a", "a..b/c", "./a"])
def test_paths_inside(tmp_path, path):
    assert safe_join(tmp_path, path) == tmp_path / path


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "../a", "a/../../b", "a/..", "/a", "//a", ".git", ".git/config", ".GIT/config", ".dvc/config",
     "./.git/config", "a\\b", "a\0b", "a\nb"],
)  # fmt: skip
def test_paths_that_lead_out_are_refused(tmp_path, path):
    with pytest.raises(RegrowError, match="dvc.lock") as error:
        safe_join(tmp_path, path, "dvc.lock")
    assert error.value.code is Exit.UNSAFE


@pytest.mark.parametrize("target", ["outside", "project/.git", "project/.dvc"])
def test_links_that_lead_out_are_refused(tmp_path, target):
    for folder in ("outside", "project/.git", "project/.dvc", "project/inside"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "project/link").symlink_to(tmp_path / target)
    with pytest.raises(RegrowError, match="behind a link") as error:
        safe_join(tmp_path / "project", "link/x/y")
    assert error.value.code is Exit.UNSAFE


def test_links_that_stay_inside_are_followed(tmp_path):
    (tmp_path / "project/inside").mkdir(parents=True)
    (tmp_path / "project/link").symlink_to("inside")
    (tmp_path / "alias").symlink_to("project")
    assert safe_join(tmp_path / "project", "link/x") == tmp_path / "project/link/x"
    assert safe_join(tmp_path / "alias", "link/x") == tmp_path / "alias/link/x"


def test_a_link_itself_may_lead_anywhere(tmp_path):
    """An output may be a link into DVC's cache; who writes there replaces it."""
    (tmp_path / "out").symlink_to("/elsewhere")
    assert safe_join(tmp_path, "out") == tmp_path / "out"
