"""A commit is replayed in a clean place: identical or not, and nothing of the user's is touched."""

import json
import os
import re
import shutil

import pytest
from tests.shared import C_LOCALE

from regrow.base import hashing
from regrow.base.yaml_files import read_yaml


def replayed(recorded, *arguments: str, code: int = 0, **environment: str) -> dict:
    done = recorded.run("regrow", "replay", *arguments, "--env", "current", "--json", code=code, **environment)
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout) if done.stdout else {"said": done.stderr}


def different(result: dict) -> dict[str, dict]:
    return {row["path"]: row for row in result["outputs"] if not row["identical"]}


def test_an_honest_commit_is_identical_and_nothing_of_the_users_changes(recorded):
    recorded.write("notes.txt", "mine")
    recorded.edit("conf/config.yaml", "rows: 5", "rows: 7")
    recorded.run("git", "add", "notes.txt")
    before = recorded.state()
    home = recorded.root.parent / "home"
    for revision in ("HEAD", "HEAD~1", "main"):
        result = replayed(recorded, revision, REGROW_HOME=str(home))
        assert result["exit_code"] == 0
        assert {row["stage"] for row in result["outputs"]} == {"compile", "make", "score"}
        assert all(row["identical"] and row["sha256"] for row in result["outputs"])
    assert recorded.state() == before
    assert list((home / "replays").iterdir()) == []


