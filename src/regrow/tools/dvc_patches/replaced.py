"""What DVC is about to delete or to write, told before it does, so that it can be put back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Replaced:
    """For one stage. deleted: its outputs, which it makes anew. updated: those that it may go on from. records: what
    DVC itself writes of them."""

    stage: str
    deleted: list[Path]
    updated: list[Path]
    records: list[Path]


Tell = Callable[[Replaced], object]


@contextmanager
def told(root: Path, before: Tell, failed: Tell) -> Iterator[None]:
    """Inside, `before` hears of each stage of the project in `root` before DVC in this process runs it, `failed` of
    those that fail."""
    from dvc.stage import Stage

    plain = Stage.run

    def run(self: Any, dry: bool = False, **options: Any) -> Any:
        if dry or Path(self.repo.root_dir) != root:
            return plain(self, dry=dry, **options)
        replaced = _of(self)
        before(replaced)
        try:
            return plain(self, dry=dry, **options)
        except BaseException:
            failed(replaced)
            raise

    Stage.run = run
    try:
        yield
    finally:
        Stage.run = plain


def _of(stage: Any) -> Replaced:
    outs = [out for out in stage.outs if out.protocol == "local"]
    runs = bool(stage.cmd or stage.is_import) and not stage.frozen
    deleted = [Path(out.fs_path) for out in outs if runs and not out.persist]
    updated = [Path(out.fs_path) for out in outs if runs and out.persist and not out.use_cache]
    record = getattr(getattr(stage.dvcfile, "_lockfile", None), "path", stage.path)  # a .dvc file has no lock
    ignores = [Path(out.fs_path).parent / ".gitignore" for out in outs if out.use_cache]
    return Replaced(getattr(stage, "name", None) or "", deleted, updated, [Path(record), *ignores])
