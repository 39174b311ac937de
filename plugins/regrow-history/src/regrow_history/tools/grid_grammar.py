"""Hydra's grammar of sweeps."""

import itertools
from collections.abc import Sequence

from regrow.base.errors import RegrowError


def combinations(arguments: Sequence[str]) -> list[tuple[str, ...]]:
    """Every combination of what the arguments list, as plain overrides: `model=a,b seed=range(0,2)` gives four.

    Raises RegrowError for what is no override, or a sweep without an end such as interval().
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    lists: list[list[str]] = []
    for argument in arguments:
        try:
            (override,) = OverridesParser.create().parse_overrides([argument])
            if not override.key_or_group:
                raise HydraException("it names nothing")
            key = override.get_key_element()
            if override.is_sweep_override() and not override.is_discrete_sweep():
                raise HydraException("it has no end; list values, or take range(FROM, TO)")
            values = override.sweep_string_iterator() if override.is_sweep_override() else ()
            lists.append([f"{key}={value}" for value in values] or [argument])
        except HydraException as error:
            fix = "such as: 'model=linear,forest' 'seed=range(0,20)' 'model.C=0.1,1,10'"
            raise RegrowError(f"{argument!r} is no override: {error}", where="sweep", fix=fix) from None
    return list(itertools.product(*lists))
