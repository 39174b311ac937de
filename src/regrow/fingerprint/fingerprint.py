"""The text file that says what code and which package versions a stage stands on.

One unit a line, sorted, kept in Git.
"""

import ast
import hashlib
import sys
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from packaging.utils import canonicalize_name

from regrow import layout
from regrow.artifacts import HOLD_CLASSES, type_of
from regrow.base.errors import Exit, RegrowError
from regrow.environment import variables
from regrow.fingerprint import kept
from regrow.fingerprint.code.asks import Ask
from regrow.fingerprint.code.effects import acts
from regrow.fingerprint.code.lookup import RUNTIME, Code
from regrow.fingerprint.code.reach import Reach
from regrow.fingerprint.code.units import BODY, read
from regrow.plugin import distributions
from regrow.plugin.components import Use, named_uses
from regrow.plugin.declare import Artifact, Component, Stage
from regrow.plugin.kinds import SEES_ROWS
from regrow.plugin.manager import Plugins, installed_plugins
from regrow.plugin.needs import Every, Maybe
from regrow.plugin.project import Project
from regrow.settings.compose import Settings, computing, number_types, orders, subset

MISSING = "missing"
NONE = "none"
PYTHON = "python"
HEADER = (
    "# What stage {stage} stands on: code by hash, packages by version. Written by regrow compile; not for editing.\n"
)


class Fingerprint(NamedTuple):
    """text: of the file. dynamic: places that could not be followed -> what was taken instead. asks: of clock, chance
    and machine."""

    text: str
    dynamic: dict[str, str]
    asks: list[Ask]


def fingerprint(
    stage: Stage,
    settings: Any,
    everything: Settings,
    plugins: Plugins,
    artifacts: Mapping[str, Artifact],
    code: Code | None = None,
) -> Fingerprint:
    """What a stage stands on.

    settings: what `settings.compose.validate` made of the stage's; the components in it count as code it uses.
    everything: the project's settings; the order of the stage's own components counts too.
    artifacts: every artifact by name: reading and writing them is code too, and reading a model may run declared types.
    code: what was read for other stages already (`code_of`).
    """
    uses = [use.component for use in used(settings)]
    reach = _reach(stage, uses, plugins, artifacts, code or code_of(plugins))
    lines = {f"code {unit} {digest}" for unit, digest in reach.units.items()}
    lines |= set(_wiring(stage))
    lines |= {f"package {name} {version}" for name, version in _packages(reach, uses, plugins).items()}
    if numbers := "\n".join(sorted(number_types(own := subset(everything, stage.params)))):
        lines.add(f"types {stage.name} {hashlib.sha256(numbers.encode()).hexdigest()[:16]}")
    lines |= {f"order {key} {','.join(order)}" for key, order in orders(own)}
    lines |= {f"data {package} {digest}" for package, digest in reach.data.items()}
    lines |= {f"asks {ask.unit} {ask.what} {ask.kind}" for ask in reach.asks}
    lines |= {f"runs {stage.name} {stage.run}", *(f"component {c.kind}.{c.name} {c.make}" for c in uses)}
    recipe = variables.recipe(computing(everything)["portable"])
    lines |= {f"environment {recipe}", f"{PYTHON} {sys.version_info.major}.{sys.version_info.minor}"}
    text = HEADER.format(stage=stage.name) + "".join(f"{line}\n" for line in sorted(lines))
    return Fingerprint(text, reach.dynamic, reach.asks)


def _reach(
    stage: Stage, uses: list[Component], plugins: Plugins, artifacts: Mapping[str, Artifact], code: Code
) -> Reach:
    """The code that a stage can reach."""
    return kept.reach(code, list(_starts(stage, uses, plugins, artifacts)))


def _starts(stage: Stage, uses: list[Component], plugins: Plugins, artifacts: Mapping[str, Artifact]) -> Iterator[str]:
    """Where it begins: the code of its plugins, its own and its components', and that of its artifacts."""
    for plugin in plugins.loaded:
        if plugin.module and not plugin.problem:
            yield plugin.module.partition(":")[0]  # what a plugin does on import, it does before every stage
    yield from filter(None, (stage.run, stage.settings, *(path for component in uses for path in _paths(component))))
    read = [artifacts[need] for need in stage.inputs if need in artifacts]
    if any(one.type in HOLD_CLASSES for one in read):
        yield from plugins.model_types  # reading a model may run it
    for module in sorted({type_of(artifact).module for artifact in [*read, *stage.makes]}):
        yield from (f"{module}:{action}" for action in ("read", "write", "check"))


def _wiring(stage: Stage) -> Iterator[str]:
    """Which artifacts the function gets and gives, where that is not what their names say. DVC does not run a stage
    again for a dependency that is gone from dvc.yaml; for its line here it does."""
    for need in stage.needs:
        if not isinstance(need, str):
            kind = "every" if isinstance(need, Every) else "maybe" if isinstance(need, Maybe) else "gets"
            yield f"{kind} {need.type if isinstance(need, Every) else need.argument} {','.join(need.names) or NONE}"
    for made in stage.makes:
        if made.returned:
            yield f"gives {made.name} {made.returned}"


def _paths(component: Component) -> list[str]:
    """The code of a component; what says which columns it names counts where these are what it gets."""
    return [component.make, component.settings, component.columns if component.kind in SEES_ROWS else ""]


