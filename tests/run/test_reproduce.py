"""`regrow run`: what it refuses, with which exit code, and that nothing is spent or lost by that."""

import json
import re
import shutil

import pytest

from regrow.run import uncommitted

pytestmark = pytest.mark.usefixtures("warm")


def refused(recorded, code: int, *arguments: str) -> str:
    before = recorded.state()
    done = recorded.run("regrow", "run", *arguments, code=code)
    assert "Traceback" not in done.stderr
    assert recorded.state() == before
    return done.stderr


def test_an_up_to_date_tree_is_up_to_date(recorded):
    before = recorded.state()
    assert "up to date" in recorded.run("regrow", "run").stdout
    assert recorded.state() == before


def test_arguments_are_those_of_dvc_repro(recorded):
    assert "Running stage 'score'" in recorded.run("regrow", "run", "--force", "--single-item", "score").stdout


def test_plain_dvc_repro_says_in_one_line_what_a_run_ends_with_and_a_run_says_it_once(recorded):
    by_run = recorded.run("regrow", "run", "--force").stdout
    assert by_run.count("report: page.html") == 1
    by_dvc = recorded.run("dvc", "repro", "--force").stdout
    (line,) = [one for one in by_dvc.splitlines() if "report: page.html" in one]
    assert line.startswith("mean: ")
    assert line.split("; ") == [one for one in by_run.splitlines() if one.startswith(("mean: ", "report: "))]
    assert "report:" not in recorded.run("dvc", "repro", "--force", "--single-item", "make").stdout


def test_an_older_commit_is_brought_back_from_the_cache(recorded):
    now = recorded.state()
    recorded.run("git", "checkout", "--quiet", "HEAD~1")
    said = recorded.run("regrow", "run").stdout
    assert "is cached" in said
    assert "Running stage" not in said
    assert "up to date" in recorded.run("dvc", "status").stdout
    recorded.run("git", "checkout", "--quiet", "main")
    recorded.run("regrow", "run")
    assert {k: v for k, v in recorded.state().items() if not k.startswith(".git/")} == {
        k: v for k, v in now.items() if not k.startswith(".git/")
    }


OWN = """\
  log:
    cmd: echo run >> log.txt
    deps: [conf/metric/top.yaml]
    outs:
      - log.txt: {persist: true}
  parts:
    cmd: mkdir -p parts && echo one > parts/one && echo two > parts/two
    deps: [conf/metric/top.yaml]
    outs: [parts]
"""


def test_what_a_person_made_of_an_output_is_not_undone(recorded):
    """As DVC has it: a stage goes on from an output that it keeps, and one whose folder was edited runs again."""
    recorded.write("dvc.yaml", recorded.read("dvc.yaml") + OWN)
    recorded.write(".gitignore", "__pycache__/\n/log.txt\n/parts\n")
    recorded.run("regrow", "run")
    recorded.write("log.txt", "mine\n")
    recorded.write("parts/three", "three\n")
    said = recorded.run("regrow", "run").stdout
    assert "brought back" not in said
    assert recorded.read("log.txt") == "mine\nrun\n"
    assert "Stage 'parts' is cached" in said or "Running stage 'parts'" in said
    shutil.rmtree(recorded.root / "parts")
    (recorded.root / "parts").mkdir()
    assert "parts" in recorded.run("regrow", "run").stdout
    assert recorded.read("parts/one") == "one\n"


def test_what_the_cache_lacks_is_made_again(recorded):
    md5 = re.search(r"md5: (\w+)\n.*\n.*hashes/make", recorded.read("dvc.lock"))
    assert md5
    table = recorded.root / "data/table.parquet"
    told = table.read_bytes()
    table.write_bytes(b"edited")
    recorded.object(md5[1]).unlink()
    assert "Running stage 'make'" in recorded.run("regrow", "run").stdout
    assert table.read_bytes() == told


def test_dry_brings_nothing_back(recorded):
    table = recorded.root / "data/table.parquet"
    table.unlink()
    recorded.run("regrow", "run", "--dry", code=None)  # DVC misses it where another stage needs it
    assert not table.exists()


def test_other_settings_become_an_experiment_and_conf_stays(recorded):
    said = recorded.run("regrow", "run", "-j", "2", "-S", "rows=6", "--set-param", "title=six", "--name", "six").stdout
    assert "Running stage 'make'" in said
    (row,) = (row for row in json.loads(recorded.run("regrow", "ls", "--json").stdout) if row["experiment"] == "six")
    assert (row["values"]["rows"], row["values"]["title"]) == (6, "six")
    assert "identical" in recorded.run("regrow", "replay", "six", "--env", "current").stdout
    assert recorded.run("git", "diff", "--stat", "--", "conf").stdout == ""
    again = recorded.run("regrow", "run", "-S", "rows=6", "-S", "title=six", "--name", "again").stdout
    assert "Running stage 'make'" not in again
    said = recorded.run("regrow", "run", "-S", "rowz=6", code=1)
    assert "did you mean 'rows'" in said.stderr


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [("conf/config.yaml", "rows: 5", "rows: 6"), ("src/smallreplay/work.py", "start + n", "start + 2 * n")],
)
def test_an_edit_and_what_comes_of_it_are_one_commit(recorded, file, old, new):
    recorded.edit(file, old, new)
    assert "Running stage 'make'" in recorded.run("regrow", "run").stdout
    assert not (recorded.root / "hashes/not-replayable.patch").exists()
    recorded.run("git", "commit", "--quiet", "--all", "--message", "both")
    assert "is as recorded" in recorded.run("regrow", "verify").stdout
    assert "identical" in recorded.run("regrow", "replay", "HEAD", "--env", "current").stdout


