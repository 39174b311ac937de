"""What a plugin declares: Stage, Component, Kind, Artifact, Columns; and Plugin, which is what regrow makes of it.

No I/O, no imports of theirs.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from keyword import iskeyword
from typing import Any, NamedTuple

from regrow.plugin.needs import Called, Every, Need

HIGHER, LOWER = "higher", "lower"  # which way a metric is better
STAGE_KINDS = ("data", "feature", "experiment", "evaluation", "delivery")
TASKS = ("binary", "multiclass", "regression")
#: What a component may be said to be. learns: fits something to training rows. row_wise: a row's result depends on that
#: row alone. random: it draws from its stream. slow: not for a first try. takes_missing: missing values are fine.
TAGS = ("learns", "row_wise", "random", "slow", "takes_missing")

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
IMPORT_PATH = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
TAKEN = ("settings", "compute", "before")  # what a stage's function gets beside its needs
MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
COMMAND = re.compile(r"[a-z][a-z0-9-]{0,63}")
SECTIONS = ("outs", "metrics", "plots")  # of a stage in dvc.yaml


def _require(pattern: re.Pattern[str], text: object, what: str) -> None:
    if not isinstance(text, str) or not pattern.fullmatch(text):
        raise ValueError(f"{what} {text!r} does not match {pattern.pattern}")


def _as_tuple(owner: object, attribute: str) -> None:
    """Lists are accepted where tuples are kept; a lone string is a slip, not a list of letters."""
    value = getattr(owner, attribute)
    if isinstance(value, str) or not isinstance(value, list | tuple):
        raise ValueError(f"{attribute} must be a list or tuple, not {value!r}")
    object.__setattr__(owner, attribute, tuple(value))


def is_taken(name: str) -> bool:
    """Whether no argument of a stage's function can have this name for an artifact or source."""
    return name in TAKEN or iskeyword(name)


class Reads(NamedTuple):
    """A settings key, from the declaring settings on, and the columns that stand there; of the tables that the stage
    reads, or of one in a folder of them: "lookups/weather"."""

    key: str
    columns: Sequence[str]
    table: str = ""


@dataclass(frozen=True)
class Columns:
    """What settings say of columns."""

    #: the columns that have to be there
    reads: Sequence[Reads] = ()
    #: those that are made, or patterns of them where the data decides: `plane_*`
    makes: Sequence[str] = ()


@dataclass(frozen=True)
class ArtifactType:
    """How artifacts of a type are kept: `module` has `read(path)`, `write(value, path)` and `check(value)`, which
    raises ValueError saying what the value must be. The same value gives the same bytes, on every machine.

    Raises ValueError on a malformed name.
    """

    name: str
    module: str
    #: where they lie unless the artifact says so, and how their names end; "" for a folder
    folder: str
    ending: str
    #: kept by DVC, else by Git
    cached: bool = True
    #: of the stage in dvc.yaml: outs, metrics or plots
    section: str = "outs"

    def __post_init__(self) -> None:
        _require(NAME, self.name, "artifact type")
        _require(MODULE, self.module, f"artifact type {self.name}: module")
        if self.section not in SECTIONS:
            raise ValueError(f"artifact type {self.name}: section {self.section!r} is not one of {', '.join(SECTIONS)}")


@dataclass(frozen=True)
class Artifact:
    """A named thing that one stage makes and others need.

    type: one of `regrow.artifacts.TYPES` (table, csv, tables, ledger, model, models, metrics, record, choices, curve,
        plot, image, section, findings, report), or one that a plugin brings.
    path: where it lies in the project, with forward slashes; by default the type's folder and ending, of choices
        choices/STAGE.json.
    options: for a curve, what DVC's plots need: `x`, `y`, `title`, `template`. For metrics, `better`: name -> "higher"
        or "lower", of those that no component of the settings declares.
    Raises ValueError on a malformed name.
    """

    name: str
    type: str
    path: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    #: how a plugin's type keeps it, once all plugins are loaded
    kept: ArtifactType | None = field(default=None, repr=False)
    #: what the stage's function calls it, if that is not its name: of a stage that is used twice
    returned: str = ""

    def __post_init__(self) -> None:
        _require(NAME, self.name, "artifact name")

    @property
    def key(self) -> str:
        """Where it stands in what the function returns."""
        return self.returned or self.name


def _unplaced(artifact: Artifact) -> bool:
    return artifact.type == "choices" and not artifact.path


