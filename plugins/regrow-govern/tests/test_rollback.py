"""The way back: what it looks at, what it leaves alone, and that it is quick."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from regrow import RegrowError
from regrow_govern import model_tags, trusted_tags

PYPROJECT = '[project]\nname = "late"\n\n[tool.regrow]\npackage = "late"\nplugins = ["govern"]\n'
ROLL_BACK = """
import json, sys
from regrow.plugin.project import open_project
from regrow_govern.rollback import roll_back
target, tag = roll_back(open_project(), "prod", "", "too slow", None, "Dev")
print(json.dumps([target.version, tag, sorted({"pydantic", "regrow_evaluation", "pandas"} & set(sys.modules))]))
"""


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """Two versions were promoted to prod, the second is there now; a third model is in staging."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "dev@example.org")
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "governance").mkdir()
    (tmp_path / "governance/promotion.yaml").write_text("signed_tags: false\nstages: [staging, prod]\n")
    git(tmp_path, "init", "-q", "--initial-branch=main")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "-q", "-m", "one")
    for stage, version, letter in (("prod", "v1.0.0", "a"), ("prod", "v2.0.0", "b"), ("staging", "v3.0.0", "c")):
        model_tags.move(tmp_path, "late", stage, "HEAD", "Promote", {"bundle": letter * 64, "version": version}, None)
    return tmp_path


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", *words], cwd=root, check=True, capture_output=True)


def test_it_goes_back_without_loading_what_checks_settings(root):
    said = subprocess.run([sys.executable, "-c", ROLL_BACK], cwd=root, check=True, capture_output=True, text=True)
    assert json.loads(said.stdout) == ["v1.0.0", "late#prod#4", []]
    assert model_tags.current(root, "prod")[0].bundle == "a" * 64
    assert model_tags.current(root, "staging")[0].version == "v3.0.0"


def test_a_rule_that_is_wrong_elsewhere_does_not_stop_it(root):
    commit(root, "signed_tags: false\nstagse: []\n")
    assert not trusted_tags.signatures_asked(root)


@pytest.mark.parametrize("asked", ["true", "'no'", "[]"])
def test_what_does_not_clearly_say_no_is_looked_at_closely(root, asked):
    commit(root, f"signed_tags: {asked}\n")
    if asked == "true":
        assert trusted_tags.signatures_asked(root)
        return
    with pytest.raises(RegrowError, match="valid boolean"):
        trusted_tags.signatures_asked(root)


def commit(root: Path, rules: str) -> None:
    (root / "governance/promotion.yaml").write_text(rules)
    git(root, "commit", "-q", "--all", "-m", "other rules")
