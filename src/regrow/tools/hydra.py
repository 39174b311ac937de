"""Compose the settings with Hydra, as DVC does it; with the groups that plugins ship, and with better errors."""

import copy
import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from regrow import modules, names
from regrow.components import nearest
from regrow.errors import Problem, RegrowError

_OURS = ContextVar("composing for regrow, not for DVC", default=False)


def compose(root: Path, overrides: Iterable[str] = ()) -> dict[str, Any]:
    """The settings of the project at `root`, plain and with interpolations resolved.

    `root` must be the current folder or above it. Raises RegrowError where Hydra finds no config or refuses one.
    """
    with _begun(root):
        return _resolved(_composed(overrides))


def composer(root: Path) -> Callable[[Iterable[str]], dict[str, Any]]:
    """`compose` for many lists of overrides, from files that stay as they are meanwhile.

    Hydra composes once for each choice of groups; the values that overrides change are then changed in copies of that,
    as Hydra itself changes them at last. Other overrides are left to Hydra, each by itself.
    """
    bases: dict[tuple[str, ...], Any] = {}

    def composed(overrides: Iterable[str]) -> dict[str, Any]:
        with _begun(root):
            return _resolved(_from_base(bases, list(overrides)))

    return composed


def _from_base(bases: dict[tuple[str, ...], Any], overrides: list[str]) -> Any:
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    parts = _choices_and_changes(overrides)
    if parts is None:
        return _composed(overrides)
    choices, changes = parts
    if choices not in bases:
        bases[choices] = _composed(choices)
    config = copy.deepcopy(bases[choices])
    try:
        for key, value in changes:
            OmegaConf.update(config, key, value, merge=True)
    except OmegaConfBaseException:
        return _composed(overrides)  # which says what is wrong
    return config


def _choices_and_changes(overrides: list[str]) -> tuple[tuple[str, ...], list[tuple[str, Any]]] | None:
    """What chooses options of groups; keys and values of what changes values. None if there is anything else."""
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.core.override_parser.types import OverrideType
    from hydra.errors import HydraException

    try:
        parsed = OverridesParser.create().parse_overrides(overrides=overrides)
    except HydraException:
        return None
    groups = GlobalHydra.instance().config_loader().repository  # type: ignore[attr-defined]
    choices, changes = [], []
    for one in parsed:
        key, value = one.key_or_group, one.value()
        if one.type is not OverrideType.CHANGE or one.is_sweep_override() or key.partition(".")[0] == "hydra":
            return None
        if groups.group_exists(key) and not isinstance(value, dict):
            choices.append(str(one.input_line))
        elif one.package is None and "/" not in key:
            changes.append((key, value))
        else:
            return None
    return tuple(choices), changes


def is_sweep(overrides: Iterable[str]) -> bool:
    """Whether any of them gives several values, such as "model=linear,forest"."""
    from hydra.core.override_parser.overrides_parser import OverridesParser

    with _refused():
        return any(one.is_sweep_override() for one in OverridesParser.create().parse_overrides(overrides=[*overrides]))


@contextmanager
def _begun(root: Path) -> Iterator[None]:
    """Hydra is set up for the project inside."""
    from hydra import initialize_config_dir

    if not (root / names.CONF / f"{names.CONFIG_NAME}.yaml").is_file():
        raise RegrowError(
            "is missing", where=f"{names.CONF}/{names.CONFIG_NAME}.yaml", fix=f"git checkout -- {names.CONF}"
        )
    explain_failures()
    with _refused():
        begun = initialize_config_dir(str(root / names.CONF), version_base=None)
    token = _OURS.set(True)
    try:
        with begun:
            yield
    finally:
        _OURS.reset(token)


def _composed(overrides: Iterable[str]) -> Any:
    from hydra import compose as hydra_compose

    with _refused():
        return hydra_compose(config_name=names.CONFIG_NAME, overrides=list(overrides))


def _resolved(config: Any) -> dict[str, Any]:
    from omegaconf import OmegaConf

    with _refused():
        OmegaConf.resolve(config)
    composed = OmegaConf.to_container(config)
    if not isinstance(composed, dict):
        raise RegrowError("must be a mapping", where=f"{names.CONF}/{names.CONFIG_NAME}.yaml")
    return composed  # type: ignore[return-value]


@contextmanager
def _refused() -> Iterator[None]:
    """What Hydra refuses becomes a RegrowError."""
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    try:
        yield
    except (
        HydraException,
        OmegaConfBaseException,
        YAMLError,
        ValueError,
    ) as error:  # Hydra's own checks raise ValueError
        raise RegrowError(str(error).strip(), where=names.CONF, fix="mend the settings; nothing was run") from None


def to_yaml(settings: dict[str, Any]) -> str:
    """The text that DVC itself would write to params.yaml for these settings."""
    from omegaconf import OmegaConf

    return OmegaConf.to_yaml(OmegaConf.create(settings))


def group_options(root: Path, group: str) -> list[str]:
    """The options of a config group, from the project and its plugins, sorted."""
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    with initialize_config_dir(str(root / names.CONF), version_base=None):
        return sorted(GlobalHydra.instance().config_loader().get_group_options(group))


