"""Outputs that dvc.lock records and the cache holds are brought back, not made again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def from_cache() -> Iterator[None]:
    """Inside, DVC in this process takes what a stage makes from the cache where command, inputs and settings are as
    dvc.lock says, and only the output is not.

    Its run cache would do so, too, but leaves out stages with an output that Git keeps, as all of regrow's have one.
    """
    from dvc.stage import Stage

    plain = Stage.changed_outs

    def changed_outs(self: Any, allow_missing: bool = False) -> Any:
        if self.cmd and not self.frozen:
            for out in self.outs:
                _bring(out)
        return plain(self, allow_missing)

    Stage.changed_outs = changed_outs
    try:
        yield
    finally:
        Stage.changed_outs = plain


def _bring(out: Any) -> None:
    from dvc.stage import logger

    if out.use_cache and out.hash_info and out.workspace_status() and not out.changed_cache():
        logger.info("Output '%s' is brought back from the cache", out)
        out.checkout(force=True)
