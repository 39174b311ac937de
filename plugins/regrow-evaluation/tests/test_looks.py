"""How often the held-out rows were looked at, and what that does to intervals."""

import subprocess

import numpy as np
import pytest
from pydantic import ValidationError

from regrow_evaluation import looks
from regrow_evaluation.evaluate import evaluate
from regrow_evaluation.resampling import interval
from regrow_evaluation.settings import Champion, Intervals
from regrow_evaluation.settings_file import with_key

PYPROJECT = '[tool.regrow]\nplugins = ["data", "experiment", "evaluation"]\n'
LOCK = """\
schema: '2.0'
stages:
  ingest:
    outs: [{{path: data/table.parquet, md5: {table}}}]
  split:
    outs: [{{path: data/split.parquet, md5: s1}}]
  train:
    outs: [{{path: data/predictions.parquet, md5: {predictions}}}]
"""


@pytest.fixture
def history(tmp_path):
    """A repository; `commit(predictions)` records an experiment."""

    def git(*arguments):
        who = ["-c", "user.name=T", "-c", "user.email=t@e"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    def record(predictions, table="t1"):
        (tmp_path / "dvc.lock").write_text(LOCK.format(predictions=predictions, table=table))

    def commit(predictions, table="t1"):
        record(predictions, table)
        git("add", "--all")
        git("commit", "--quiet", "--allow-empty", "--message", predictions)

    git("init", "--quiet", "--initial-branch=main")
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    (tmp_path / "params.yaml").write_text("evaluation: {intervals: {looks: 2}}\n")
    return tmp_path, git, commit, record


def counted(folder):
    from regrow.plugin.project import open_project

    return looks.counted(open_project(folder))


def test_distinct_experiments_on_the_same_rows_are_counted_wherever_a_ref_reaches(history):
    folder, git, commit, record = history
    commit("p1")
    commit("p2")
    commit("p1")  # the same predictions again are no other look
    git("checkout", "--quiet", "-b", "side")
    commit("p3")
    git("update-ref", "refs/exps/ab/cd/good-name", "HEAD")
    git("checkout", "--quiet", "main")
    git("branch", "--quiet", "-D", "side")
    commit("p4", table="t2")  # other rows
    commit("p1")
    record("p5")  # scored, and not committed yet
    found = counted(folder)
    assert (found.count, found.allowed) == (4, 2)
    assert found.warning.startswith("4 experiments were scored on these held-out rows; the intervals allow for 2")
    record("p6", table="t9")
    assert counted(folder).count == 1
    assert counted(folder).warning == ""


def test_more_looks_widen_every_interval(binary, settings):
    rows = binary(600)
    made = {}
    for count in (1, 20):
        given = settings("binary", {"roc_auc": {"use": "roc_auc"}, "log_loss": {"use": "log_loss"}})
        given.evaluation.intervals.__dict__["looks"] = count
        made[count] = evaluate(rows, given)["metrics"]
    assert "looks" not in made[1]
    assert made[20]["looks"] == 20
    for key in ("roc_auc", "log_loss"):
        one, many = (made[count]["intervals"][key] for count in (1, 20))
        wider = (many["high"] - many["low"]) / (one["high"] - one["low"])
        assert 1.3 < wider < 1.9, key  # 3.02 / 1.96 of a normal distribution is 1.54
        assert made[1][key] == made[20][key]


def test_twenty_looks_hold_together_as_often_as_one():
    """Of twenty means of nothing, the best is called better than nothing in 5 % of the tries, and not in 64 %."""
    rng, alone, together = np.random.default_rng(0), 0, 0
    for _ in range(200):
        drawn = rng.normal(size=(20, 1)) + rng.normal(size=(20, 500))
        alone += any(interval(one, 0.95)[0] > 0 for one in drawn)
        together += any(interval(one, looks.confidence(0.95, 20))[0] > 0 for one in drawn)
    assert alone / 200 > 0.3
    assert together / 200 < 0.06


def test_a_setting_is_written_into_its_file_and_comments_stay():
    text = "metrics:\n  mae: {use: mae}\nintervals:  # how sure\n  rounds: 500\n  looks: 1  # so many\n"
    text += "champion: null  # who\n"
    assert with_key(text, ["intervals", "looks"], "7").splitlines()[4] == "  looks: 7  # so many"
    assert with_key(text, ["champion"], "{commit: a}").splitlines()[5] == "champion: {commit: a}  # who"
    without = text.replace("  looks: 1  # so many\n", "")
    assert "  rounds: 500\n  looks: 7\nchampion" in with_key(without, ["intervals", "looks"], "7")
    assert with_key("metrics: 1\n", ["intervals", "looks"], "7") == "metrics: 1\nintervals:\n  looks: 7\n"


def test_a_champion_is_pinned_or_refused(examining):
    with pytest.raises(ValidationError, match="regrow champion main writes its commit and hash"):
        examining("binary", {}, champion="main")
    pinned = {"commit": "a" * 40, "md5": "b" * 32}
    assert examining("binary", {}, champion=pinned).evaluation.champion == Champion(**pinned)
    assert Intervals().looks == 1


def test_another_file_than_the_pinned_one_is_refused(tmp_path, binary):
    from regrow import RegrowError
    from regrow.artifacts import table
    from regrow.base import hashing
    from regrow_evaluation.champion_file import predictions

    file = tmp_path / "champion.parquet"
    table.write(binary(50), file)
    md5 = hashing.of_path(file, tmp_path).md5
    assert len(predictions(file, Champion(commit="a" * 40, md5=md5))) == 50
    with pytest.raises(RegrowError, match="is pinned"):
        predictions(file, Champion(commit="a" * 40, md5="0" * 32))
    with pytest.raises(RegrowError, match="there is no source 'champion' with the predictions of aaaaaaaaaa"):
        predictions(None, Champion(commit="a" * 40, md5=md5))