@dataclass(frozen=True)
class Stage:
    """One node of dvc.yaml: a pure function from artifacts and settings to artifacts.

    name: unique among all plugins; it is also the DVC stage's name.
    kind: data, feature, experiment, evaluation or delivery.
    run: "module:function", so that nothing is imported to compile. It is called with one keyword argument for every
        one of `needs`, plus `settings`, and returns a dict with one value for every artifact in `makes`.
    needs: names of artifacts that other stages make, or of sources in pyproject.toml `[tool.regrow.sources]`;
        `every(type)`, `maybe(name)`.
    makes: the artifacts it returns.
    params: dotted settings keys it depends on ("model", "data.target"); it sees these and no others.
    settings: "module:Model", a pydantic model of those keys, nested as in params.yaml. Without one, `settings` is a
        plain dict.
    columns: "module:function" that takes those settings and says which columns they name (`regrow.Columns`).
    compute: whether the function takes one argument more, `compute`: the settings of that name, which change no result.
    before: whether it takes one more, `before`: what earlier runs of it left (`regrow.plugin.context.Before`).
    pipeline: "" for the project's dvc.yaml; "monitor" for monitor/dvc.yaml, which `regrow run monitor/dvc.yaml` runs
        and `regrow run` leaves alone. `every` is of the same pipeline.
    Raises ValueError on malformed names.
    """

    name: str
    kind: str
    run: str
    needs: tuple[Need, ...] = ()
    makes: tuple[Artifact, ...] = ()
    params: tuple[str, ...] = ()
    settings: str = ""
    about: str = ""
    columns: str = ""
    compute: bool = False
    before: bool = False
    pipeline: str = ""

    def __post_init__(self) -> None:
        _require(NAME, self.name, "stage name")
        if self.pipeline:
            _require(NAME, self.pipeline, f"stage {self.name}: pipeline")
        if self.kind not in STAGE_KINDS:
            raise ValueError(f"stage {self.name}: kind {self.kind!r} is not one of {', '.join(STAGE_KINDS)}")
        _require(IMPORT_PATH, self.run, f"stage {self.name}: run")
        for attribute in ("needs", "makes", "params"):
            _as_tuple(self, attribute)
        for need in self.needs:
            for said in (need,) if isinstance(need, str) else (getattr(need, "argument", need), *need.names):
                _require(NAME, said, f"stage {self.name}: need")
        for argument in (*self.arguments, *(made.key for made in self.makes if isinstance(made, Artifact))):
            if is_taken(argument):
                raise ValueError(f"stage {self.name}: {argument!r} is no name for a need or an artifact: it is taken")
        if twice := {one for one in self.arguments if self.arguments.count(one) > 1}:
            raise ValueError(f"stage {self.name}: two of its needs are called {min(twice)!r}")
        for key in self.params:
            _require(KEY, key, f"stage {self.name}: settings key")
        if not all(isinstance(made, Artifact) for made in self.makes) or not self.makes:
            raise ValueError(f"stage {self.name}: makes must hold at least one Artifact(...), and nothing else")
        made = (replace(one, path=f"choices/{self.name}.json") if _unplaced(one) else one for one in self.makes)
        object.__setattr__(self, "makes", tuple(made))
        if self.settings:
            _require(IMPORT_PATH, self.settings, f"stage {self.name}: settings")
        if self.columns:
            _require(IMPORT_PATH, self.columns, f"stage {self.name}: columns")

    def named(
        self, name: str, needs: Mapping[str, str] | None = None, makes: Mapping[str, str] | None = None, **changes: Any
    ) -> "Stage":
        """The same work once more, under another name: of a plugin that is used twice.

        needs: argument of the function -> the artifact or source it gets in place of the one of that name. makes: what
        the function returns -> the artifact's name; by default NAME_ and its name. Each lies where its type says.
        changes: other fields, such as `params` and `settings`. Raises ValueError for a key that is none.
        """
        instead, called = dict(needs or {}), dict(makes or {})
        kept = [
            Called(argument, (instead.pop(argument),)) if argument in instead else need
            for need, argument in zip(self.needs, self.arguments, strict=True)
        ]
        made = [
            replace(one, name=called.pop(one.key, f"{name}_{one.key}"), returned=one.key, path="") for one in self.makes
        ]
        if unknown := sorted([*instead, *called]):
            raise ValueError(f"stage {name}: {unknown[0]!r} is neither among the needs of {self.name} nor made by it")
        return replace(self, name=name, needs=tuple(kept), makes=tuple(made), **changes)

    @property
    def arguments(self) -> list[str]:
        """What its function gets beside `settings`."""
        return [need if isinstance(need, str) else need.argument for need in self.needs]

    @property
    def inputs(self) -> list[str]:
        """The names of all artifacts and sources that it reads, each once; of a stage of `Plugins.stages`."""
        names = [(need,) if isinstance(need, str) else need.names for need in self.needs]
        return list(dict.fromkeys(name for each in names for name in each))

    def gather(self, value: Callable[[str], Any]) -> dict[str, Any]:
        """The arguments of its function, out of the value of each input."""
        given: dict[str, Any] = {}
        for need, argument in zip(self.needs, self.arguments, strict=True):
            if isinstance(need, Every):
                given[argument] = {name: value(name) for name in need.names}
            else:
                names = (need,) if isinstance(need, str) else need.names
                given[argument] = value(names[0]) if names else None
        return given


