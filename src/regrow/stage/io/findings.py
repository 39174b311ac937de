"""What a stage touched without declaring it, and what to write, and where, so that it is declared."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from regrow import layout
from regrow.artifacts import TYPES
from regrow.base.errors import Problem
from regrow.compile.dvc_yaml import path_of
from regrow.plugin.declare import Artifact, Stage, is_taken
from regrow.plugin.project import Project

SHOWN = {"connects": "connects to"}
SOURCES = f"in {layout.PYPROJECT}, [tool.regrow.sources]:"
TYPE_OF = {".csv": "curve", ".json": "record"}  # where a file's ending alone does not say it
MANY = 3  # more files than these that one line of code reads in one folder are told as the folder


@dataclass(frozen=True, order=True)
class Undeclared:
    """One undeclared touch.

    what: "reads", "lists", "writes", "connects" or "starts". target: a path, relative to the project with forward
    slashes if inside and absolute if not; host:port; a program. place: file, line and function of the stage's code.
    inside: whether it is a path inside the project.
    """

    what: str
    target: str
    place: str
    inside: bool

    def __str__(self) -> str:
        return f"{SHOWN.get(self.what, self.what)} {self.target}, which it did not declare"


@dataclass(frozen=True)
class Declarations:
    """What the project declares: sources (name -> path), every stage's artifacts, by name, and its own package, whose
    stages are the user's to change."""

    sources: Mapping[str, str] = field(default_factory=dict)
    artifacts: Mapping[str, Artifact] = field(default_factory=dict)
    package: str = ""

    @classmethod
    def of(cls, project: Project, artifacts: Mapping[str, Artifact]) -> "Declarations":
        """A project's."""
        return cls(project.sources, artifacts, project.package)

    def owns(self, stage: Stage) -> bool:
        """Whether the stage may be the user's own."""
        return not self.package or stage.run.startswith((f"{self.package}.", f"{self.package}:"))

    def paths(self) -> dict[str, str]:
        """Path -> name."""
        return {**{path: name for name, path in self.sources.items()}, **self.made()}

    def made(self) -> dict[str, str]:
        """Path -> name of what stages make."""
        return {path_of(artifact): name for name, artifact in self.artifacts.items()}

    def name_for(self, path: str) -> str:
        """A new name for a source, from the file's stem."""
        stem = re.sub(r"\W+", "_", PurePosixPath(path).name.partition(".")[0], flags=re.ASCII).strip("_").lower()
        stem = (stem if stem[:1].isalpha() else f"data_{stem}".rstrip("_"))[:60]
        taken = {*self.sources, *self.artifacts}
        free = (name for number in range(1, 10_000) if (name := stem if number == 1 else f"{stem}_{number}"))
        return next(name for name in free if name not in taken and not is_taken(name))


def problems(findings: Iterable[Undeclared], stage: Stage, declared: Declarations | None = None) -> list[Problem]:
    """Each finding as a problem with its fix; many files of one folder as one.

    declared: what the project's sources and stages are, so that the fix can name what is there already.
    """
    return [
        Problem(wrong, f"stage {stage.name}, {one.place}", "\n".join(fix(one, stage, declared or Declarations())))
        for wrong, one in grouped(findings)
    ]


def grouped(findings: Iterable[Undeclared]) -> list[tuple[str, Undeclared]]:
    """What to say, and of what: files in one folder, read by one line, are the folder; so are folders below it."""
    findings = list(findings)
    listed = {(one.place, one.target) for one in findings if one.what == "lists"}
    groups: dict[tuple[str, str, str], list[Undeclared]] = defaultdict(list)
    for one in findings:
        above = (parent.as_posix() for parent in PurePosixPath(one.target).parents)
        if one.what == "lists" and any((one.place, folder) in listed for folder in above):
            continue
        folder = one.target.rpartition("/")[0]
        alone = one.what != "reads" or not folder
        groups[one.what, one.place, one.target if alone else folder].append(one)
    told: list[tuple[str, Undeclared]] = []
    for (what, place, folder), group in groups.items():
        if len(group) > MANY:
            wrong = f"reads {len(group)} files in {folder}, which it did not declare: {group[0].target}, ..."
            told.append((wrong, Undeclared(what, folder, place, group[0].inside)))
        else:
            told += [(str(one), one) for one in group]
    return told