def test_a_deleted_settings_file_is_an_edit(recorded):
    (recorded.root / "conf/metric/top.yaml").unlink()
    recorded.run("regrow", "run")
    recorded.run("git", "commit", "--quiet", "--all", "--message", "one option less")
    assert "is as recorded" in recorded.run("regrow", "verify").stdout


def test_notes_and_results_are_no_edits(recorded):
    recorded.write("README.md", "notes")
    recorded.write("scratch.py", "print('not imported')\n")
    (recorded.root / "metrics.json").unlink()
    recorded.run("regrow", "run")


@pytest.mark.parametrize("file", ["src/smallreplay/scratch.py", "src/smallreplay/.work.py.swp", "conf/notes.txt"])
def test_a_file_that_only_changes_what_the_compile_stage_reads(recorded, file):
    """DVC hashes both folders whole: with the file in it, dvc.lock would not be what a clone of the commit gives."""
    recorded.write(file, "print('not imported')\n")
    said = refused(recorded, 5)
    assert f"{file}: is not in Git" in said
    assert "or name it in .dvcignore" in said
    recorded.write(".dvcignore", f"__pycache__\n{file}\n")
    recorded.run("git", "add", ".dvcignore")
    recorded.run("regrow", "run")
    recorded.run("git", "commit", "--quiet", "--all", "--message", "ignored")
    assert "is as recorded" in recorded.run("regrow", "verify").stdout


def test_an_untracked_module_that_a_stage_imports(recorded):
    recorded.write("src/smallreplay/helper.py", "STEP = 1\n")
    recorded.edit("src/smallreplay/work.py", "import pandas as pd", "import pandas as pd\n\nfrom .helper import STEP")
    recorded.edit("src/smallreplay/work.py", "start + n", "start + STEP * n")
    said = refused(recorded, 5)
    assert "src/smallreplay/helper.py: is not in Git" in said
    assert "git add src/smallreplay/helper.py" in said
    recorded.run("regrow", "run", "--allow-dirty")
    assert "STEP = 1" in recorded.read("hashes/not-replayable.patch")
    recorded.run("git", "add", "src/smallreplay/helper.py")
    recorded.run("regrow", "run", "--force")
    assert not (recorded.root / "hashes/not-replayable.patch").exists()


def ignored_module(recorded):
    recorded.write(".gitignore", "helper.py\n")
    recorded.write("src/smallreplay/helper.py", "STEP = 1\n")
    recorded.edit("src/smallreplay/work.py", "import pandas", "from smallreplay import helper\nimport pandas")
    return "src/smallreplay/helper.py: is ignored by Git"


def module_named_by_a_component(recorded):
    recorded.write("src/smallreplay/sub/__init__.py", "")
    recorded.write("src/smallreplay/sub/means.py", "def mean(settings):\n    return lambda column: 1.0\n")
    recorded.edit("src/smallreplay/plugin.py", "smallreplay.parts:mean", "smallreplay.sub.means:mean")
    return "src/smallreplay/sub/__init__.py: is not in Git"


def settings_file(recorded):
    recorded.write("conf/metric/low.yaml", "use: mean\n")
    return "conf/metric/low.yaml: is not in Git"


def input_of_a_stage_written_by_hand(recorded):
    recorded.write("notes/words.txt", "one\n")
    recorded.write(".gitignore", "*.txt\n")
    stage = "  own:\n    cmd: cp notes/words.txt own.out\n    deps: [notes]\n    outs: [own.out]\n"
    recorded.write("dvc.yaml", recorded.read("dvc.yaml") + stage)
    return "notes/words.txt: is ignored by Git"


def script_of_a_stage_written_by_hand(recorded):
    recorded.write("tool/own.py", "import part\n")
    recorded.write("tool/part.py", "open('own.out', 'w').write('1')\n")
    recorded.run("git", "add", "tool/own.py")
    stage = "  own:\n    cmd: python tool/own.py\n    deps: [tool/own.py]\n    outs: [own.out]\n"
    recorded.write("dvc.yaml", recorded.read("dvc.yaml") + stage)
    return "tool/part.py: is not in Git"


