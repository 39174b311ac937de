"""A sweep, from the refusals to the end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regrow import hashing, names, recording
from regrow.errors import RegrowError
from regrow.project import Project
from regrow.recorded import Entry, Recorded, StageRecord, read_commit
from regrow.replay.checkout import laid_out
from regrow.replay.commit import Say, require_replayable
from regrow.replay.going_on import objects, put
from regrow.replay.supplies import Supplies
from regrow.safe_path import safe_join
from regrow.sweep import grid, keep
from regrow.sweep.frozen import Experiment, Frozen, freeze
from regrow.sweep.grid import Overrides
from regrow.sweep.places import Place
from regrow.sweep.schedule import Course, Key, Outs, Schedule, key_of
from regrow.tools import git, stores


@dataclass(frozen=True)
class Outcome:
    """What became of an experiment. commit: "" if it failed; then `reason` says why. before: whether it was there."""

    name: str
    overrides: Overrides
    commit: str = ""
    reason: str = ""
    before: bool = False


@dataclass
class Sweep:
    """wanted: name -> overrides. blobs: md5 -> bytes of outputs that Git keeps."""

    project: Project
    wanted: Mapping[str, Overrides]
    workers: int
    told: Callable[[Outcome], None]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    cache: stores.Cache = field(init=False)

    def run(self, recorded: Recorded, tree: Path) -> None:
        """Run what is wanted and not there yet."""
        self.cache = stores.cache(self.project.root)
        frozen = freeze(recorded, tree, self.wanted)
        left = [one for one in frozen.experiments if not self._is_there(recorded, one)]
        supplies = Supplies.of(recorded, self.project.root)
        places = [self._place(frozen, supplies, number) for number in range(min(self.workers, len(left)))]
        if places:
            Schedule(places, self._job, self._known(recorded), lambda course: self._end(recorded, course)).run(
                [Course(one, self._start(frozen, one), frozen.stages) for one in left]
            )

    def _is_there(self, recorded: Recorded, experiment: Experiment) -> bool:
        """Whether a sweep that ended early has left it. Raises RegrowError if it is another of the same name."""
        commit = git.resolve(self.project.root, keep.reference(recorded.commit, experiment.name))
        if commit is None:
            return False
        if git.show(self.project.root, commit, names.PARAMS) != experiment.files[names.PARAMS]:
            fix = "take another --name"
            raise RegrowError("is there already, with other settings", where=f"experiment {experiment.name}", fix=fix)
        self._tell(Outcome(experiment.name, experiment.overrides, commit, before=True))
        return True

    def _place(self, frozen: Frozen, supplies: Supplies, number: int) -> Place:
        place = Place(frozen.tree.parent / f"worker {number}" / frozen.tree.name, frozen, supplies, self.blobs)
        place.prepare()
        return place

    def _start(self, frozen: Frozen, experiment: Experiment) -> dict[str, Entry]:
        """What is there of an experiment before any stage runs: inputs, and what compiling made."""
        found = {entry.path: entry for entry in frozen.recorded.inputs}
        found |= {path: keep.as_entry(path, digest, True) for path, digest in frozen.sources.items()}
        return found | {entry.path: entry for entry in keep.compiled(experiment)}

    def _known(self, recorded: Recorded) -> dict[Key, Outs]:
        """What the commit's own run made, where all of it can be had."""
        found: dict[Key, Outs] = {}
        for stage in recorded.stages:
            if stage.name != names.COMPILE and all(self._have(recorded, out) for out in stage.outs):
                settings = stage.params.get(names.PARAMS) or {}
                known = {dep.path: dep for dep in stage.deps}
                found[key_of(stage, nested(settings), known)] = {out.path: out for out in stage.outs}
        return found

    def _have(self, recorded: Recorded, out: Entry) -> bool:
        if out.in_git:
            data = recorded.bytes(out.path)
            self.blobs |= {out.md5: data} if data is not None else {}
            return data is not None
        listed = self.cache.path(out.md5) if out.md5 else None
        if listed is None or not listed.exists():
            return False
        inner = hashing.parse_listing(listed.read_bytes()).values() if out.md5.endswith(hashing.FOLDER) else ()
        return all((path := self.cache.path(md5)) is not None and path.exists() for md5 in inner)

    def _job(self, place: Place, stage: StageRecord, experiment: Experiment, needs: Mapping[str, Entry]) -> Outs:
        """Run a stage, and keep what it made."""
        given = {path: entry for path, entry in needs.items() if path not in experiment.files}
        made = place.run(stage, experiment, given)
        for out in stage.outs:
            file = safe_join(place.folder, out.path)
            if out.in_git:
                self.blobs[made[out.path].md5] = file.read_bytes()
                continue
            for md5, source in objects(file, made[out.path]):
                target = self.cache.path(md5)
                if target is not None and not target.exists():
                    put(target, source)
        return {out.path: keep.as_entry(out.path, made[out.path], out.in_git) for out in stage.outs}

    def _end(self, recorded: Recorded, course: Course) -> None:
        one = course.experiment
        if course.failed:
            self._tell(Outcome(one.name, one.overrides, reason=str(course.failed)))
            return
        commit = keep.commit(recorded, one, course.known, self.blobs)
        self._tell(Outcome(one.name, one.overrides, commit))

    def _tell(self, outcome: Outcome) -> None:
        self.outcomes[outcome.name] = outcome
        self.told(outcome)


def run(
    project: Project,
    wanted: Sequence[Overrides],
    *,
    name: str = "",
    workers: int = 2,
    resume: bool = False,
    told: Callable[[Outcome], None] = lambda _: None,
    say: Say = lambda _: None,
) -> list[Outcome]:
    """Run an experiment for each list of overrides, from HEAD; each that ends well is a DVC experiment afterwards.

    resume: go on where a sweep of the same name, which was ended early, has been. told: hears of each that ends.
    Raises RegrowError for what `regrow run` refuses, settings that don't fit, and experiments of that name.
    """
    with recording.ready(project, say=say):
        recorded = read_commit(project.root, "HEAD")
        require_replayable(recorded)
        named = _named(wanted, name or grid.name_of(wanted, recorded.commit))
        there = git.references(project.root, keep.reference(recorded.commit, "").rstrip("/"))
        if not resume and (old := [one for one in named if keep.reference(recorded.commit, one) in there]):
            fix = "to go on with a sweep that was ended early: --resume\nto keep both: --name NAME"
            raise RegrowError(f"is there already, one of {len(old)}", where=f"experiment {old[0]}", fix=fix)
        sweep = Sweep(project, named, workers, told)
        with laid_out(recorded) as tree:
            sweep.run(recorded, tree)
        return [sweep.outcomes[one] for one in named]


def _named(wanted: Sequence[Overrides], name: str) -> dict[str, Overrides]:
    width = len(str(len(wanted)))
    return {f"{name}-{number:0{width}d}": overrides for number, overrides in enumerate(wanted, 1)}


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """{"a.b": 1} as {"a": {"b": 1}}."""
    found: dict[str, Any] = {}
    for key, value in flat.items():
        *above, last = key.split(".")
        inner = found
        for part in above:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return found
