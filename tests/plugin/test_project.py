"""pyproject.toml's [tool.regrow]: found from any folder inside, checked whole."""

import pytest

from regrow.base.errors import RegrowError
from regrow.plugin.project import open_project, unsafe_path


def project(tmp_path, table: str):
    (tmp_path / "pyproject.toml").write_text(table, encoding="utf-8")
    return open_project(tmp_path)


def test_found_from_a_folder_inside(tmp_path):
    (tmp_path / "a/b").mkdir(parents=True)
    assert project(tmp_path, "[tool.regrow]\n").root == open_project(tmp_path / "a/b").root == tmp_path


def test_another_tools_pyproject_is_passed_over(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    project(tmp_path, "[tool.regrow]\n")
    (inner / "pyproject.toml").write_text("[tool.ruff]\n")
    assert open_project(inner).root == tmp_path


def test_the_lock_is_a_source_where_there_is_one(tmp_path):
    assert project(tmp_path, "[tool.regrow.sources]\nraw = 'data/raw'\n").sources == {"raw": "data/raw"}
    (tmp_path / "requirements.lock").touch()
    assert open_project(tmp_path).sources == {"raw": "data/raw", "requirements_lock": "requirements.lock"}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[tool.regrow]\nplugin = []\n", "unknown key 'plugin'"),
        ("[tool.regrow]\npackage = 'a-b'\n", "package must be the name"),
        ("[tool.regrow]\npackage = 1\n", "package must be the name"),
        ("[tool.regrow]\nplugins = 'a'\n", "plugins must be a list"),
        ("[tool.regrow]\nplugins = ['a', 'a']\n", "names one twice"),
        ("[tool.regrow]\nplugins = [1]\n", "plugins must be a list"),
        ("[tool.regrow]\nwithout = 'a.b'\n", "without must be a list of plugin.stage"),
        ("[tool.regrow]\nsources = []\n", "sources must be a table"),
        ("[tool.regrow.sources]\nraw = ''\n", "must be a path"),
        ("[tool.regrow.sources]\ncompute = 'x'\n", "'compute' is no name for a source"),
        ("[tool.regrow]\npass_environment = 'A'\n", "pass_environment must be a list of variables"),
        ("[tool.regrow.sources]\nraw = '../x'\n", "relative path inside"),
        ("[tool.regrow.sources]\nraw = '/x'\n", "relative path inside"),
        ("[tool.regrow\n", "not valid TOML"),
    ],
)
def test_what_is_malformed_is_told(tmp_path, table, said):
    with pytest.raises(RegrowError, match=f"pyproject.toml.*{said}"):
        project(tmp_path, table)


@pytest.mark.parametrize(
    "path", ["..", "a/../b", "/a", "a\\b", "", ".", ".git/x", ".dvc", "./.git/x", "a\0b", "a\nb", "${a}", ".GIT/x"]
)
def test_unsafe_paths(path):
    assert unsafe_path(path, "here")


@pytest.mark.parametrize("path", ["a", "a/b", "ä b/c", ".gitignore", "a.git/x", "-rf"])
def test_safe_paths(path):
    assert unsafe_path(path, "here") is None
