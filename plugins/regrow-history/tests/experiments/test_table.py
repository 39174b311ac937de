"""Experiments as a table, read from Git's objects."""

import json
import re
import subprocess
from itertools import pairwise

import pytest
from tests.repository import Repository

from regrow.base.errors import RegrowError
from regrow.plugin.project import open_project
from regrow.tools import git
from regrow_history.cli.experiments import show
from regrow_history.experiments import cache
from regrow_history.experiments import table as leaderboard
from regrow_history.experiments.page import page


def remember(project: Repository, *experiments: tuple[str, str, str]) -> str:
    """Experiments (name, params.yaml, metrics.json) of HEAD, as `dvc exp run` leaves them; the commit."""
    head = project.run("git", "rev-parse", "HEAD").stdout.strip()
    text = ""
    for name, params, metrics in experiments:
        text += f"commit refs/exps/{head[:2]}/{head[2:]}/{name}\n"
        text += f"committer T <t@e> 1700000000 +0000\ndata 1\nx\nfrom {head}\n"
        for path, content in (("params.yaml", params), ("metrics.json", metrics)):
            text += f"M 100644 inline {path}\ndata {len(content.encode())}\n{content}\n"
        text += "D dvc.lock\n"  # which would say that HEAD's settings made these metrics
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=project.root, env=project.environment, input=text.encode(), check=True
    )
    return head


@pytest.fixture
def three(recorded) -> Repository:
    """HEAD has rows 5 and mean 12."""
    params = recorded.read("params.yaml")
    remember(
        recorded,
        ("ab-1", params.replace("rows: 5", "rows: 7"), '{"mean": 14.5, "loss": 3}'),
        ("cd-2", params.replace("seed: 1", "seed: 2"), '{"mean": 9.25, "loss": 1}'),
        ("ef-3", params.replace("title: a title", "title: {x: &a 1, y: *a}"), '{"mean": 11, "loss": 2}'),
    )
    return recorded


def names_of(table: leaderboard.Table) -> list[str]:
    return [row.name for row in table.rows]


def listed(project: Repository, *arguments: str) -> list[dict]:
    return json.loads(project.run("regrow", "experiments", "--json", *arguments).stdout)


def test_all_of_head_and_head_itself(three):
    table = leaderboard.read(open_project(three.root))
    assert names_of(table) == ["", "ab-1", "cd-2", "ef-3"]
    assert [row.values["mean"] for row in table.rows] == [12, 14.5, 9.25, 11]
    assert table.varying() == ["mean", "loss", "seed", "rows", "title", "title.x", "title.y"]
    assert table.rows[3].values["title.y"] == 1


def test_what_dvc_made_is_there_too(recorded):
    recorded.run("dvc", "exp", "run", "--quiet", "--name", "real", "-S", "rows=6")
    (real, _) = listed(recorded)
    assert real["experiment"] == "real"
    assert real["values"]["rows"] == 6
    assert real["values"]["mean"] == 13


def test_those_of_another_commit(three):
    three.commit("further")
    assert names_of(leaderboard.read(open_project(three.root))) == [""]
    assert len(listed(three, "HEAD~1")) == 4
    assert len(listed(three, "--all")) == 3


@pytest.mark.parametrize(
    ("by", "order", "found"),
    [
        ("mean", "", ["ab-1", "", "ef-3", "cd-2"]),
        ("mean", "asc", ["cd-2", "ef-3", "", "ab-1"]),
        ("loss", "asc", ["cd-2", "ef-3", "ab-1", ""]),
        ("loss", "", ["ab-1", "ef-3", "cd-2", ""]),
        ("loss", "desc", ["ab-1", "ef-3", "cd-2", ""]),
    ],
)
def test_the_best_come_first_and_nothing_last(three, by, order, found):
    table = leaderboard.read(open_project(three.root))
    assert names_of(leaderboard.select(table, [], by, order, 0)) == found
    assert names_of(leaderboard.select(table, [], by, order, 2)) == found[:2]


