"""A project as the template makes it, with `serve` and `govern` listed: run and committed once."""

import os
import subprocess
import sys
from pathlib import Path

import project

ROOT = Path(__file__).resolve().parents[3]
PLUGINS = '["data", "evaluation", "experiment", "features", "govern", "serve"]'


def make(folder: Path) -> project.Project:
    """In `folder`/late-flights. The packages are those of this environment, not of the project's lock."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = folder / "cookiecutter.yaml"
    settings.write_text(f"cookiecutters_dir: {folder}/templates\nreplay_dir: {folder}/replay\n")
    environment = {**os.environ, **project.WHO, "COOKIECUTTER_CONFIG": str(settings)}
    command = [sys.executable, "-m", "cookiecutter", str(ROOT), "--no-input"]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    made = project.Project(folder / "late-flights")
    text = (made.root / "pyproject.toml").read_text(encoding="utf-8")
    made.write("pyproject.toml", text.replace('["data", "evaluation", "experiment", "features"]', PLUGINS))
    assert PLUGINS in (made.root / "pyproject.toml").read_text(encoding="utf-8")
    sys.path.insert(0, str(ROOT / "hooks"))
    import wheels

    for plugin in ("govern", "serve"):
        wheels.build(ROOT / f"plugins/regrow-{plugin}", made.root / "vendor")
    made.run("regrow", "compile")
    made.run("regrow", "run", "--allow-dirty")
    made.run("git", "add", "--all")
    made.run("git", "commit", "--quiet", "--no-verify", "-m", "A run")
    return made