def covers(text: str, code: Code, module: str, line: int) -> bool:
    """Whether a fingerprint holds what a module of followed code runs in a line when it is imported."""
    source = code.source(module) if module else None
    if source is None:
        return False

    def there(nodes: Iterable[ast.stmt]) -> list[ast.stmt]:
        return [node for node in nodes if node.lineno <= line <= (node.end_lineno or node.lineno)]

    named = {name: found for name, nodes in source.definitions.items() if (found := there(nodes))}
    acting = any(acts(code, source, node) for nodes in named.values() for node in nodes)
    units = [*named, *([BODY] if acting or there(source.body) else [])]
    return any(f"\ncode {module}:{unit} " in text for unit in units)


def code_of(plugins: Plugins) -> Code:
    """The code that is followed: the project's and the plugins'."""
    return Code(plugin.module for plugin in plugins.loaded)


def used(settings: Any) -> Iterable[Use]:
    """Every component in a stage's checked settings, nested ones included."""
    return (use for _, use in named_uses(settings))


def _packages(reach: Reach, components: Iterable[Any], plugins: Plugins) -> dict[str, str]:
    """Versions of the distributions imported, and of what they require; none of those whose code is hashed."""
    roots = {name for top in reach.imports for name in _distributions(top)}
    roots |= {canonicalize_name(package) for component in components for package in component.packages}
    hashed = {canonicalize_name(plugin.distribution) for plugin in plugins.loaded} | {RUNTIME}
    tops = {unit.partition(":")[0].partition(".")[0] for unit in reach.units}
    hashed |= {name for top in tops for name in _owners(top)}
    return {name: _version(name) for name in _closure(roots) if name not in hashed}


def prepare(wanted: Container[str] | None = None, *, code: bool = True) -> Iterator[None]:
    """Read at once, in parts, what fingerprints ask of installed packages, and of regrow's and the plugins' code: of
    the packages and modules that are wanted, or of all. code: whether of code at all; `kept` may have what it says."""
    for one in distributions.distributions():
        if wanted is None or one.name in wanted:
            distributions.needs(one)
    yield
    if not code:
        return
    followed = Code(plugin.value for plugin in installed_plugins())
    for package in {RUNTIME, *(plugin.value.partition(":")[0].partition(".")[0] for plugin in installed_plugins())}:
        for module in followed.modules_of(package):
            if wanted is None or module in wanted:
                with suppress(RegrowError):
                    if source := followed.source(module):
                        read(source)
                yield


def _owners(top: str) -> list[str]:
    return sorted({one.name for one in distributions.distributions() if top in one.tops})


def _distributions(module: str) -> list[str]:
    """The distributions that own a top-level import name; the name itself, as missing, if none does."""
    return _owners(module) or [canonicalize_name(module)]


def _closure(roots: Iterable[str]) -> set[str]:
    found: set[str] = set()
    todo = list(roots)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            one = distributions.distribution(name)
            todo += distributions.needs(one) if one else ()
    return found


def is_installed(name: str) -> bool:
    """Whether a distribution is there."""
    return distributions.distribution(name) is not None


def _version(name: str) -> str:
    one = distributions.distribution(name)
    return one.version if one else MISSING


def differences(before: str, after: str) -> dict[str, tuple[str, str]]:
    """What changed between two fingerprints: "code module:name" or "package name" -> (before, after), "" for absent.

    Under another Python it comes first, and no code is named: the same text has another syntax tree there.
    """
    old, new = _entries(before), _entries(after)
    keys = sorted(old.keys() | new.keys(), key=lambda key: (key != PYTHON, key))
    if PYTHON in old and PYTHON in new and old[PYTHON] != new[PYTHON]:
        keys = [key for key in keys if not key.startswith("code ")]
    return {key: (old.get(key, ""), new.get(key, "")) for key in keys if old.get(key) != new.get(key)}


def words(key: str, was: str, is_: str) -> tuple[str, str]:
    """What changed, for people: a package may still be here that nothing requires any more, and the other way round."""
    kind, _, package = key.partition(" ")
    if kind == "package" and not is_ and (here := distributions.distribution(package)):
        return was, f"{here.version}, and required by no package that the stage imports"
    if kind == "package" and not was:
        return "required by no package that the stage imports", is_
    return was or "absent", is_ or "absent"


def _entries(text: str) -> dict[str, str]:
    lines = [line.split(" ") for line in text.splitlines() if line and not line.startswith("#")]
    return {" ".join(parts[:-1]): parts[-1] for parts in lines}


def require_recorded(project: Project, stage: Stage, now: str) -> None:
    """Raise RegrowError, before any work, if code or packages are not those the compile stage recorded for `stage`.

    The exit code is ENVIRONMENT where only package versions differ.
    """
    file = project.path(layout.fingerprint(stage.name))
    if not file.is_file():
        raise RegrowError("is missing", where=layout.fingerprint(stage.name), fix="run: regrow compile")
    changed = differences(file.read_text(encoding="utf-8"), now)
    if not changed:
        return
    packages_only = all(key.startswith(("package ", PYTHON, "environment ")) for key in changed)
    fix = "to run with what is here now: regrow compile, then dvc repro" + (
        f"\nto go back to what was recorded: make setup (installs {layout.REQUIREMENTS})" if packages_only else ""
    )
    said = {key: words(key, was, is_) for key, (was, is_) in changed.items()}
    listed = "".join(f"\n  {key}: recorded {was}, here {is_}" for key, (was, is_) in said.items())
    if any(key.startswith("package ") for key in changed):
        listed += "\n  (a result is recorded with the packages that its stage imports, and with all that these require)"
    raise RegrowError(
        f"stage {stage.name} does not stand on what was recorded:{listed}",
        where=layout.fingerprint(stage.name),
        fix=fix,
        code=Exit.ENVIRONMENT if packages_only else Exit.FAILURE,
    )
