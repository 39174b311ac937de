"""Outputs that dvc.lock records and the cache holds are brought back, not made again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def from_cache(take: Callable[[Path], object]) -> Iterator[None]:
    """Inside, DVC in this process takes what a stage makes from the cache where command, inputs and settings are as
    dvc.lock says, and only the output is not. take: is given each that is replaced.

    Its run cache would do so, too, but leaves out stages with an output that Git keeps, as all of regrow's have one.
    What a person made of an output is in no cache: then DVC decides, as it does without this.
    """
    from dvc.stage import Stage

    plain = Stage.changed_outs

    def changed_outs(self: Any, allow_missing: bool = False) -> Any:
        if self.cmd and not self.frozen:
            for out in self.outs:
                _bring(out, take)
        return plain(self, allow_missing)

    Stage.changed_outs = changed_outs
    try:
        yield
    finally:
        Stage.changed_outs = plain


def _bring(out: Any, take: Callable[[Path], object]) -> None:
    from dvc.stage import logger

    if not out.use_cache or out.persist or not out.hash_info or not out.workspace_status() or out.changed_cache():
        return
    if not out.exists or _is_cached(out):
        logger.info("Output '%s' is brought back from the cache", out)
        if out.protocol == "local":
            take(Path(out.fs_path))
        out.checkout(force=True)


def _is_cached(out: Any) -> bool:
    """Whether the cache holds what lies there now, too: a stage made it, and no person."""
    parts = (out.cache, out.fs_path, out.fs, out.hash_name)
    _, _, now = out._build(*parts, ignore=out.dvcignore, dry_run=True)
    if not out.cache.exists(now.hash_info.value):
        return False
    inner = (info.value for _, (_, info) in now.iteritems()) if hasattr(now, "iteritems") else ()
    return all(out.cache.exists(name) for name in inner)