OTHER_MACHINES = [
    {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
    {"PYTHONHASHSEED": "77"},
    {"TZ": "Asia/Tokyo", "LC_ALL": C_LOCALE},
    {"HOME": "/nowhere", "USER": "somebody"},
]


@pytest.mark.parametrize("variables", OTHER_MACHINES, ids=lambda one: next(iter(one)))
def test_elsewhere_it_is_identical_too(recorded, variables):
    assert replayed(recorded, "HEAD", **variables)["exit_code"] == 0


def test_the_table_names_what_differs_how_much_and_why(recorded):
    recorded.edit("metrics.json", "12.0", "12.5")
    (then,) = re.findall(r"path: metrics.json\n +hash: md5\n +md5: (\w+)", recorded.read("dvc.lock"))
    recorded.edit("dvc.lock", then, "f" * 32)
    recorded.commit("a better metric")
    done = recorded.run("regrow", "replay", "HEAD", "--env", "current", code=2)
    assert "NO" in done.stdout
    assert re.search(r"mean: recorded 12\.5, replayed 12(\.0)? ", done.stdout), done.stdout
    assert "likely cause" in done.stdout


def test_a_stage_that_is_not_deterministic_is_named(recorded):
    recorded.edit(
        recorded.code("work"), '"s": random_state', '"when": __import__("time").time() % 1e3, "s": random_state'
    )
    recorded.reproduce("the time of day")
    row = different(replayed(recorded, "HEAD", code=2))["data/table.parquet"]
    assert "column when" in row["difference"]
    assert "not deterministic" in row["cause"]
    assert "clock" in row["cause"]
    done = recorded.run("regrow", "run", "--twice", code=2)
    assert "data/table.parquet" in done.stdout
    assert "column when" in done.stdout


def test_what_is_equal_but_for_rounding_is_told_apart(recorded):
    noise = "(1 + __import__('time').time_ns() % 100000 * 1e-15)"
    recorded.edit(recorded.code("work"), "value = ", f"value = {noise} * ")
    recorded.reproduce("the time of day in the last digits")
    rows = different(replayed(recorded, "HEAD", code=7))
    assert rows.keys() == {"metrics.json", "hashes/score.json"}
    assert all(row["equivalent"] for row in rows.values())
    assert rows["hashes/score.json"]["difference"] == "the hashes of metrics.json"


def test_twice_passes_for_a_deterministic_pipeline(recorded):
    before = recorded.state()
    assert "outputs identical" in recorded.run("regrow", "run", "--twice").stdout
    assert recorded.state() == before


def test_missing_data_is_listed_with_where_it_was_looked_for(recorded):
    shutil.rmtree(recorded.root / ".dvc/cache")
    before = recorded.state()
    said = replayed(recorded, "HEAD~1", code=3)["said"]
    assert "data/raw" in said
    assert ".dvc/cache" in said
    assert recorded.state() == before


@pytest.mark.parametrize("address", ["s3://nowhere/x", "http://127.0.0.1:9/x"])
def test_why_a_remote_gave_nothing_is_said_in_its_words(recorded, address):
    shutil.rmtree(recorded.root / ".dvc/cache")
    recorded.run("dvc", "remote", "add", "--quiet", "--default", "storage", address)
    said = replayed(recorded, "HEAD~1", code=1)["said"]
    assert said.count("remote storage: can't be read") == 1
    assert "dvc-s3" in said or "127.0.0.1" in said
    assert "data/raw" in said


def test_a_corrupt_input_is_never_taken_for_the_data(recorded):
    listing = next(file for file in (recorded.root / ".dvc/cache/files/md5").rglob("*.dir"))
    (md5,) = [entry["md5"] for entry in json.loads(listing.read_text())]
    file = recorded.object(md5)
    file.chmod(0o644)
    file.write_text("4\n")
    file.chmod(0o444)
    before = recorded.state()
    said = replayed(recorded, "HEAD", code=3)["said"]
    assert "data/raw/x.txt: is corrupt in cache" in said
    assert recorded.state() == before


@pytest.mark.parametrize("revision", ["no-such", "--help;x", "HEAD; touch x", "main:src", "-f", "HEAD^{tree}", ""])
def test_what_is_no_commit_is_refused(recorded, revision):
    done = recorded.run("regrow", "replay", "--env", "current", "--", revision, code=1)
    assert "Traceback" not in done.stderr
    assert not (recorded.root / "x").exists()


def test_a_stage_that_fails_is_told_with_what_it_said(recorded):
    recorded.edit(recorded.code("work"), "start = int", "raise ValueError('no way')\n    start = int")
    recorded.run("regrow", "compile")
    recorded.commit("broken")
    done = recorded.run("regrow", "replay", "HEAD", "--env", "current", code=1)
    assert "ValueError: no way" in done.stderr


def test_a_branch_to_go_on_from(recorded):
    first = recorded.run("git", "rev-parse", "HEAD~1").stdout.strip()
    shutil.rmtree(recorded.root / ".dvc/tmp", ignore_errors=True)
    for line in recorded.run("git", "show", "HEAD~1:dvc.lock").stdout.split("md5: ")[1:]:
        md5 = line.split()[0]
        if recorded.object(md5).exists() and not md5.endswith(".dir") and md5 not in recorded.read("dvc.lock"):
            recorded.object(md5).chmod(0o644)
            recorded.object(md5).unlink()  # as after dvc gc
    replayed(recorded, "HEAD~1", "--branch", "retry")
    assert recorded.run("git", "rev-parse", "retry").stdout.strip() == first
    recorded.run("git", "switch", "--quiet", "retry")
    recorded.run("dvc", "checkout", "--quiet")
    assert "up to date" in recorded.run("dvc", "status").stdout
    assert "is there already" in replayed(recorded, "HEAD", "--branch", "retry", code=1)["said"]


def test_a_variation_is_kept_as_an_experiment_that_replays(recorded):
    before = {name: value for name, value in recorded.state().items() if not name.startswith((".git/", ".dvc/cache"))}
    done = recorded.run("regrow", "replay", "HEAD~1", "-S", "rows=4", "--name", "four", "--env", "current")
    assert "experiment four" in done.stdout
    after = {name: value for name, value in recorded.state().items() if not name.startswith((".git/", ".dvc/cache"))}
    assert after == before
    shown = json.loads(recorded.run("dvc", "exp", "show", "--json", "--all-commits").stdout)
    assert "four" in json.dumps(shown)
    assert replayed(recorded, "four")["exit_code"] == 0
    recorded.run("dvc", "exp", "apply", "four", "--quiet", code=None)


def test_a_whole_history(recorded):
    done = recorded.run("regrow", "replay", "--all", "main", "--env", "current", "--json")
    rows = json.loads(done.stdout)
    assert [(row["subject"], row["result"]) for row in rows] == [("rows 3", "identical"), ("rows 5", "identical")]


def test_a_result_that_is_marked_is_not_replayed(recorded):
    recorded.write("conf/metric/low.yaml", "use: top\nby: 1\n")
    recorded.edit("conf/config.yaml", "metric: mean", "metric: low")
    recorded.run("regrow", "run", code=5)
    recorded.run("regrow", "run", "--allow-dirty")
    patch = recorded.read("hashes/not-replayable.patch")
    assert "+use: top" in patch
    assert "+  - metric: low" in patch
    (recorded.root / "conf/metric/low.yaml").unlink()
    recorded.commit("results without their settings")
    assert "not replayable" in replayed(recorded, "HEAD", code=5)["said"]


def flip(file) -> None:
    """Change a byte; mode, size and time stay."""
    before = file.stat()
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(data)
    file.chmod(before.st_mode)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("where", ["cache", "workspace", "metrics in the commit"])
def test_what_comes_out_right_does_not_whitewash_a_record_that_is_not(recorded, where):
    lines = recorded.read("dvc.lock").split("path: data/table.parquet\n")[-1]
    if where == "cache":
        flip(recorded.object(re.search(r"md5: (\w{32})", lines)[1]))
    elif where == "workspace":
        flip(recorded.root / "data/table.parquet")
    else:
        recorded.edit("metrics.json", "12.0", "12.5")
        recorded.commit("a better metric")
    before = recorded.state()
    result = replayed(recorded, "HEAD", code=2)
    assert any(("metrics.json" if "metrics" in where else "data/table.parquet") in one for one in result["problems"])
    assert recorded.state() == before


def test_settings_that_were_edited_after_the_run_are_named(recorded):
    recorded.edit("conf/config.yaml", "rows: 5", "rows: 6")
    recorded.commit("an edit without a run")
    row = different(replayed(recorded, "HEAD", code=2))["data/table.parquet"]
    assert "input: params.yaml rows" in row["cause"]


@pytest.mark.parametrize("options", [["-S", "rows=2", "--json"], ["--name", "x"], ["-S", "rows=2", "--branch", "b"]])
def test_options_that_do_not_go_together(recorded, options):
    assert "goes with" in recorded.run("regrow", "replay", "HEAD", *options, code=1).stderr


def test_a_list_of_files_that_leads_out_is_refused(recorded):
    for name in ("/etc/evil", "../../../evil"):
        data = hashing.listing([(name, "a" * 32)])
        md5 = hashing.of_bytes(data).md5 + ".dir"
        old = re.search(r"md5: (\w+\.dir)", recorded.read("data/raw.dvc"))[1]
        for file in ("data/raw.dvc", "dvc.lock"):
            recorded.edit(file, old, md5)
        recorded.object(md5).parent.mkdir(exist_ok=True)
        recorded.object(md5).write_bytes(data)
        recorded.commit("evil")
        said = replayed(recorded, "HEAD", code=5)["said"]
        assert name in said
        assert "the list of files of data/raw" in said


def test_a_commit_that_recorded_nothing_is_no_success(recorded):
    recorded.write("dvc.lock", "schema: '2.0'\nstages: {}\n")
    recorded.commit("nothing")
    assert "recorded no output of any stage" in replayed(recorded, "HEAD", code=1)["said"]
    done = recorded.run("regrow", "replay", "--all", "HEAD~1..HEAD", "--env", "current", code=1)
    assert "identical" not in done.stdout.splitlines()[-1]
    assert recorded.run("regrow", "verify", code=2).stdout


def test_outputs_of_stages_that_were_not_reached_count(recorded):
    recorded.edit(
        recorded.code("work"), "def score(table, settings):", "def score(table, settings):\n    table.x = 1 / 0"
    )
    recorded.commit("it fails")
    done = recorded.run("regrow", "replay", "HEAD", "--env", "current", code=1)
    identical, of = map(int, re.search(r"(\d+) of (\d+) outputs identical", done.stdout).groups())
    stages = read_yaml(recorded.read("dvc.lock"), "dvc.lock")["stages"].values()
    assert of == sum(len(stage["outs"]) for stage in stages) > identical


@pytest.mark.parametrize("code", [7, 4])
def test_another_machine_is_told_from_a_mismatch(recorded, code):
    """The record is of another processor: what comes out otherwise here is no forgery, and no proof either."""
    for stage in ("make", "score") if code == 4 else ("make",):
        recorded.edit(f"hashes/{stage}.json", '"architecture": "', '"architecture": "other-')
        relock(recorded, f"hashes/{stage}.json")
    if code == 4:
        recorded.edit("metrics.json", "12.0", "12.5")
        relock(recorded, "metrics.json")
        forged = json.loads(recorded.read("hashes/score.json"))
        digest = hashing.of_path(recorded.root / "metrics.json", recorded.root)
        forged["outputs"]["metrics.json"] = {"sha256": digest.sha256, "size": digest.size}
        recorded.write("hashes/score.json", json.dumps(forged, sort_keys=True, indent=2) + "\n")
        relock(recorded, "hashes/score.json")
    recorded.commit("another machine")
    result = replayed(recorded, "HEAD", code=code)
    rows = different(result)
    assert result["exit_code"] == code
    assert all(row["by_machine"] for row in rows.values())
    assert "CPU: recorded on other-" in rows["hashes/make.json"]["cause"]


def relock(recorded, path: str) -> None:
    """Let dvc.lock say of a file what is there now."""
    data = (recorded.root / path).read_bytes()
    said = rf"(- path: {re.escape(path)}\n +hash: md5\n +md5: )\w+(\n +size: )\d+"
    text, count = re.subn(said, rf"\g<1>{hashing.of_bytes(data).md5}\g<2>{len(data)}", recorded.read("dvc.lock"))
    assert count
    recorded.write("dvc.lock", text)


def test_no_object_stands_in_for_another(recorded):
    """As after `git replace`, or with a repository that a variable names."""
    recorded.edit("metrics.json", "12.0", "12.5")
    forged = recorded.commit("a better metric")
    recorded.run("git", "replace", "HEAD", "HEAD~1")
    recorded.run("git", "config", "core.useReplaceRefs", "true")
    recorded.run("git", "checkout", "--force", "--quiet", "HEAD", "--", "metrics.json")
    assert "metrics.json" in recorded.run("regrow", "verify", forged, code=2).stdout
    assert replayed(recorded, forged, code=2)["problems"]
    recorded.run("git", "replace", "--delete", "HEAD")
    other = recorded.root.parent / "other"
    recorded.run("git", "clone", "--quiet", "--no-checkout", ".", str(other))
    recorded.run("git", "--git-dir", f"{other}/.git", "update-ref", "--no-deref", "HEAD", "HEAD~1")
    done = recorded.run(
        "regrow", "verify", code=2, GIT_DIR=f"{other}/.git", GIT_OBJECT_DIRECTORY=f"{other}/.git/objects"
    )
    assert f"commit {forged[:10]} is NOT" in done.stdout