def fix(finding: Undeclared, stage: Stage, declared: Declarations) -> list[str]:
    """The lines to write, and where."""
    if finding.what == "connects":
        return [
            "what a server says can't be had again: fetch it once into a file",
            *_new_source("data/FILE", stage, declared),
        ]
    if finding.what == "starts":
        return [
            "call a library in its place; or make it a stage of your own in dvc.yaml, whose output this stage needs",
            *_new_source("data/FILE", stage, declared, track=False),
        ]
    if finding.what == "writes":
        return _for_writing(finding, stage, declared)
    if not finding.inside:
        copied = f"data/{PurePosixPath(finding.target.replace(chr(92), '/')).name}"
        return [f"copy it into the project: cp -r '{finding.target}' {copied}", *_new_source(copied, stage, declared)]
    return _for_reading(finding, stage, declared)


def _for_reading(finding: Undeclared, stage: Stage, declared: Declarations) -> list[str]:
    path = finding.target
    for known, name in declared.paths().items():
        if path == known or path.startswith(f"{known}/"):
            if name in {made.name for made in stage.makes}:
                return ["a stage can't need what it makes: work it out anew, or let another stage make it"]
            return _need(name, stage, declared)
    top = path.partition("/")[0]
    if top in {layout.CONF, layout.PARAMS, layout.FINGERPRINTS}:
        return [f'settings come as `settings`: in Stage("{stage.name}", ...): params=[..., "KEY"]']
    if top in {layout.DVC_YAML, layout.DVC_LOCK, layout.HASHES, ".dvc", ".git"}:
        return ["it belongs to Git, DVC or regrow and changes by itself: no stage can depend on it"]
    if path.endswith(".py") and top != layout.SOURCE:
        return [f"move the module below {layout.SOURCE}/ and import it from there: code is in the fingerprint then"]
    if (finding.what == "lists" and any(known.startswith(f"{path}/") for known in declared.paths())) or path == ".":
        return [
            "stages write there too, so it can't be a source: put the files you mean into a folder of their own",
            *_new_source("data/FOLDER", stage, declared),
        ]
    if top == layout.SOURCE:
        moved = f"data/{PurePosixPath(path).name}"
        return [f"move it out of the code: mv {path} {moved}", *_new_source(moved, stage, declared)]
    return _new_source(path, stage, declared)


def _new_source(path: str, stage: Stage, declared: Declarations, *, track: bool = True) -> list[str]:
    name = declared.name_for(path)
    tracked = [f"dvc add {path}    (if neither Git nor DVC has it)"] if track else []
    source = [f'{SOURCES} {name} = "{path}"'] if declared.owns(stage) else []
    return [*tracked, *source, *_need(name, stage, declared)]


def _need(name: str, stage: Stage, declared: Declarations) -> list[str]:
    if not declared.owns(stage):
        return [
            f"the stage is of the plugin {_plugin(stage)}, which says what it needs: {', '.join(stage.arguments)}",
            "hand the data over in one of these, or read it in a stage of your own",
        ]
    needs = ", ".join(
        f'"{need}"' if isinstance(need, str) else str(need) for need in dict.fromkeys([*stage.needs, name])
    )
    function = stage.run.rpartition(":")[2]
    return [
        f'in Stage("{stage.name}", ...): needs=[{needs}]',
        f"and let {function}(...) take it as the argument `{name}`; then: regrow compile",
    ]


def _for_writing(finding: Undeclared, stage: Stage, declared: Declarations) -> list[str]:
    path = finding.target
    if finding.inside:
        for made in stage.makes:
            if path == path_of(made) or path.startswith(f"{path_of(made)}/"):
                return [f'regrow writes it: let the function return {{"{made.name}": ...}} and write nothing']
        for known, name in declared.paths().items():
            if path == known or path.startswith(f"{known}/"):
                return [f"{name!r} is not this stage's to change: work on a copy, and open it for reading alone"]
    if not declared.owns(stage):
        makes = ", ".join(made.name for made in stage.makes)
        return [
            f"the stage is of the plugin {_plugin(stage)}, which says what it makes: {makes}",
            "write it in a stage of your own; a file that nobody needs afterwards belongs into a temporary folder",
        ]
    name = declared.name_for(path)
    endings = sorted((kind for kind in TYPES if TYPES[kind].ending), key=lambda kind: -len(TYPES[kind].ending))
    by_ending = next((kind for kind in endings if path.endswith(TYPES[kind].ending)), "")
    kind = TYPE_OF.get(PurePosixPath(path).suffix, by_ending)
    also = f', path="{path}"' if finding.inside and kind else ""
    return [
        f'in Stage("{stage.name}", ...): makes=[..., Artifact("{name}", "{kind or "TYPE"}"{also})]',
        f'and let the function return it: {{..., "{name}": ...}}; then: regrow compile',
        *([] if kind else [f"TYPE is one of {', '.join(TYPES)}"]),
        "a file that nobody needs afterwards belongs into a temporary folder (tempfile)",
    ]


def _plugin(stage: Stage) -> str:
    return stage.run.partition(":")[0].partition(".")[0]
