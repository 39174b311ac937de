"""A real project of flights, with Git and DVC: written, run and committed."""

import os
import subprocess
import sys
from pathlib import Path

import flights
import yaml

DVC_CONFIG = (
    "[core]\n    analytics = false\n[hydra]\n    enabled = true\n    config_dir = conf\n    config_name = config\n"
)
PYPROJECT = """\
[tool.regrow]
package = "served"
plugins = ["data", "experiment", "features", "serve"]

[tool.regrow.sources]
raw = "data/raw"
"""
OWN = '''\
"""A step of the project's own."""

from regrow import Component


def regrow_components():
    return [Component("half", "derive", "served.plugin:half", about="half of the distance")]


def half(settings, context):
    """Halves."""
    return lambda table, lookups: table.assign(half=table["distance"] / 2)


def unused():
    return 1
'''
WHO = {f"GIT_{role}_{what}": "t@e" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


class Project:
    """In a folder; commands run in it as a user's do."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = (
            os.environ | WHO | {"DVC_NO_ANALYTICS": "1", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        )
        for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
            self.environment.pop(name, None)

    def run(self, *command: str, code: int = 0, **environment: str) -> str:
        """A command's output, both streams."""
        done = subprocess.run(command, cwd=self.root, env=self.environment | environment, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
        assert done.returncode == code, f"{command}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")


def make(root: Path, pyproject: str = PYPROJECT, more: dict | None = None) -> Project:
    """A project that was run and committed once. more: settings of other plugins that pyproject names."""
    made = Project(root)
    flights.raw(root / "data/raw")
    settings = flights.settings_of("linear")
    data = settings["data"] | {"leaks": ["late_already"], "assumptions": {"far": flights.RULE}}
    features = settings["features"] | {"derive": {**flights.DERIVE, "half": {"use": "half"}}, "leave_out": []}
    config = {
        "defaults": ["plugins", "_self_", {"experiment": None}],
        "seed": 1,
        "data": data,
        "features": features,
        "split": {"use": "holdout", "test_size": 0.3},
        "model": settings["model"],
        "search": {"use": "none"},
        "compute": {"n_jobs": 1},
        **(more or {}),
    }
    made.write("conf/config.yaml", yaml.safe_dump(config, sort_keys=False))
    made.write("conf/experiment/.gitkeep", "")
    made.write("pyproject.toml", pyproject)
    made.write("requirements.lock", "")
    made.write("src/served/__init__.py", "")
    made.write("src/served/plugin.py", OWN)
    made.write(".gitignore", "__pycache__/\n/data/table.parquet\n")
    made.run("git", "init", "--quiet")
    made.run("dvc", "init", "--quiet")
    made.write(".dvc/config", DVC_CONFIG)
    made.run("dvc", "add", "--quiet", "data/raw")
    made.run("regrow", "compile")
    made.run("dvc", "repro", "--quiet")
    made.run("git", "add", "--all")
    made.run("git", "commit", "--quiet", "-m", "a run")
    return made
