"""Overrides that Hydra refuses: taken where a schema documents the key, else answered with the names there are."""

import functools
import sys
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from regrow import layout
from regrow.base.errors import Problem, RegrowError
from regrow.plugin.components import nearest

OURS = ContextVar("composing for regrow, not for DVC", default=False)
Refused = Callable[[dict[str, Any], list[str]], list[tuple[str, str]]]  # settings, keys -> (key, what is wrong with it)


def explain_failures(refused: Refused) -> None:
    """Make Hydra take a key that a schema documents though no file says it, and name the choices for any other.

    refused: what the schemas of the stages say of keys of settings.

    Hydra 1.3 names the options of a group, but no groups and no keys. Its loader is wrapped, once; where a later Hydra
    has no such method, its own message stands. In DVC's own process the error is DVC's, which it prints as it is.
    """
    from hydra._internal.config_loader_impl import ConfigLoaderImpl
    from hydra.errors import ConfigCompositionException

    plain = getattr(ConfigLoaderImpl, "load_configuration", None)
    if plain is None or hasattr(plain, "__wrapped__"):
        return

    @functools.wraps(plain)
    def load_configuration(self: Any, config_name: str | None, overrides: list[str], *rest: Any, **more: Any) -> Any:
        def load(chosen: list[str]) -> Any:
            return plain(self, config_name, chosen, *rest, **more)

        try:
            return load(overrides)
        except ConfigCompositionException as error:
            told = _told(error)
        try:
            return load(_with_documented_keys(self, load, overrides, refused))
        except RegrowError as wrong:
            told = str(wrong)
        except ConfigCompositionException:
            told = _hint(self, load, overrides) or told
        raise _as_whose(told)

    ConfigLoaderImpl.load_configuration = load_configuration  # type: ignore[method-assign]


def _as_whose(told: str) -> Exception:
    """The error for who composes: us, or DVC, which adds the address of its support to any but its own."""
    from hydra.errors import ConfigCompositionException

    if OURS.get() or "dvc.exceptions" not in sys.modules:
        return ConfigCompositionException(told)
    error: Exception = sys.modules["dvc.exceptions"].DvcException(told)
    return error


def _told(error: Exception) -> str:
    """Hydra's message without its search path."""
    options = getattr(error, "options", None)
    missing = getattr(error, "missing_cfg_file", None) or ""
    if options is not None and "/" in missing:
        group, _, option = missing.rpartition("/")
        return f"there is no {option!r} in {layout.CONF}/{group}; {nearest(option, list(options))}"
    return str(error).strip().splitlines()[0]


def _with_documented_keys(
    loader: Any, load: Callable[[list[str]], Any], overrides: list[str], refused: Refused
) -> list[str]:
    """The overrides, with "++" before each key that is in no file, but in the schema of a stage or component.

    Raises RegrowError with the schema's words for a key that it refuses, ConfigCompositionException for any other.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.core.override_parser.types import OverrideType
    from hydra.errors import ConfigCompositionException
    from omegaconf import OmegaConf

    parsed = OverridesParser.create().parse_overrides(overrides=list(overrides))
    changes = [one for one in parsed if one.type is OverrideType.CHANGE and one.package is None]
    changes = [one for one in changes if not loader.repository.group_exists(one.key_or_group)]
    lines = {one.input_line for one in changes}
    base = load([line for line in overrides if line not in lines])
    new = [one for one in changes if OmegaConf.select(base, one.key_or_group, default=base) is base]
    new = [one for one in new if one.key_or_group.partition(".")[0] in base and "." in one.key_or_group]
    if not new:
        raise ConfigCompositionException("Could not override")
    added = {one.input_line: f"++{one.input_line}" for one in new}
    tried = [added.get(line, line) for line in overrides]
    if wrong := refused(_plain(load(tried)), [one.key_or_group for one in new]):
        raise RegrowError.of(Problem(text, key) for key, text in wrong)
    return tried


def _plain(config: Any) -> dict[str, Any]:
    from omegaconf import OmegaConf

    kept = OmegaConf.masked_copy(config, [key for key in config if key != "hydra"])
    return OmegaConf.to_container(kept)  # type: ignore[return-value]


def _hint(loader: Any, load: Callable[[list[str]], Any], overrides: list[str]) -> str:
    """For the first override that names what is not there: the keys or groups there are, beside it."""
    from hydra.core.object_type import ObjectType
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException
    from omegaconf import DictConfig

    groups = set(loader.repository.get_group_options("", ObjectType.GROUP))
    parsed = OverridesParser.create().parse_overrides(overrides=list(overrides))
    try:
        config = load([str(o.input_line) for o in parsed if o.key_or_group in groups and not o.is_delete()])
    except HydraException:
        return ""
    for override in parsed:
        if override.key_or_group in groups or override.is_add() or override.is_force_add():
            continue
        node: Any = config
        known = ""
        for part in override.key_or_group.split("."):
            if not isinstance(node, DictConfig) or part not in node:
                there = [str(key) for key in node if key != "hydra"] if isinstance(node, DictConfig) else []
                return f"there is no {part!r} in {known or 'the settings'}; {nearest(part, there)}"
            node, known = node[part], f"{known}.{part}".strip(".")
    return ""
