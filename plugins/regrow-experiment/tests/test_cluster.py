"""Trials in the workers of a Dask cluster: the same bytes; and what is said where there is none."""

import pandas as pd
import pytest

from regrow import RegrowError
from regrow_experiment import engine

SEARCH = {"use": "random", "budget": {"trials": 3}, "noise": 2, "folds": 2, "curves": [1.0]}


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    pytest.importorskip("regrow_dask")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made:
        yield made.scheduler_address.replace("tcp://", "dask://")


def test_the_same_bytes_as_here(settings_of, features, holdout, cluster):
    from regrow_evaluation.plugin import regrow_components
    from regrow_experiment.stage import train

    settings = settings_of("linear", search=SEARCH, more=regrow_components())
    here = train(features, holdout, features, settings)
    there = train(features, holdout, features, settings, {"n_jobs": 1, "engine": cluster})
    pd.testing.assert_frame_equal(here["trials"], there["trials"])
    assert here["search_section"] == there["search_section"]
    one, other = here["model"].named_steps["model"], there["model"].named_steps["model"]
    assert (one.C, one.coef_.tobytes()) == (other.C, other.coef_.tobytes())


def test_nobody_runs_trials_there():
    with pytest.raises(RegrowError, match="no package here runs trials on slurm://there"):
        engine.trials("slurm://there")
    with pytest.raises(RegrowError, match="no package here runs trials on there"):
        engine.trials("there")


def test_no_scheduler_answers(monkeypatch):
    pytest.importorskip("regrow_dask")
    monkeypatch.setattr("regrow_dask.trials.PATIENCE", 1)
    with pytest.raises(RegrowError, match="no Dask scheduler answers"):
        engine.trials("dask://127.0.0.1:9", None, None, None, None, None)
