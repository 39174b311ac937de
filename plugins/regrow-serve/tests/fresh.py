"""An environment of a bundle's own lock, which has nothing else; `python fresh.py BUNDLE ROWS` is run in one."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

RECIPE = ("_THREADS", "_CORETYPE", "_FEATURES", "_CBWR")


def environment(folder: Path, bundle: Path) -> Path:
    """Python of a new environment with what requirements.lock of the bundle says, by its hashes."""
    with zipfile.ZipFile(bundle) as archive:
        (folder / "requirements.lock").write_bytes(archive.read("requirements.lock"))
    uv = [sys.executable, "-m", "uv"]
    python = folder / "venv/bin/python"
    quiet = {"capture_output": True, "text": True}
    for command in (
        [*uv, "venv", "--quiet", "--python", sys.executable, str(folder / "venv")],
        [*uv, "pip", "install", "--require-hashes", "-r", str(folder / "requirements.lock"), "--python", str(python)],
    ):
        done = subprocess.run(command, check=False, **quiet, env=os.environ | {"UV_LINK_MODE": "copy"})
        assert done.returncode == 0, done.stderr
    return python


def recipe(bundle: Path) -> dict[str, str]:
    """The variables that a bundle asks for, and no path to what is here."""
    with zipfile.ZipFile(bundle) as archive:
        said = json.loads(archive.read("bundle.json"))["recipe"]
    return {"PATH": os.environ["PATH"], **{name: value for name, value in said.items() if name.endswith(RECIPE)}}


def scored(python: Path, bundle: Path, rows: Path) -> list[dict]:
    """What `Bundle.predict` says there, for lines of JSON rows: an exact answer a row, None where it is refused."""
    done = subprocess.run([str(python), "-I", __file__, str(bundle), str(rows)], capture_output=True, text=True,
                          check=False, env=recipe(bundle), cwd=rows.parent)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _in_there(bundle: str, rows: str) -> None:
    """Nothing of ours is installed here: what scores is the bundle's code."""
    sys.path.insert(0, f"{bundle}/code")
    from regrow_serve.bundle import Bundle, exact

    loaded = Bundle.load(bundle)
    given = [json.loads(line) for line in Path(rows).read_text(encoding="utf-8").splitlines()]
    answers: list[dict | None] = [None] * len(given)
    made = loaded.predict(given)
    columns = [name for name in made.columns if name.startswith("probability_")]
    for one in made.to_dict("records"):
        answers[one["row"]] = exact(one["prediction"], [one[name] for name in columns] if columns else None)
    print(json.dumps(answers))


if __name__ == "__main__":
    _in_there(*sys.argv[1:])
