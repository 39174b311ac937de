"""Each component's example, made and tried on the kit's tiny table, once for every task that it serves."""

import random
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from regrow.base.errors import Problem
from regrow.fingerprint.fingerprint import is_installed
from regrow.plugin.components import Use, load, parse
from regrow.plugin.context import Context, column_types
from regrow.plugin.declare import TASKS, Component, Plugin
from regrow.plugin.kinds import SEES_ROWS
from regrow.plugin.manager import Plugins
from regrow_testing.by_kind import Kit
from regrow_testing.kit_table import TARGET, shops, table, write_files

SEEDS = (1, 1, 2)


def problems(plugin: Plugin, plugins: Plugins) -> Iterator[Problem]:
    """What is wrong with a plugin's components; not tried are unknown kinds, and what lacks its packages."""
    with tempfile.TemporaryDirectory(prefix="regrow-") as name, _untouched():
        folder = Path(name)
        if plugin.components:
            write_files(folder)
        for component in plugin.components:
            if component.kind in plugins.kinds and all(map(is_installed, component.packages)):
                yield from _of(component, plugins, folder)


def _of(component: Component, plugins: Plugins, folder: Path) -> Iterator[Problem]:
    where = f"{component.kind} {component.name}"
    try:
        given = dict(component.example)
        load(component.make)
        use = Use(component, parse(component, given, plugins.components), given)
    except ValueError as error:
        fix = "parameters that work on the kit's table (regrow_testing.kit_table): Component(example={...})"
        yield Problem(f"its example is refused: {error}", where, fix)
        return
    except Exception:  # an import path that leads nowhere, or a model that fails: told elsewhere
        return
    check = plugins.kinds[component.kind].check
    for task in component.tasks or TASKS:
        try:
            seeds = SEEDS[:2] if "random" in component.tags else SEEDS
            first, again, *other = (_tried(use, check, task, seed, folder) for seed in seeds)
        except Exception as error:
            kept = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
            yield Problem(f"its example fails on the kit's table, task {task}: {kept}", where)
            return
        if not _same(first, again):
            yield Problem("its example gives not the same twice", where, "draw from context.random_state alone")
        elif other and not _same(first, other[0]):
            yield Problem("another seed gives another result", where, 'tag it: Component(tags=["random"])')
        else:
            continue
        return


def _tried(use: Use, check: str, task: str, seed: int, folder: Path) -> Any:
    """What a kind's check returns of the example; None for a kind that has no check."""
    rows = table(task)
    context = Context(
        task=task,
        random_state=seed,
        target=TARGET,
        columns=column_types(rows),
        rows=use.rows(rows) if use.component.kind in SEES_ROWS else None,
    )
    made = use.make(context)
    return load(check)(made, Kit(use.component, context, rows, {"shops": shops()}, folder)) if check else None


def _same(one: Any, other: Any) -> bool:
    if hasattr(one, "equals"):
        return bool(one.equals(other))
    if hasattr(one, "tobytes"):
        return bool(one.dtype == other.dtype and one.tolist() == other.tolist())
    return bool(one == other)


@contextmanager
def _untouched() -> Iterator[None]:
    """What all code shares, as it was: random states, filters of warnings. With one thread: more would be slower."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    drawn, global_draws = random.getstate(), np.random.get_state()
    with warnings.catch_warnings(), threadpool_limits(1):
        warnings.simplefilter("ignore")  # a tiny table makes estimators complain
        try:
            yield
        finally:
            random.setstate(drawn)
            np.random.set_state(global_draws)
