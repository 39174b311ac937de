"""A real project: stages, commands, and the lines of docs/serve.md and docs/notebooks.md."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import project
import pytest

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    return project.make(tmp_path_factory.mktemp("served") / "flights")


def shown(page: str, language: str) -> list[str]:
    """The blocks of a page in a language."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(first: str) -> list[str]:
    """The lines of the block of docs/serve.md that begins with a command."""
    (block,) = [block for block in shown("serve.md", "console") if block.startswith(f"$ {first} ")]
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def test_three_commands_to_an_answer(served):
    line = "print(json.dumps(Bundle.load('models/bundle.bundle').examples()[0]['row']))"
    row = json.loads(served.run("python", "-c", f"import json; from regrow_serve import Bundle; {line}"))
    served.write("row.json", json.dumps({"rows": [row]}))
    run, serve, ask = commands("regrow compile")
    served.run("bash", "-c", f"git add row.json && git commit --quiet -m row && {run}")
    server = subprocess.Popen(serve.removesuffix(" &").split(), cwd=served.root, env=served.environment)
    try:
        said = json.loads(served.run("bash", "-c", ask))
    finally:
        server.terminate()
        server.wait()
    assert said["answers"][0]["source"] == "model"


def test_a_batch_gives_the_recorded_predictions(served):
    for line in commands("regrow predict"):
        served.run("bash", "-c", line)
    recorded = pd.read_parquet(served.root / "data/predictions.parquet").set_index("row")
    for name in ("answers", "with-inputs"):
        out = pd.read_parquet(served.root / f"out/{name}.parquet").set_index("row")
        columns = [column for column in out.columns if column.startswith("pro")] + ["prediction"]
        pd.testing.assert_frame_equal(out.loc[recorded.index, columns], recorded[columns], check_exact=True)
    assert "distance" in out.columns


def test_switch_and_other_commands(served):
    for line in commands("regrow switch"):
        served.run("bash", "-c", line)
    assert "needs a reason" in served.run("regrow", "switch", "off", code=1)
    assert "predict" in served.run("regrow", "--help")
    wheel = served.run("regrow", "export", "--name", "late-flights").strip()
    assert (served.root / wheel).is_file()
    served.run("regrow", "image", "--dockerfile", "-o", "context")
    assert (served.root / "context/Dockerfile").is_file()


def test_the_lines_of_the_notebook(served):
    (code,) = shown("notebooks.md", "python")
    more = "assert len(answers) == 5 and len(predictions) and len(experiments) == 1 and 'bundle' in list(commit)"
    served.run("python", "-c", f"{code}\n{more}")


def test_another_clone_makes_the_same_bundle_and_so_does_an_edit_of_what_scoring_does_not_reach(served, tmp_path):
    served.run("git", "clone", "--quiet", ".", str(tmp_path / "clone"))
    clone = project.Project(tmp_path / "clone")
    shutil.copytree(served.root / "data/raw", clone.root / "data/raw")
    file = clone.root / "src/served/plugin.py"
    file.write_text(file.read_text().replace("return 1", "return 2  # other"))
    clone.run("regrow", "compile")
    clone.run("dvc", "repro", "--quiet", "--no-run-cache", "bundle")
    assert (clone.root / "models/bundle.bundle").read_bytes() == (served.root / "models/bundle.bundle").read_bytes()
