"""Projects of two tiny stages, for what needs no DVC run: quick to make, each with a package of its own name."""

import importlib
import itertools
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from regrow.compile import files_to_write as plan
from regrow.compile import write_and_check
from regrow.plugin.manager import Plugins, load_plugins
from regrow.plugin.project import Project, open_project

_numbers = itertools.count(1)

FILES = {
    "pyproject.toml": '[tool.regrow]\npackage = "PKG"\nplugins = []\n\n[tool.regrow.sources]\nraw = "data/raw"\n',
    "requirements.lock": "",
    "data/raw/x.txt": "3\n",
    "conf/config.yaml": """\
defaults:
  - plugins
  - metric: mean
  - _self_
  - experiment: null

seed: 1
rows: 3
title: "a title"
steps:
  first: {use: add, by: 1}
  second: {use: times, by: 2}
compute:
  n_jobs: 1
""",
    "conf/metric/mean.yaml": "use: mean\n",
    "conf/metric/top.yaml": "use: top\nby: 2  # how many\n",
    "conf/experiment/.gitkeep": "",
    "src/PKG/__init__.py": "",
    "src/PKG/plugin.py": '''\
"""Two stages and some components."""

from regrow import Artifact, Component, Stage


def regrow_stages():
    return [
        Stage(
            "make",
            "data",
            run="PKG.work:make",
            needs=["raw"],
            makes=[Artifact("table", "table")],
            params=["rows", "seed", "steps"],
            settings="PKG.settings:Make",
            about="Make a table",
        ),
        Stage(
            "score",
            "evaluation",
            run="PKG.work:score",
            needs=["table"],
            makes=[Artifact("metrics", "metrics", path="metrics.json"), Artifact("page", "report", path="page.html")],
            params=["metric", "title"],
            settings="PKG.settings:Score",
        ),
    ]


def regrow_components():
    return [
        Component("mean", "metric", "PKG.parts:mean"),
        Component("top", "metric", "PKG.parts:top", "PKG.settings:Number"),
        Component("add", "step", "PKG.parts:add", "PKG.settings:Number"),
        Component("times", "step", "PKG.parts:times", "PKG.settings:Number"),
    ]
''',
    "src/PKG/settings.py": '''\
"""What may be set."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from regrow import OfKind, Use


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Number(Strict):
    by: int = Field(ge=0, le=9)


class Make(Strict):
    rows: int = Field(ge=1, le=100)
    seed: int
    steps: dict[str, Annotated[Use, OfKind("step")]] = {}


class Score(Strict):
    metric: Annotated[Use, OfKind("metric")]
    title: str
''',
    "src/PKG/parts.py": '''\
"""The components."""


def mean(settings):
    return lambda column: float(column.mean())


def top(settings):
    return lambda column: float(column.nlargest(settings.by).mean())


def add(settings):
    return lambda x: x + settings.by


def times(settings):
    return lambda x: x * settings.by
''',
    "src/PKG/work.py": '''\
"""The stages."""

import pandas as pd

from regrow import random_state


def make(raw, settings):
    start = int((raw / "x.txt").read_text())
    table = pd.DataFrame({"x": [start + n for n in range(settings.rows)], "s": random_state(settings.seed, "make")})
    for step in settings.steps.values():
        table["x"] = step.make()(table["x"])
    return {"table": table}


def score(table, settings):
    value = settings.metric.make()(table["x"])
    return {"metrics": {settings.metric.name: value}, "page": f"<html>{settings.title}</html>"}
''',
}


@dataclass
class Small:
    """A project in a folder; `package` is the name of its Python package."""

    root: Path
    package: str

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text, text
        self.write(path, text.replace(old, new))

    def with_code(self, **modules: str) -> None:
        """Other code in place of its own, which no settings belong to and nothing has imported; PKG is its package."""
        self.write("conf/config.yaml", "defaults:\n  - plugins\n  - _self_\n\ncompute:\n  n_jobs: 1\n")
        for module, text in modules.items():
            self.write(self.code(module), text.replace("PKG", self.package))
        for name in [name for name in sys.modules if name.partition(".")[0] == self.package]:
            del sys.modules[name]
        importlib.invalidate_caches()

    def code(self, module: str) -> str:
        """The path of one of its modules."""
        return f"src/{self.package}/{module}.py"

    @property
    def project(self) -> Project:
        return open_project(self.root)

    @property
    def plugins(self) -> Plugins:
        return load_plugins(self.project)

    def compile(self) -> list[str]:
        return write_and_check.write(self.project)[0]

    def plan(self) -> plan.Plan:
        return plan.make(self.project, self.plugins)

    def python(self, script: str, **environment: str) -> str:
        """Run a script in a process of its own, in the project's folder; its output."""
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def make_project(root: Path, package: str = "") -> Small:
    """A new small project."""
    package = package or f"small{next(_numbers)}"
    made = Small(root, package)
    for path, text in FILES.items():
        made.write(path.replace("PKG", package), text.replace("PKG", package))
    return made


@pytest.fixture
def small(tmp_path, monkeypatch) -> Small:
    """A small project, with its folder as the current one."""
    root = tmp_path / "a project"
    made = make_project(root)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.chdir(root)
    monkeypatch.delenv("DVC_EXP_NAME", raising=False)
    return made


def install(site: Path, distribution: str, module: str, code: str | None, entry: str = "") -> None:
    """Install a plugin under `site` as pip would: its module, its entry point."""
    info = site / f"{distribution.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[regrow]\n{entry or module} = {module}.plugin\n")
    (info / "RECORD").write_text("")
    (site / module).mkdir(exist_ok=True)
    (site / module / "__init__.py").write_text("")
    if code is not None:
        (site / module / "plugin.py").write_text(code, encoding="utf-8")
