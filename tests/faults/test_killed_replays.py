"""kill -9 in the middle of a replay: all is as before, nothing goes on, and the next replay sweeps what was left."""

import random
import time
from pathlib import Path

from tests.conftest import generate
from tests.faults.conftest import long_form
from tests.faults.world import copy, everything, hold_up, left_in, processes_in, slow_down, start, wait_for
from tests.repository import Repository

CURRENT = ("--env", "current")


def replay_killed(project: Repository, after: float, *arguments: str) -> None:
    """Kill a replay after so many seconds; look at what is there then."""
    before = everything(project.root)
    process = start(project, "regrow", "replay", "HEAD", *arguments)
    time.sleep(after)
    process.kill()
    process.wait()
    home = Path(project.environment["REGROW_HOME"])
    assert not left_in(project.root, home)
    assert everything(project.root) == before


def replays_again(project: Repository, *arguments: str) -> None:
    before = everything(project.root)
    done = project.run("regrow", "replay", "HEAD", *arguments)
    assert "outputs identical" in done.stdout
    assert everything(project.root) == before
    assert list((Path(project.environment["REGROW_HOME"]) / "replays").iterdir()) == []


@long_form
def test_at_random_moments(made, tmp_path):
    project = copy(made, tmp_path)
    slow_down(project)
    project.reproduce("slow")
    dice = random.Random(7)
    for _ in range(20):
        replay_killed(project, dice.uniform(0.2, 6.0), *CURRENT)
    replays_again(project, *CURRENT)


def test_no_stage_goes_on(made, tmp_path):
    project = copy(made, tmp_path)
    marker = tmp_path / "hold"
    hold_up(project, marker)
    project.reproduce("it waits")
    marker.touch()
    process = start(project, "regrow", "replay", "HEAD", *CURRENT)
    wait_for(lambda: any("stage make" in said for said in processes_in(tmp_path).values()))
    process.kill()
    process.wait()
    left = left_in(tmp_path)
    marker.unlink()
    assert not left
    replays_again(project, *CURRENT)


@long_form
def test_while_an_environment_is_built(environment, tmp_path):
    tree = generate(tmp_path / "made", environment)
    project = Repository(tree.root, "late_flights", environment | {"REGROW_HOME": str(tmp_path / "home")})
    project.reproduce("first")
    dice = random.Random(8)
    for _ in range(6):
        replay_killed(project, dice.uniform(0.5, 12.0))
    replays_again(project)
    leftovers = [
        one.name for one in (tmp_path / "home/environments").glob("*/*") if one.name.startswith(("build-", "from-"))
    ]
    assert len(leftovers) == 1  # the one that is used
