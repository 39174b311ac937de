"""A project as it is generated: how ready it is, what is in its commits, and every command of its hand-over page."""

import json
import re
import shlex
import subprocess
import time
import urllib.request
from html import unescape
from pathlib import Path

import generated
import project
import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory) -> project.Project:
    """Run and committed once; tests add commits."""
    return generated.make(tmp_path_factory.mktemp("fresh"))


@pytest.fixture(scope="module")
def ready(fresh) -> dict:
    return json.loads(fresh.run("regrow", "readiness", "--json"))


def test_it_has_five_of_seven_in_each_section(ready):
    assert min(ready["sections"].values()) >= 5, {one["test"]: one["said"] for one in ready["tests"]}
    assert all(one["evidence"] for one in ready["tests"] if one["status"] == "automatic")


def test_without_serve_and_the_stage_readiness_it_has_less(fresh, ready):
    text = (fresh.root / "pyproject.toml").read_text()
    fewer = text.replace('"govern", "serve"]', '"govern"]\nwithout = ["govern.readiness"]')
    fresh.write("pyproject.toml", fewer)
    try:
        told = json.loads(fresh.run("regrow", "readiness", "--json"))
    finally:
        fresh.write("pyproject.toml", text)
    lost = {one["test"] for one, other in zip(ready["tests"], told["tests"], strict=True)
            if one["status"] == "automatic" and other["status"] == "no"}  # fmt: skip
    assert lost >= {"data.3", "model.3", "model.4", "model.7", "infrastructure.1", "infrastructure.5",
                    "monitoring.2", "monitoring.3", "monitoring.5"}  # fmt: skip
    assert told["score"] < 5


def blocks(page: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def lines(block: str) -> list[str]:
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def test_the_lines_of_the_page_on_readiness(fresh):
    for block in blocks("readiness.md"):
        for line in lines(block):
            assert fresh.run("bash", "-c", line)


def test_the_lines_of_the_page_on_security(fresh):
    """A label of the raw data is changed, so that there is something to see."""
    import gzip

    raw = fresh.root / "data/raw/flights.csv.gz"
    table = gzip.decompress(raw.read_bytes()).decode()
    raw.write_bytes(gzip.compress(table.replace(",833,842,-9,", ",833,842,99,", 1).encode(), mtime=0))
    fresh.run("dvc", "add", "--quiet", "data/raw")
    fresh.run("regrow", "run", "--allow-dirty")
    fresh.run("git", "commit", "--quiet", "--no-verify", "--all", "-m", "A flight was late after all")
    found = {}
    for block in blocks("security-stage.md"):
        for line in lines(block):
            said = subprocess.run(["bash", "-c", line], cwd=fresh.root, env=fresh.environment, text=True, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
            found[line] = said.returncode, said.stdout
    code, said = found["regrow security diff HEAD~1"]
    assert code == 0
    assert "of those with another late and nothing else: 1\n  0 -> 1: 1" in said
    assert "t@e <t@e> (not signed): A flight was late after all\n  data/raw.dvc" in said
    code, said = found["regrow security scan"]
    assert code == 0
    assert re.search(r"^no pickle in \d+ files", said, re.MULTILINE)
    assert "the model is another" in found["regrow security sbom HEAD~1"][1]
    code, said = found["regrow security audit"]
    assert (code == 8) == said.startswith("not audited: ")
    assert {code for line, (code, _) in found.items() if "audit" not in line} == {0}


def test_a_planted_pickle_is_named(fresh):
    import pickle

    (fresh.root / "notes.txt").write_bytes(pickle.dumps(print))
    fresh.run("git", "add", "notes.txt")
    fresh.run("git", "commit", "--quiet", "--no-verify", "-m", "notes")
    said = fresh.run("regrow", "security", "scan", code=5)
    fresh.run("git", "reset", "--quiet", "--hard", "HEAD~1")
    assert "notes.txt: a pickle; loading it imports builtins print" in said


@pytest.fixture(scope="module")
def page(fresh) -> str:
    fresh.run("regrow", "handover", "-o", ".dvc/tmp/handover.html")
    return (fresh.root / ".dvc/tmp/handover.md").read_text(encoding="utf-8")


def test_the_page_says_what_who_how_and_what_is_open(fresh, page):
    for words in ("# Taking over: predicting late", "approved", "| train | t@e: ", "There is no governance/risk.yaml",
                  "Bus factor", "does this for every push", "regrow replay"):  # fmt: skip
        assert words in page
    html = (fresh.root / ".dvc/tmp/handover.html").read_text(encoding="utf-8")
    assert "Content-Security-Policy" in html
    assert "regrow run" in unescape(html)


def commands(page: str) -> list[list[str]]:
    """Each row of the page's table of commands."""
    table = page.partition("**Commands, in the project's folder**")[2].partition("\n## ")[0]
    cells = [line.strip("| ").split(" | ")[1] for line in table.splitlines() if line.startswith("| ")][2:]
    return [unescape(cell).replace("\\|", "|").split(" && ") for cell in cells]


def test_every_command_of_the_page_works(fresh, page):
    """`make setup` is tests/template's, which builds environments; a replay takes this one, as the lock is another."""
    found = commands(page)
    assert len(found) >= 14
    for row in found:
        for line in row:
            if line == "make setup":
                continue
            if line.startswith("regrow serve"):
                serves(fresh, line)
                continue
            line = line.replace("regrow replay HEAD", "regrow replay HEAD --env current").replace(
                "FILE", "data/raw/flights.csv.gz"
            )
            line = line.replace("regrow run", "regrow run --allow-dirty").replace(
                "git commit", "git commit --no-verify --allow-empty"
            )
            if line.startswith("git revert"):
                fresh.run("git", "stash", "--include-untracked", "--quiet")
            assert fresh.run("bash", "-c", line) is not None


def serves(fresh: project.Project, line: str) -> None:
    server = subprocess.Popen(shlex.split(line), cwd=fresh.root, env=fresh.environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(1200):
            try:
                with urllib.request.urlopen("http://127.0.0.1:8000/readyz", timeout=5) as answer:
                    assert answer.status == 200
                return
            except OSError:
                assert server.poll() is None, line
                time.sleep(0.25)
        raise AssertionError(f"{line}: it was never ready")
    finally:
        server.terminate()
        server.wait()
