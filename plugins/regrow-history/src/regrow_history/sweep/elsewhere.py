"""`--on SCHEME://...`: whole experiments run elsewhere, by a package whose entry point is named as the scheme."""

import importlib.metadata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from regrow.base.errors import Exit, RegrowError
from regrow_history.sweep.grid import Overrides

GROUP = "regrow.sweep"  # of entry points: scheme = "module:function"


@dataclass(frozen=True)
class Away:
    """What is to run elsewhere. on: the address, as the user wrote it. base: the commit that experiments begin from.
    commit: the same with what is edited. name: of the sweep. wanted: experiment -> overrides."""

    root: Path
    on: str
    base: str
    commit: str
    name: str
    wanted: Mapping[str, Overrides]
    say: Callable[[str], None]


#: Gives the name of each experiment that has ended, and why it failed. Of one that did not ("") commit and objects are
#: in this repository and cache by then. Raises RegrowError for what ends the sweep.
Runner = Callable[[Away], Iterator[tuple[str, str]]]


def runner(on: str) -> Runner:
    """Who runs a sweep at this address. Raises RegrowError (exit code ENVIRONMENT) if nobody who is installed does."""
    scheme, mark, _ = on.partition("://")
    known = {entry.name: entry for entry in importlib.metadata.entry_points(group=GROUP)}
    if not mark or scheme not in known:
        fix = f"pip install regrow-{scheme if mark else 'dask'}; installed are: {', '.join(sorted(known)) or 'none'}"
        raise RegrowError(f"no package here runs experiments on {on}", where="--on", fix=fix, code=Exit.ENVIRONMENT)
    found: Runner = known[scheme].load()
    return found
