"""Two runs in one tree: one goes on as if alone, the other says who holds it. In trees of their own none disturbs."""

import re

import pytest
from tests.faults.conftest import LONG
from tests.faults.test_killed_runs import before as before
from tests.faults.test_killed_runs import results
from tests.faults.test_killed_runs import undisturbed as undisturbed
from tests.faults.world import copy, hold_up, left_in, processes_in, start, wait_for

RUN, REPRO = ("regrow", "run"), ("dvc", "repro")


PAIRS = [(RUN, RUN), (REPRO, RUN), (RUN, REPRO)]


@pytest.mark.parametrize(("first", "second"), PAIRS if LONG else PAIRS[1:2], ids=" ".join)
def test_the_second_says_who_holds_the_tree(before, tmp_path, first, second):
    project = copy(before, tmp_path)
    marker = tmp_path / "hold"
    marker.touch()
    hold_up(project, marker)
    project.run("regrow", "compile")
    project.commit("it waits")
    one = start(project, *first)
    # by itself, or forked of the warm server
    wait_for(lambda: any(re.search("stage make|regrow.warm", said) for said in processes_in(project.root).values()))
    known = processes_in(project.root)
    two = project.run(*second, code=None)
    marker.unlink()
    assert one.wait() == 0
    assert two.returncode == (6 if second == RUN else 255), two.stdout + two.stderr
    assert any(str(number) in two.stderr for number in known), two.stderr
    assert not left_in(project.root)
    project.run("regrow", "run")
    assert "up to date" in project.run("dvc", "status").stdout


@pytest.mark.parametrize("number", range(50 if LONG else 1))
def test_started_together(before, undisturbed, tmp_path, number):
    project = copy(before, tmp_path)
    commands = [RUN, (RUN, REPRO)[number % 2]]
    codes = [process.wait() for process in [start(project, *command) for command in commands]]
    assert 0 in codes
    assert set(codes) <= {0, 6, 255}
    assert commands[1] == REPRO or 255 not in codes
    assert results(project) == undisturbed[0]
    assert not left_in(project.root)


def test_in_trees_of_their_own(before, undisturbed, tmp_path):
    projects = []
    for number in range(20 if LONG else 3):
        (tmp_path / str(number)).mkdir()
        projects.append(copy(before, tmp_path / str(number), REGROW_HOME=str(tmp_path / "home")))
    processes = [start(project, *RUN) for project in projects]
    assert {process.wait() for process in processes} == {0}
    for project in projects:
        assert results(project) == undisturbed[0]
        assert not left_in(project.root)
