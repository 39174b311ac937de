"""`compute.engine`: the workers of a cluster run trials, by a package whose entry point is named as the scheme."""

import importlib.metadata
from typing import Any

from regrow import RegrowError
from regrow.base.errors import Exit

GROUP = "regrow.trials"  # of entry points: scheme = "module:function"


def trials(address: str, *asked: Any) -> Any:
    """As `regrow_experiment.trials.Trials`, but for the number of workers: theirs. asked: prepare, work, limits,
    journal, stop. Raises RegrowError where nobody who is installed runs trials there, or nobody answers."""
    scheme, mark, _ = address.partition("://")
    known = {entry.name: entry for entry in importlib.metadata.entry_points(group=GROUP)}
    if not mark or scheme not in known:
        fix = f"pip install regrow-{scheme if mark else 'dask'}; installed are: {', '.join(sorted(known)) or 'none'}"
        wrong = f"no package here runs trials on {address}"
        raise RegrowError(wrong, where="compute.engine", fix=fix, code=Exit.ENVIRONMENT)
    return known[scheme].load()(address, *asked)
