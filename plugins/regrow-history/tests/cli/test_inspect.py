"""`regrow inspect`: readable, whole in JSON, and harmless whatever a commit holds."""

import json

import pytest

HEADINGS = ["Assumptions", "Randomness", "Data", "Settings", "Results", "Implementation", "Environment"]


def test_text_in_the_order_of_the_seven_things(tiny_made):
    done = tiny_made.run("regrow", "inspect", "HEAD")
    places = [done.stdout.index(f"\n{heading}") for heading in HEADINGS]
    assert places == sorted(places)
    assert "it is short" in done.stdout
    assert "metrics.json: sub.x" in done.stdout
    assert "python src/make.py" in done.stdout


def test_json(tiny_made):
    commit = tiny_made.run("git", "rev-parse", "HEAD").stdout.strip()
    assert json.loads(tiny_made.run("regrow", "inspect", "HEAD", "--json").stdout)["commit"]["name"] == commit


@pytest.mark.parametrize("arguments", [[], ["no-such"], ["HEAD", "x"]])
def test_wrong_usage(tiny_made, arguments):
    assert tiny_made.run("regrow", "inspect", *arguments, check=False).returncode == 1


def test_a_hostile_commit_drives_no_terminal(tiny):
    evil = "\x1b]0;owned\x07\x1b[2J\u202e[bold red]x[/nope]" + "long" * 10_000
    tiny.write("params.yaml", json.dumps({"seed": evil, "rows": 2, "data": {"assumptions": {evil: {"says": evil}}}}))
    tiny.write("metrics.json", json.dumps({evil: 1, "[/]": [1]}))
    tiny.write("src/\x1b[31mname.py", "")
    tiny.write("hashes/make.json", json.dumps({"inputs": {}, "outputs": {}, "machine": {evil: evil}}))
    tiny.edit("dvc.lock", "cmd: python src/score.py", "cmd: " + json.dumps(evil))
    tiny.run("git", "add", "--all")
    tiny.run("git", "commit", "--quiet", "-m", evil[:200], GIT_AUTHOR_NAME="\x1b[31mEve[/]")
    done = tiny.run("regrow", "inspect", "HEAD")
    assert "[bold red]x[/nope]" in done.stdout
    for arguments in (["inspect", "HEAD"], ["inspect", "HEAD", "--json"], ["verify"]):
        text = tiny.run("regrow", *arguments, check=False).stdout
        assert text
        assert {letter for letter in text if not letter.isprintable()} <= {"\n"}
    assert len(done.stdout) < 20_000


def test_it_imports_and_runs_nothing_of_the_commit(project):
    canary = project.root.parent / "canary"
    text = f"open({str(canary)!r}, 'w')\n"
    package = next(path for path in (project.root / "src").iterdir() if path.is_dir()).name
    for path in (f"src/{package}/__init__.py", f"src/{package}/plugin.py", "conf/__init__.py"):
        project.write(path, text)
    project.write("conf/config.yaml", "_target_: os.system\ncmd: touch canary\n")
    project.commit("evil")
    project.run("regrow", "inspect", "HEAD")
    assert not canary.exists()
