"""Compose the settings with Hydra, as DVC does it; with the groups that plugins ship, and with better errors."""

import copy
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base import find_source
from regrow.base.errors import RegrowError
from regrow.tools.hydra_overrides import OURS


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

    if not (root / layout.CONF / f"{layout.CONFIG_NAME}.yaml").is_file():
        raise RegrowError(
            "is missing", where=f"{layout.CONF}/{layout.CONFIG_NAME}.yaml", fix=f"git checkout -- {layout.CONF}"
        )
    with _refused():
        begun = initialize_config_dir(str(root / layout.CONF), version_base=None)
    token = OURS.set(True)
    try:
        with begun:
            yield
    finally:
        OURS.reset(token)


def _composed(overrides: Iterable[str]) -> Any:
    from hydra import compose as hydra_compose

    with _refused():
        return hydra_compose(config_name=layout.CONFIG_NAME, overrides=list(overrides))


def _resolved(config: Any) -> dict[str, Any]:
    from omegaconf import OmegaConf

    with _refused():
        OmegaConf.resolve(config)
    composed = OmegaConf.to_container(config)
    if not isinstance(composed, dict):
        raise RegrowError("must be a mapping", where=f"{layout.CONF}/{layout.CONFIG_NAME}.yaml")
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
        raise RegrowError(str(error).strip(), where=layout.CONF, fix="mend the settings; nothing was run") from None


def to_yaml(settings: dict[str, Any]) -> str:
    """The text that DVC itself would write to params.yaml for these settings."""
    from omegaconf import OmegaConf

    return OmegaConf.to_yaml(OmegaConf.create(settings))


def group_options(root: Path, group: str) -> list[str]:
    """The options of a config group, from the project and its plugins, sorted."""
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra

    with initialize_config_dir(str(root / layout.CONF), version_base=None):
        return sorted(GlobalHydra.instance().config_loader().get_group_options(group))


def extend_search_path(search_path: Any) -> list[str]:
    """Append what plugins ship to Hydra's search path.

    Returns what to tell the user of plugins that could not be loaded.
    """
    from regrow.plugin.manager import load_plugins
    from regrow.plugin.project import open_project

    root = layout.find_project(Path.cwd())
    if root is None:
        return []
    try:
        plugins = load_plugins(open_project(root))
    except RegrowError as error:
        return [f"regrow: {error}"]
    for name, package in plugins.config_packages:
        search_path.append(f"regrow-{name}", f"file://{find_source.find_folder(package)}")
    return [f"regrow: plugin {plugin.name}: {plugin.problem}" for plugin in plugins.loaded if plugin.problem]


def where_set(root: Path, key: str) -> tuple[str, int, Any] | None:
    """(file, line, value there) of the last config file of the default composition that sets a dotted key, or None."""
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from hydra.types import RunMode

    try:
        with initialize_config_dir(str(root / layout.CONF), version_base=None):
            loader = GlobalHydra.instance().config_loader()
            defaults = loader.compute_defaults_list(layout.CONFIG_NAME, [], RunMode.RUN).defaults
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
