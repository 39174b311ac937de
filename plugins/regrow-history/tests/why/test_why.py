"""Why a metric changed: every mixture of two commits is run, and contributions sum to the change."""

import json
from fractions import Fraction
from itertools import combinations

import pytest
from shapley_by_formula import by_formula

FACTORS = ("data", "settings", "code")
CODE = "float(column.mean())", "float(column.mean() ** 2 - column.max())"


def change(repository, factor: str) -> None:
    """What the new commit has in place of the old one's."""
    if factor == "data":
        repository.write("data/raw/x.txt", "7\n")
        repository.run("dvc", "add", "--quiet", "data/raw")
    elif factor == "settings":
        repository.edit("conf/config.yaml", "first: {use: add, by: 1}", "first: {use: add, by: 4}")
    else:
        repository.edit(repository.code("parts"), *CODE)


def why(repository, *arguments: str, code: int = 0):
    done = repository.run("regrow", "why", *arguments, "--env", "current", code=code)
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def changed(recorded):
    """HEAD~1 and HEAD differ in data, a setting and code."""
    for factor in FACTORS:
        change(recorded, factor)
    recorded.write("README.md", "no factor")
    recorded.reproduce("all of it")
    return recorded


def brute_force(repository) -> dict:
    """Each combination by hand, in the tree, as a user would: edit, compile, dvc repro."""
    found = {}
    for size in range(len(FACTORS) + 1):
        for chosen in combinations(FACTORS, size):
            repository.run("git", "checkout", "--quiet", "--force", "HEAD~1")
            repository.run("dvc", "checkout", "--quiet", "--force")
            for factor in chosen:
                change(repository, factor)
            repository.run("regrow", "compile")
            repository.run("dvc", "repro", "--quiet")
            found[frozenset(chosen)] = json.loads(repository.read("metrics.json"))["mean"]
            repository.run("git", "checkout", "--quiet", "--force", "main")
    return found


@pytest.mark.timeout(3600)  # 24 mixtures, each compiled and run: four minutes alone, far more beside other tests
def test_data_a_setting_and_code_sum_to_the_change_and_equal_brute_force(changed):
    before = changed.state()
    told = json.loads(why(changed, "HEAD~1", "HEAD", "--json").stdout)
    assert changed.state() == before
    assert told["factors"] == list(FACTORS)
    metric = told["metrics"]["mean"]
    parts = {tuple(one["factors"]): Fraction(one["exact"]) for one in metric["contributions"]}
    assert sum(parts.values()) == Fraction(metric["exact"]) == Fraction(metric["new"]) - Fraction(metric["old"])
    by_hand = brute_force(changed)
    assert {frozenset(one["new"]): one["metrics"]["mean"] for one in told["combinations"]} == by_hand
    assert len(set(by_hand.values())) == 8
    assert parts == by_formula(by_hand, FACTORS)
    text = why(changed, "HEAD~1", "--order", "code,data,settings").stdout
    assert "in the order code, data, settings" in text
    first = by_hand[frozenset({"code"})] - by_hand[frozenset()]
    assert f"{first:+.4g}" in next(line for line in text.splitlines() if line.startswith("  code"))


def test_a_combination_that_cannot_be_run_is_named(recorded):
    recorded.edit(recorded.code("settings"), "    by: int = Field(ge=0, le=9)", "    by: int = Field(ge=0, le=99)")
    recorded.edit("conf/config.yaml", "second: {use: times, by: 2}", "second: {use: times, by: 50}")
    recorded.reproduce("a setting that the old code refuses")
    text = why(recorded, "HEAD~1").stdout
    assert "not run: new settings; old code: it does not compile: " in text
    assert "less than or equal to 9" in text
    rows = [line.split()[0] for line in text.splitlines() if line.startswith("  ")]
    assert rows == ["settings", "code", "change"], text


def test_what_is_the_same_is_said_and_what_is_not_there_is_refused(recorded):
    recorded.write("notes.md", "no factor")
    recorded.commit("notes")
    assert "are the same in both" in why(recorded, "HEAD~1").stdout
    assert "has to name what differs" in why(recorded, "HEAD~2", "--order", "data", code=1).stderr
    assert "no metric 'gain'" in why(recorded, "HEAD~2", "--metric", "gain", code=1).stderr
