# ruff: noqa: E501
"""What a project needs here, and how to get it."""

import pytest

from regrow.environment.requirements import locked_versions
from regrow.run.doctor import examine


def test_pins_are_read_for_this_python_alone():
    text = (
        "pandas==3.0.1 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n    # via x\n"
        "Odd_Name==1.0 ; python_version >= '3' --hash=sha256:cc\nold==2 ; python_version < '3'\n# comment\nloose>=1\n--flag\n"
    )
    assert locked_versions(text) == {"pandas": "3.0.1", "odd-name": "1.0"}


def finding(small, subject: str):
    return next(one for one in examine(small.project) if one.subject.startswith(subject))


def test_what_is_missing_is_told_with_its_fix(small):
    assert "regrow compile" in finding(small, "compiled").fix
    small.compile()
    assert finding(small, "compiled").ok
    small.write("requirements.lock", "pandas==1.0\n")
    assert "pandas" in finding(small, "requirements.lock").found
    (small.root / "requirements.lock").unlink()
    assert finding(small, "requirements.lock").found == "missing"


def test_a_remote_that_is_not_verified_is_told(small):
    small.write(".dvc/config", "[core]\n    remote = far\n['remote \"far\"']\n    url = /far\n")
    assert finding(small, "remote far").fix == "dvc remote modify far verify true"
    small.edit(".dvc/config", "url = /far\n", "url = /far\n    verify = true\n")
    assert not any(one.subject == "remote far" for one in examine(small.project))


@pytest.mark.parametrize("text", ['plugins = ["no_such"]'])
def test_a_broken_plugin_is_a_finding(small, text):
    small.edit("pyproject.toml", "plugins = []", text)
    assert "not installed" in finding(small, "plugin no_such").found


@pytest.mark.parametrize(
    ("said", "warns"), [("hardlink", True), ("reflink,symlink,copy", True), ("copy,hardlink", False)]
)
def test_links_into_the_cache_are_told(small, said, warns):
    small.write(".dvc/config", "")
    small.write(".dvc/config.local", f"[cache]\n    type = {said}\n")
    found = [one for one in examine(small.project) if one.subject == "cache.type"]
    assert [one.fix.splitlines()[0] for one in found] == ["dvc config --local cache.type reflink,copy"] * warns


def test_a_folder_that_others_may_write_to_is_told(small, tmp_path, monkeypatch):
    monkeypatch.setenv("REGROW_HOME", str(tmp_path / "link"))
    (tmp_path / "home").mkdir()
    (tmp_path / "link").symlink_to("home")
    (tmp_path / "home").chmod(0o770)
    assert f"chmod go-w {tmp_path / 'link'}" in finding(small, "folder for environments").fix
    (tmp_path / "home").chmod(0o750)
    assert finding(small, "folder for environments").ok