@dataclass(frozen=True)
class Kind:
    """A kind of component, for the stage of a plugin that uses it. Raises ValueError on malformed names."""

    name: str
    #: "module:Protocol" of what a factory of this kind makes, such as "collections.abc:Callable".
    product: str
    #: What it is to the stage that uses it, and what its context holds.
    about: str
    #: "module:function" for the contract kit: takes what a component's example made and a `regrow_testing.by_kind.Kit`,
    #: returns what a second one must return, too, and raises ValueError for what is wrong.
    check: str = ""

    def __post_init__(self) -> None:
        _require(NAME, self.name, "kind name")
        _require(IMPORT_PATH, self.product, f"kind {self.name}: product")
        if self.check:
            _require(IMPORT_PATH, self.check, f"kind {self.name}: check")


@dataclass(frozen=True)
class Component:
    """A named building block that settings `use:` inside a stage. Raises ValueError on malformed names."""

    #: Unique among the components of its kind.
    name: str
    #: One of `regrow.plugin.kinds.KINDS`, or what a plugin declares by `regrow_kinds`.
    kind: str
    #: "module:factory", called as `factory(settings, context)`: the validated settings, and a `regrow.Context`.
    make: str
    #: "module:Model", a pydantic model of its parameters, or "module:function" that takes (component name, dict of
    #: parameters), returns them checked and raises ValueError. Without one it takes no parameters.
    settings: str = ""
    #: Distributions whose version it stands on though its code does not import them.
    packages: tuple[str, ...] = ()
    about: str = ""
    #: "module:function" that takes its settings and says which columns they name (`regrow.Columns`).
    columns: str = ""
    #: Of a metric, "higher" or "lower": what ranks experiments reads it.
    better: str = ""
    #: The tasks it serves; none named: all of them.
    tasks: tuple[str, ...] = ()
    #: What it is, of TAGS.
    tags: tuple[str, ...] = ()
    #: Parameters that work on the contract kit's tiny table: its test, its documentation, where a scaffold begins.
    example: Mapping[str, Any] = field(default_factory=dict, hash=False)
    #: Where its method is described in the literature.
    source: str = ""
    #: What to install for it, such as "regrow-data[flights]".
    extra: str = ""
    #: "module:Class" of what it makes that may be stored in a model file.
    types: tuple[str, ...] = ()
    #: "module:function" that gives, of its name, the JSON Schema of its parameters, where `settings` is a function.
    schema: str = ""

    def __post_init__(self) -> None:
        where = f"component {self.name}"
        _require(NAME, self.name, "component name")
        _require(NAME, self.kind, f"{where}: kind")
        _require(IMPORT_PATH, self.make, f"{where}: make")
        for attribute in ("packages", "tasks", "tags", "types"):
            _as_tuple(self, attribute)
        choices = {"better": ({self.better} - {""}, (HIGHER, LOWER)), "tasks": (self.tasks, TASKS)}
        for attribute, (given, known) in {**choices, "tags": (self.tags, TAGS)}.items():
            if odd := sorted({*given} - {*known}):
                raise ValueError(f"{where}: {attribute}: {odd[0]!r} is not one of {', '.join(known)}")
        if not isinstance(self.example, Mapping) or not all(isinstance(key, str) for key in self.example):
            raise ValueError(f"{where}: example must be a mapping of parameters, not {self.example!r}")
        paths = [(key, getattr(self, key)) for key in ("settings", "columns", "schema")]
        paths += [("types", path) for path in self.types]
        for attribute, path in paths:
            if path or attribute == "types":
                _require(IMPORT_PATH, path, f"{where}: {attribute}")


@dataclass(frozen=True)
class Command:
    """A subcommand of `regrow` in projects that use the plugin.

    run: "module:command", a click command, imported when it is called. about: its line in `regrow --help`.
    Raises ValueError on malformed names.
    """

    name: str
    run: str
    about: str = ""

    def __post_init__(self) -> None:
        _require(COMMAND, self.name, "command")
        _require(IMPORT_PATH, self.run, f"command {self.name}: run")


@dataclass(frozen=True)
class Plugin:
    """A plugin as it was found: what it brings, or why it could not be loaded.

    name: its entry point's name ("project" for the project's own module). config: dotted names of the packages that
    hold its Hydra groups. problem: empty when it loaded.
    """

    name: str
    distribution: str = ""
    version: str = ""
    module: str = ""
    stages: tuple[Stage, ...] = ()
    components: tuple[Component, ...] = ()
    kinds: tuple[Kind, ...] = ()
    artifacts: tuple[ArtifactType, ...] = ()
    commands: tuple[Command, ...] = ()
    config: tuple[str, ...] = ()
    problem: str = ""