def edit_that_git_overlooks(recorded):
    recorded.run("git", "update-index", "--assume-unchanged", "conf/config.yaml")
    recorded.edit("conf/config.yaml", "rows: 5", "rows: 6")
    return "conf/config.yaml: is edited, and Git is told to overlook that"


def line_ends_that_git_converts(recorded):
    recorded.write(".gitattributes", "*.yaml text eol=lf\n")
    (recorded.root / "conf/metric/top.yaml").write_bytes(b"use: top\r\nby: 3\r\n")
    return "conf/metric/top.yaml: is converted by Git"


def wheel_that_the_lock_pins(recorded):
    version = __import__("pandas").__version__
    recorded.write("requirements.lock", f"pandas=={version}\n")
    recorded.write("vendor/.gitignore", "*\n")
    recorded.write(f"vendor/pandas-{version}-py3-none-any.whl", "")
    return f"vendor/pandas-{version}-py3-none-any.whl: is ignored by Git"


UNHELD = [ignored_module, module_named_by_a_component, settings_file, input_of_a_stage_written_by_hand]
UNHELD += [script_of_a_stage_written_by_hand, edit_that_git_overlooks, line_ends_that_git_converts]
UNHELD += [wheel_that_the_lock_pins]


@pytest.mark.parametrize("write", UNHELD)
def test_what_no_commit_could_hold_is_named_before_anything_runs(recorded, monkeypatch, write):
    monkeypatch.chdir(recorded.root)
    said = write(recorded)
    found = [str(problem) for problem in uncommitted.problems(recorded.project)]
    assert any(one.startswith(said) for one in found), found


def test_other_packages_than_locked(recorded):
    recorded.write("requirements.lock", "pandas==1.0\n")
    recorded.commit("another lock")
    said = refused(recorded, 4)
    assert "pandas: locked 1.0, here" in said
    assert "make setup" in said


def test_a_pipeline_of_another_shape(recorded):
    recorded.edit("src/smallreplay/plugin.py", 'params=["metric", "title"]', 'params=["metric", "title", "seed"]')
    recorded.edit("src/smallreplay/settings.py", "    title: str", "    title: str\n    seed: int = 0")
    recorded.commit("not compiled")
    assert "regrow compile" in refused(recorded, 1)


def test_another_shape_after_a_run_is_told_by_the_compile_stage(recorded):
    recorded.run("regrow", "run")
    recorded.edit("src/smallreplay/plugin.py", 'params=["metric", "title"]', 'params=["metric", "title", "seed"]')
    recorded.edit("src/smallreplay/settings.py", "    title: str", "    title: str\n    seed: int = 0")
    recorded.commit("not compiled")
    assert "regrow compile" in refused(recorded, 1)


def test_settings_that_were_not_composed_again_are_composed(recorded):
    recorded.edit("conf/config.yaml", "rows: 5", "rows: 6")
    recorded.commit("not compiled")
    recorded.edit("params.yaml", "rows: 5", "rows: 9")
    assert "rows: 9, now 6" in recorded.run("regrow", "run").stderr
    assert "rows: 6" in recorded.read("params.yaml")


def test_a_stages_own_exit_code_comes_through(recorded):
    recorded.write("requirements.lock", f"pandas=={__import__('pandas').__version__}\n")
    recorded.reproduce("a lock")
    recorded.edit("fingerprints/make.lock", "package pandas ", "package pandas 1")
    (recorded.root / "data/table.parquet").unlink()
    done = recorded.run("regrow", "stage", "make", code=4)
    assert "package pandas" in done.stderr


def test_data_that_is_gone_is_told_before_dvc_writes_its_loss_down(recorded):
    """As `dvc repro` would do: then the next thing to commit were a .dvc file without it."""
    for name in "abcdü":
        recorded.write(f"data/raw/more/{name}.txt", name)
    recorded.run("dvc", "add", "--quiet", "data/raw")
    recorded.commit("more")
    before = recorded.read("data/raw.dvc")
    (recorded.root / "data/raw/more/a.txt").unlink()
    said = recorded.run("regrow", "run", code=3).stderr
    assert "data/raw: lacks more/a.txt, which its .dvc file says is there" in said
    assert "dvc checkout data/raw " in said
    assert "dvc add data/raw\n" in said
    assert recorded.read("data/raw.dvc") == before
    recorded.run("dvc", "checkout", "data/raw")
    assert recorded.read("data/raw/more/a.txt") == "a"
    shutil.rmtree(recorded.root / "data/raw/more")
    assert "more/c.txt and 2 more" in recorded.run("regrow", "run", "--allow-dirty", code=3).stderr
    listing = recorded.object(before.split("md5: ")[1].split()[0])
    kept = listing.read_bytes()
    listing.unlink()
    assert "data/raw: has 5 files less than" in recorded.run("regrow", "run", code=3).stderr
    listing.write_bytes(kept)
    shutil.rmtree(recorded.root / "data/raw")
    assert "data/raw: is gone" in recorded.run("regrow", "run", code=3).stderr