def extend_search_path(search_path: Any) -> list[str]:
    """Append what plugins ship to Hydra's search path.

    Returns what to tell the user of plugins that could not be loaded.
    """
    from regrow.plugin.manager import load_plugins
    from regrow.project import open_project

    root = names.find_project(Path.cwd())
    if root is None:
        return []
    explain_failures()
    try:
        plugins = load_plugins(open_project(root))
    except RegrowError as error:
        return [f"regrow: {error}"]
    for name, package in plugins.config_packages:
        search_path.append(f"regrow-{name}", f"file://{modules.find_folder(package)}")
    return [f"regrow: plugin {plugin.name}: {plugin.problem}" for plugin in plugins.loaded if plugin.problem]


@functools.cache
def explain_failures() -> None:
    """Make Hydra take a key that a schema documents though no file says it, and name the choices for any other.

    Hydra 1.3 names the options of a group, but no groups and no keys. Its loader is wrapped, once; where a later Hydra
    has no such method, its own message stands. In DVC's own process the error is DVC's, which it prints as it is.
    """
    from hydra._internal.config_loader_impl import ConfigLoaderImpl
    from hydra.errors import ConfigCompositionException

    plain = getattr(ConfigLoaderImpl, "load_configuration", None)
    if plain is None:
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
            return load(_with_documented_keys(self, load, overrides))
        except RegrowError as refused:
            told = str(refused)
        except ConfigCompositionException:
            told = _hint(self, load, overrides) or told
        raise _as_whose(told)

    ConfigLoaderImpl.load_configuration = load_configuration  # type: ignore[method-assign]


def _as_whose(told: str) -> Exception:
    """The error for who composes: us, or DVC, which adds the address of its support to any but its own."""
    from hydra.errors import ConfigCompositionException

    if _OURS.get() or "dvc.exceptions" not in sys.modules:
        return ConfigCompositionException(told)
    error: Exception = sys.modules["dvc.exceptions"].DvcException(told)
    return error


def _told(error: Exception) -> str:
    """Hydra's message without its search path."""
    options = getattr(error, "options", None)
    missing = getattr(error, "missing_cfg_file", None) or ""
    if options is not None and "/" in missing:
        group, _, option = missing.rpartition("/")
        return f"there is no {option!r} in {names.CONF}/{group}; {nearest(option, list(options))}"
    return str(error).strip().splitlines()[0]


def _with_documented_keys(loader: Any, load: Callable[[list[str]], Any], overrides: list[str]) -> list[str]:
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
    refused = _refused_by_schema(_plain(load(tried)), [one.key_or_group for one in new])
    if refused:
        raise RegrowError.of(Problem(wrong, key) for key, wrong in refused)
    return tried


def _plain(config: Any) -> dict[str, Any]:
    from omegaconf import OmegaConf

    kept = OmegaConf.masked_copy(config, [key for key in config if key != "hydra"])
    return OmegaConf.to_container(kept)  # type: ignore[return-value]


def _refused_by_schema(settings: dict[str, Any], keys: list[str]) -> list[tuple[str, str]]:
    """What the schemas of the stages say of some keys, by key."""
    from regrow.plugin.manager import load_plugins
    from regrow.project import open_project
    from regrow.settings import normal, refusals
    from regrow.steps import step_keys

    plugins = load_plugins(open_project())
    stages = plugins.stages.values()
    told = refusals(normal(settings, step_keys(stages)), stages, plugins.components)
    return [
        (key, wrong)
        for key in keys
        for at, wrong in told
        if at == key or at.startswith(f"{key}.") or key.startswith(f"{at}.")
    ]


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


def where_set(root: Path, key: str) -> tuple[str, int, Any] | None:
    """(file, line, value there) of the last config file of the default composition that sets a dotted key, or None."""
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from hydra.types import RunMode

    try:
        with initialize_config_dir(str(root / names.CONF), version_base=None):
            loader = GlobalHydra.instance().config_loader()
            defaults = loader.compute_defaults_list(names.CONFIG_NAME, [], RunMode.RUN).defaults
            folders = [
                Path(e.path.removeprefix("file://"))
                for e in loader.get_search_path().get_path()
                if "pkg:" not in e.path
            ]
    except Exception:  # it only helps a message about another error
        return None
    for default in reversed(defaults):
        inner = _inside(key, default.package or "")
        if default.config_path is None or inner is None:
            continue
        for folder in folders:
            file = folder / f"{default.config_path}.yaml"
            if file.is_file():
                found = _line_of(file, inner)
                name = (
                    file.relative_to(root).as_posix()
                    if file.is_relative_to(root)
                    else f"{folder.parent.name}/{folder.name}/{default.config_path}.yaml"
                )
                if found:
                    return (name, *found)
                break
    return None


def _inside(key: str, package: str) -> list[str] | None:
    parts, above = key.split("."), package.split(".") if package else []
    return parts[len(above) :] if parts[: len(above)] == above else None


def _line_of(file: Path, parts: list[str]) -> tuple[int, Any] | None:
    import yaml
    from omegaconf import OmegaConf
    from yaml.nodes import MappingNode

    text = file.read_text(encoding="utf-8")
    node, line = yaml.compose(text, Loader=yaml.SafeLoader), 1
    value: Any = OmegaConf.to_container(OmegaConf.create(text))
    for part in parts:
        pairs = node.value if isinstance(node, MappingNode) else []
        match = [(key, child) for key, child in pairs if key.value == part]
        if not match or not isinstance(value, dict):
            return None
        key_node, node = match[-1]
        line, value = key_node.start_mark.line + 1, value.get(part)
    return line, value
