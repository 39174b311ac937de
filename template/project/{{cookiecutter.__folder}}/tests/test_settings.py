"""The settings compose, every plugin finds what it needs in them, and dvc.yaml is what they give."""

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


def regrow(*arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "regrow", *arguments]
    return subprocess.run(command, check=False, cwd=PROJECT, capture_output=True, text=True)


def test_dvc_yaml_fits_the_settings():
    done = regrow("compile", "--check")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not (PROJECT / ".vscode/regrow").exists(), reason="regrow schema writes them")
def test_what_editors_check_conf_by_fits_the_plugins():
    done = regrow("schema", "--check")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("folder", ["data/raw.dvc", "conf/config.yaml", "requirements.lock", "dvc.yaml", "params.yaml"])
def test_what_a_run_stands_on_is_there(folder):
    assert (PROJECT / folder).is_file()
