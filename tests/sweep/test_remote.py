"""Asking a cluster for a stage: again where the worker was at fault, not where the stage was."""

import threading
from types import SimpleNamespace

import pytest

from regrow.base.errors import Exit, Problem, RegrowError
from regrow.sweep import same_environment
from regrow.sweep.remote import DEATHS, Far, RemoteSeat
from regrow.sweep.worker import Answer, WorkerTask
from regrow.sweep.workers import Crew, EndedError
from regrow.tools import dask

ORIGIN = SimpleNamespace(token="t")
TASK = WorkerTask(ORIGIN, "train", "x-1", {}, (), {})  # type: ignore[arg-type]


class Asked:
    """A cluster of workers a and b. answers: one for each call; an error is raised. ran: what was noted."""

    def __init__(self, *answers, ran=()):
        self.answers, self.ran, self.only = list(answers), list(ran), []
        self.address = "tcp://s:1"

    def begin(self, function, given, *, name, priority, only, done):
        self.only.append(only)
        answer = self.answers.pop(0)
        threading.Timer(0.01, done.set).start()
        return SimpleNamespace(ended=True, result=lambda: given_or_raised(answer), cancel=lambda: None)

    def workers(self):
        return {"a": 1, "b": 1}

    def versions(self, workers):
        return {}

    def everywhere(self, function, *given, workers):
        return {}

    def notes(self, topic):
        return self.ran


def given_or_raised(answer):
    if isinstance(answer, Exception):
        raise answer
    return answer


def far(cluster: Asked, said: list[str]) -> Far:
    crew = Crew(cluster, same_environment.needed(""), said.append, {"a", "b"})  # type: ignore[arg-type]
    frozen = SimpleNamespace(experiments=[SimpleNamespace(name="x-1")])
    return Far(frozen, None, None, {}, cluster, crew, ORIGIN, None, "origin", None)  # type: ignore[arg-type]


def unfit(worker: str) -> Answer:
    return Answer(worker, problems=(Problem("can't", f"worker {worker}"),), code=Exit.DATA_MISSING, unfit=True)


def test_a_worker_that_cannot_is_not_asked_again():
    said: list[str] = []
    cluster = Asked(unfit("a"), Answer("b"), Answer("b"))
    there = far(cluster, said)
    assert there._answer(RemoteSeat(), TASK) == Answer("b")
    assert there._answer(RemoteSeat(), TASK) == Answer("b")
    assert cluster.only == [[], ["b"], ["b"]]
    assert said == ["left out: worker a: can't"]


def test_when_none_is_left_that_can_the_sweep_ends_with_the_reason():
    with pytest.raises(EndedError, match="worker b: can't") as raised:
        far(Asked(unfit("a"), unfit("b")), [])._answer(RemoteSeat(), TASK)
    assert raised.value.error.code is Exit.DATA_MISSING


def test_a_stage_that_only_waited_where_workers_died_is_asked_for_again():
    cluster = Asked(dask.DiedError("a"), Answer("b"), ran=["x-1 train", *["x-2 train"] * DEATHS])
    assert far(cluster, [])._answer(RemoteSeat(), TASK) == Answer("b")


def test_a_stage_that_ran_wherever_workers_died_has_failed():
    with pytest.raises(RegrowError, match="stage train, on a last: worker after worker died while it ran"):
        far(Asked(dask.DiedError("a"), ran=["x-1 train"] * DEATHS), [])._answer(RemoteSeat(), TASK)


def test_an_error_nobody_foresaw_is_told_without_being_repeated():
    with pytest.raises(RegrowError, match="stage train: TypeError: odd"):
        far(Asked(TypeError("odd")), [])._answer(RemoteSeat(), TASK)


def test_what_is_stopped_asks_for_nothing():
    seat = RemoteSeat()
    seat.stop()
    cluster = Asked()
    with pytest.raises(RegrowError, match="was stopped"):
        far(cluster, [])._answer(seat, TASK)
    assert cluster.only == []