def test_without_a_word_the_leading_metric_ranks_them(three):
    assert [row["experiment"] for row in listed(three)] == ["ab-1", "", "ef-3", "cd-2"]
    assert [row["experiment"] for row in listed(three, "--best", "1")] == ["ab-1"]
    assert [row["experiment"] for row in listed(three, "--sort-order", "asc", "--best", "1")] == ["cd-2"]


@pytest.mark.parametrize(
    ("metrics", "declared", "found"),
    [
        (["mean", "loss"], [], "mean"),
        (["mean", "loss"], ["loss", "mean"], "loss"),
        (["baseline.loss", "loss", "mean"], ["loss"], "loss"),
        (["drift.mean", "metrics.baseline.loss", "metrics.loss"], ["loss"], "metrics.loss"),
        (["mean"], ["auc"], "mean"),
        ([], ["auc"], ""),
    ],
)
def test_the_leading_metric_is_the_first_that_the_record_names(metrics, declared, found):
    assert leaderboard.Table([], metrics, [], dict.fromkeys(declared, "")).leading() == found


def test_no_metric_ranks_nothing(recorded):
    metrics = "      - metrics.json:\n          cache: false\n"
    recorded.edit("dvc.yaml", f"    metrics:\n{metrics}    outs:\n", f"    outs:\n{metrics}")
    recorded.commit("no metrics")
    assert "no metric to rank by" in recorded.run("regrow", "ls", "--best", "3", code=1).stderr
    assert [row["experiment"] for row in listed(recorded)] == [""]


def test_those_that_failed_are_listed_on_demand_with_the_reason(three):
    head = three.run("git", "rev-parse", "HEAD").stdout.strip()
    params = three.read("params.yaml").replace("rows: 5", "rows: 13")
    message = "regrow sweep: rows=13\n\nstage make: no luck\n    today"
    text = f"commit refs/regrow/failed/{head[:2]}/{head[2:]}/ab-2\ncommitter T <t@e> 1700000000 +0000\n"
    text += f"data {len(message)}\n{message}\nfrom {head}\nM 100644 inline params.yaml\ndata {len(params)}\n{params}\n"
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=three.root, env=three.environment, input=text.encode(), check=True
    )
    assert len(listed(three)) == 4
    *others, last = listed(three, "--failed")
    assert len(others) == 4
    assert all("failed" not in row for row in others)
    assert last["experiment"] == "ab-2"
    assert last["failed"] == "stage make: no luck\n    today"
    assert last["values"]["rows"] == 13
    assert "mean" not in last["values"], "the commit has the metrics of the one that it began from"
    said = three.run("regrow", "ls", "--failed").stdout
    assert "ab-2 (failed)" in said
    assert "stage make: no luck" in said
    lines = three.run("regrow", "ls", "--failed", "--csv", "--columns", "rows").stdout.splitlines()
    assert lines[0] == "experiment,commit,base,failed,rows"


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        (["mean > 11"], ["", "ab-1"]),
        (["mean >= 11", "loss<3"], ["ef-3"]),
        (["rows == 7"], ["ab-1"]),
        (["rows != 5"], ["ab-1"]),
        (["title ~ tit"], ["", "ab-1", "cd-2"]),
        (["metric.use = mean"], ["", "ab-1", "cd-2", "ef-3"]),
        (["title > 3"], []),
    ],
)
def test_conditions(three, conditions, found):
    assert names_of(leaderboard.select(leaderboard.read(open_project(three.root)), conditions, "", "", 0)) == found


@pytest.mark.parametrize(("better", "first"), [("lower", "b"), ("higher", "a"), ("", "a")])
def test_the_best_are_first_as_declared_whatever_the_name(better, first):
    rows = [leaderboard.Row(name, "c", "b", {"ece": value}) for name, value in (("a", 2), ("b", 1))]
    table = leaderboard.Table(rows, ["ece"], [], {"ece": better} if better else {})
    assert leaderboard.select(table, [], "ece", "", 0).rows[0].name == first


