"""A plugin of pytest's: each test finds DVC as it is inside `regrow run`."""

import signal
from collections.abc import Iterator

import pytest

from regrow.tools.dvc_patches import lockfile, params
from regrow.tools.dvc_patches.commands import taken_over

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # so it is for what a shell started in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def as_in_regrow_run() -> Iterator[None]:
    """With all that `regrow.tools.dvc.run` puts around DVC, and no warm server to take a command over."""
    from dvc.stage import Stage, run
    from dvc.stage.cache import StageCache

    with lockfile.by_stage(), params.parsed_once(), taken_over(lambda *_: None):
        assert {Stage.run.__module__, StageCache.restore.__module__} == {"_regrow_dvc"}, "make setup"
        assert run._run.__module__ == taken_over.__module__
        yield
