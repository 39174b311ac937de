"""A plugin of pytest's: each test finds DVC as it is inside `regrow run -j 2`."""

import signal
from collections.abc import Iterator

import pytest

from regrow.tools.dvc_patches import lockfile
from regrow.tools.dvc_patches.commands import Running, taken_over
from regrow.tools.dvc_patches.side_by_side import at_once

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # so it is for what a shell started in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def as_in_regrow_run() -> Iterator[None]:
    """With all that `regrow.tools.dvc.run` puts around DVC, and no warm server to take a command over."""
    from dvc.repo import reproduce
    from dvc.stage import Stage, run
    from dvc.stage.cache import StageCache

    running = Running()
    with lockfile.by_stage(), taken_over(lambda *_: None, running), at_once(2, running):
        assert {Stage.run.__module__, StageCache.restore.__module__} == {"_regrow_dvc"}, "make setup"
        assert (run._run.__module__, reproduce._reproduce.__module__) == (taken_over.__module__, at_once.__module__)
        yield