def test_directions_are_those_that_the_record_of_the_commit_holds(recorded):
    record = json.loads(recorded.read("hashes/score.json"))
    recorded.write("hashes/score.json", json.dumps({**record, "better": [["mean", "lower"]]}))
    recorded.commit("declared")
    remember(recorded, ("ab-1", recorded.read("params.yaml"), '{"mean": 14}'))
    assert [row["experiment"] for row in listed(recorded)] == ["", "ab-1"]
    assert "which way" not in recorded.run("regrow", "ls").stderr


def test_nobody_declared_which_way_is_better(three):
    assert "which way mean is better" in three.run("regrow", "ls").stderr
    assert "which way" not in three.run("regrow", "ls", "--sort-order", "asc").stderr


def test_metrics_of_other_settings_are_left_out(recorded):
    recorded.edit("params.yaml", "rows: 5", "rows: 7")
    recorded.commit("settings of a run that failed")
    (row,) = listed(recorded)
    assert row["values"]["rows"] == 7
    assert "mean" not in row["values"]
    assert "made by other settings" in recorded.run("regrow", "ls").stdout


def test_a_bare_name_is_the_main_files():
    table = leaderboard.Table([], ["auc", "drift.auc", "drift.shift"], [])
    assert table.column("auc") == "auc"
    assert table.column("shift") == "drift.shift"


def test_text_fits_the_terminal_and_shows_spread_in_place_of_folds(capsys):
    metrics = [f"metric_{number}" for number in range(9)]
    values = [dict.fromkeys(metrics, one + 0.5) | {f"folds.{metrics[0]}.std": 0.25, "folds.metric_0.1": one,
              "baseline.metric_0": one, "model.C": one} for one in (1, 2)]  # fmt: skip
    rows = [leaderboard.Row(f"e{number}", "c" * 40, "b", one) for number, one in enumerate(values)]
    known = [name for name in values[0] if name != "model.C"]
    show(leaderboard.Table(rows, known, ["model.C"]), None, "metric_0")
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split()[:3] == ["experiment", "commit", "metric_0"]
    assert "model.C" in lines[0]
    assert "1.5 ± 0.25" in lines[1]
    assert "folds" not in lines[0]
    assert "baseline" not in lines[0]
    assert "more: --columns" in lines[-1]


def test_the_end_of_a_name_is_enough_if_it_is_one(three):
    table = leaderboard.read(open_project(three.root))
    assert table.column("first.by") == "steps.first.by"
    with pytest.raises(RegrowError, match=r"may be .*steps.first.by.*steps.second.by"):
        table.column("by")
    with pytest.raises(RegrowError, match="did you mean 'mean'"):
        table.column("maen")


def test_what_is_wrong_is_said(three):
    assert "is not a condition" in three.run("regrow", "ls", "--filter", "mean", code=1).stderr
    none = three.run("regrow", "ls", "--all", "--filter", "rows > 99", "--sort-by", "nothing", code=1).stderr
    assert "there is none called" in none
    assert "nowhere is not a commit" in three.run("regrow", "ls", "nowhere", code=1).stderr


def test_text_and_csv(three):
    lines = three.run("regrow", "ls", "--sort-by", "mean", "--columns", "mean,rows").stdout.splitlines()
    assert lines[0].split() == ["experiment", "commit", "mean", "rows"]
    assert lines[1].split()[2:] == ["14.5", "7"]
    assert lines[2].startswith("-  ")
    text = three.run("regrow", "experiments", "--csv", "--columns", "mean").stdout.splitlines()
    assert text[0] == "experiment,commit,base,mean"
    assert len(text) == 5


def test_one_damaged_experiment_is_not_the_others(three):
    remember(three, ("gh-4", "a: [\n", "{"))
    table = leaderboard.read(open_project(three.root))
    assert table.rows[-1].values == {}
    assert table.rows[1].values["rows"] == 7


