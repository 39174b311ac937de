"""`regrow run`: what it refuses, with which exit code, and that nothing is spent or lost by that."""

import json
import re
import shutil

import pytest

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


def test_an_older_commit_is_brought_back_from_the_cache(recorded):
    now = recorded.state()
    recorded.run("git", "checkout", "--quiet", "HEAD~1")
    said = recorded.run("regrow", "run").stdout
    assert "brought back" in said
    assert "Running stage" not in said
    assert "up to date" in recorded.run("dvc", "status").stdout
    recorded.run("git", "checkout", "--quiet", "main")
    recorded.run("regrow", "run")
    assert {k: v for k, v in recorded.state().items() if not k.startswith(".git/")} == {
        k: v for k, v in now.items() if not k.startswith(".git/")
    }


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
    said = recorded.run("regrow", "run", "-S", "rowz=6", code=255)
    assert "rows" in said.stderr


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [("conf/config.yaml", "rows: 5", "rows: 6"), ("src/smallreplay/work.py", "start + n", "start + 2 * n")],
)
def test_edits_that_no_commit_holds(recorded, file, old, new):
    recorded.edit(file, old, new)
    said = refused(recorded, 5)
    assert f"{file}: has changes that no commit holds" in said
    assert "git commit" in said
    recorded.commit("now it does")
    assert "Running stage 'make'" in recorded.run("regrow", "run").stdout


def test_a_file_that_went(recorded):
    (recorded.root / "conf/metric/top.yaml").unlink()
    assert "conf/metric/top.yaml: is gone" in refused(recorded, 5)


def test_notes_and_results_are_no_edits(recorded):
    recorded.write("README.md", "notes")
    recorded.write("src/smallreplay/scratch.py", "print('not imported')\n")
    (recorded.root / "metrics.json").unlink()
    recorded.run("regrow", "run")


def test_an_untracked_module_that_a_stage_imports(recorded):
    recorded.write("src/smallreplay/helper.py", "STEP = 1\n")
    recorded.edit("src/smallreplay/work.py", "import pandas as pd", "import pandas as pd\n\nfrom .helper import STEP")
    recorded.edit("src/smallreplay/work.py", "start + n", "start + STEP * n")
    recorded.run("regrow", "compile")
    recorded.run("git", "add", "src/smallreplay/work.py", "fingerprints")
    recorded.run("git", "commit", "--quiet", "--message", "its helper was forgotten")
    assert "src/smallreplay/helper.py: is in no commit" in refused(recorded, 5)
    recorded.run("regrow", "run", "--allow-dirty")
    assert "STEP = 1" in recorded.read("hashes/not-replayable.patch")
    recorded.commit("all of it")
    recorded.run("regrow", "run", "--force")
    assert not (recorded.root / "hashes/not-replayable.patch").exists()


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
    recorded.run("dvc", "checkout", "data/raw")
    (recorded.root / "data/raw/more/a.txt").unlink()
    recorded.run("dvc", "repro", "--quiet")
    back = "git checkout HEAD -- data/raw.dvc && dvc checkout data/raw.dvc"
    assert back in recorded.run("regrow", "run", code=5).stderr