def test_a_name_drives_no_terminal(three):
    params = three.read("params.yaml").replace("title: a title", 'title: "\\e[31m<b>&"')
    remember(three, ("x", params, "{}"))
    assert "\x1b" not in three.run("regrow", "ls", "--columns", "title").stdout
    text = page(leaderboard.read(open_project(three.root)), ["title", "mean"])
    assert "<b>&" not in text


def test_the_page_has_a_line_for_each_and_asks_nobody(three, tmp_path):
    three.run("regrow", "ls", "--html", str(tmp_path / "page.html"))
    text = (tmp_path / "page.html").read_text()
    assert text.count("<polyline") == 4
    assert "ab-1" in text
    assert "://" not in text
    assert "nan" not in text.lower().replace("names", "")


def test_names_above_neighbouring_axes_do_not_overlap():
    names = [f"metrics.a_rather_long_name_of_a_metric_{number}" for number in range(14)]
    rows = [leaderboard.Row(f"e{one}", "c", "b", dict.fromkeys(names, one)) for one in (1, 2)]
    text = page(leaderboard.Table(rows, names, []), names)
    told = re.findall(r'<text x="([\d.]+)" y="(\d+)" text-anchor="\w+" font-weight="bold">([^<]+)<title>([^<]+)', text)
    assert [full for *_, full in told] == [*names[1:], names[0]]  # what ranks comes last
    lines = [line for _, line, *_ in told]
    assert all(one != other for one, other in pairwise(lines))
    assert lines[0] != lines[2]
    assert all(len(short) <= 34 and full.endswith(short[1:]) for *_, short, full in told)


def test_the_page_says_what_is_best_and_leaves_single_folds_out():
    rows = [
        leaderboard.Row("one", "c1", "b", {"mae": 3.0, "folds.mae.std": 0.1, "model.depth": 2}),
        leaderboard.Row("two", "c2", "b", {"mae": 1.5, "folds.mae.std": 0.2, "model.depth": 8}),
    ]
    table = leaderboard.Table(rows, ["mae", "folds.mae.std"], ["model.depth"], {"mae": "lower"})
    text = page(table, ["mae", "folds.mae.std", "model.depth"])
    assert "The best by <b>mae</b> (lower is better) is <b>two</b>." in text
    assert re.findall(r'font-weight="bold">[^<]+<title>([^<]+)', text) == ["model.depth", "mae"]
    assert re.findall(r'<tr data-row="(\w+)" class="best">', text) == ["c2"]
    values = json.loads(re.search(r'id="values">(.*?)</script>', text)[1])
    assert values == [["mae", "model.depth"], ["3", "2"], ["1.5", "8"]]


def test_what_was_read_once_is_not_read_again(three, monkeypatch):
    project = open_project(three.root)
    before = leaderboard.read(project)
    asked: list[str] = []
    texts = git.texts
    monkeypatch.setattr(git, "texts", lambda root, objects: asked.extend(objects) or texts(root, objects))
    assert leaderboard.read(project) == before
    assert asked == []
    remember(three, ("gh-4", three.read("params.yaml"), '{"mean": 1}'))
    assert names_of(leaderboard.read(project)) == [*names_of(before), "gh-4"]
    assert len(asked) == 3
    three.run("git", "update-ref", "-d", f"refs/exps/{before.rows[0].commit[:2]}/{before.rows[0].commit[2:]}/ab-1")
    assert names_of(leaderboard.read(project)) == ["", "cd-2", "ef-3", "gh-4"]


@pytest.mark.parametrize("damage", ["{", "[]", '{"version": "0"}', '{"version": "0.1.0", "values": {"a": 1}}'])
def test_damaged_notes_are_let_be(three, damage):
    project = open_project(three.root)
    before = leaderboard.read(project)
    three.write(cache.FILE, damage)
    assert leaderboard.read(project) == before
