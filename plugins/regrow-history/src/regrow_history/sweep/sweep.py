"""A sweep, from the refusals to the end."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base import hashing
from regrow.base.errors import RegrowError
from regrow.environment import files as environment_files
from regrow.environment import records
from regrow.plugin.project import Project
from regrow.record.commit_record import Entry, Files, Recorded, StageRecord, read_commit, resolve
from regrow.run import preflight, refusals, reproduce, uncommitted
from regrow.tools import git, stores
from regrow_history.replay.checkout import EXECUTABLE, laid_out
from regrow_history.replay.inputs import Supplies
from regrow_history.replay.replay import Say, require_replayable
from regrow_history.sweep import commit as keep
from regrow_history.sweep import elsewhere, grid
from regrow_history.sweep.grid import Overrides
from regrow_history.sweep.local import LocalWorkers
from regrow_history.sweep.prepared import Experiment, Frozen, freeze
from regrow_history.sweep.run_cache import Earlier
from regrow_history.sweep.schedule import Course, Key, Outs, Schedule, key_of
from regrow_history.sweep.workdirs import Workdir
from regrow_history.tools import git_commits


@dataclass(frozen=True)
class Outcome:
    """What became of an experiment. commit: its own. reason: why it failed, "" if it did not. before: whether it was
    there."""

    name: str
    overrides: Overrides
    commit: str
    reason: str = ""
    before: bool = False


@dataclass(frozen=True)
class Swept:
    """What became of a sweep. base: the commit that all of it began from."""

    base: str
    outcomes: Sequence[Outcome]


@dataclass
class Sweep:
    """wanted: name -> overrides. workers: stages at once here. blobs: md5 -> bytes of outputs that Git keeps. there:
    reference -> commit of the experiments, and of those that failed, that are there already."""

    project: Project
    wanted: Mapping[str, Overrides]
    workers: int
    supplies: Supplies
    told: Callable[[Outcome], None]
    begins: Callable[[StageRecord, Experiment], None]
    say: Say
    cache: stores.Cache
    blobs: dict[str, bytes]
    there: Mapping[str, str]
    outcomes: dict[str, Outcome] = field(default_factory=dict)

    def run(self, recorded: Recorded, tree: Path, away: elsewhere.Away | None, runner: elsewhere.Runner | None) -> None:
        """Run what is wanted and not there yet: here, or by a runner elsewhere."""
        frozen = freeze(recorded, tree, self.supplies, self.wanted, self.project)
        if not frozen.is_compiled:
            refusals.require_compiled(self.project)
        left = [one for one in frozen.experiments if not self._is_there(frozen.recorded, one)]
        keeper = keep.ExperimentCommits.of(frozen.recorded, frozen.ignores)
        if left and runner and away:
            self._elsewhere(frozen, {one.name: one for one in left}, keeper, away, runner)
        elif left:
            site = LocalWorkers(frozen, self.supplies, self.cache, self.blobs, self.workers)
            earlier = Earlier(keeper, self.cache, self.blobs)
            schedule = Schedule(
                site.seats(len(left)),
                partial(_run, site, earlier),
                earlier.find,
                self._known(recorded),
                lambda course: self._end(keeper, course),
                self.begins,
                _once(self.say),
            )
            schedule.run([Course(one, self._start(frozen, one), frozen.stages) for one in left], keeper.prepare)

    def _elsewhere(
        self,
        frozen: Frozen,
        left: Mapping[str, Experiment],
        keeper: keep.ExperimentCommits,
        away: elsewhere.Away,
        runner: elsewhere.Runner,
    ) -> None:
        """Tell of each that ends; one that failed is recorded as if no stage of it had run."""
        wanted = {name: one.overrides for name, one in left.items()}
        with closing(runner(replace(away, wanted=wanted))) as ended:  # type: ignore[type-var]
            for name, reason in ended:
                course = Course(left[name], self._start(frozen, left[name]), frozen.stages)
                course.failed = RegrowError(reason) if reason else None
                self._end(keeper, course, git.resolve(self.project.root, keep.reference(away.base, name)) or "")

    def _is_there(self, recorded: Recorded, experiment: Experiment) -> bool:
        """Whether a sweep that ended early has left it. Raises RegrowError if it is another of the same name."""
        commit = self.there.get(keep.reference(recorded.base, experiment.name))
        if commit is None:
            return False
        same = git.show(self.project.root, commit, layout.PARAMS) == experiment.files[layout.PARAMS]
        if not same or _written(recorded, git.files(self.project.root, commit)) != _written(recorded, recorded.files):
            wrong, fix = "is there already, with other settings or edits", "take another --name"
            raise RegrowError(wrong, where=f"experiment {experiment.name}", fix=fix)
        self._tell(Outcome(experiment.name, experiment.overrides, commit, before=True))
        return True

    def _start(self, frozen: Frozen, experiment: Experiment) -> dict[str, Entry]:
        """What is there of an experiment before any stage runs: inputs, and what compiling made."""
        found = {entry.path: entry for entry in frozen.recorded.inputs}
        files = frozen.recorded.files
        for path, digest in frozen.sources.items():
            executable = files.get(path, ("",))[0] == EXECUTABLE
            found[path] = replace(keep.as_entry(path, digest, True), executable=executable)
        return found | {entry.path: entry for entry in keep.compiled(experiment)}

    def _known(self, recorded: Recorded) -> dict[Key, Outs]:
        """What the commit's own run made, where all of it can be had."""
        found: dict[Key, Outs] = {}
        for stage in recorded.stages:
            if stage.name != layout.COMPILE and all(self._have(recorded, out) for out in stage.outs):
                settings = stage.params.get(layout.PARAMS) or {}
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

    def _end(self, keeper: keep.ExperimentCommits, course: Course, commit: str = "") -> None:
        """Keep an experiment, of which there may be a commit already."""
        one = course.experiment
        if course.failed:
            reason, left = str(course.failed), {stage.name for stage in course.left}
            commit = keeper.fail(one, course.known, self.blobs, left, reason)
            self._tell(Outcome(one.name, one.overrides, commit, reason))
            return
        commit = commit or keeper.commit(one, course.known, self.blobs)
        if (failure := keep.failure(keeper.recorded.base, one.name)) in self.there:
            git.forget(self.project.root, failure)
        self._tell(Outcome(one.name, one.overrides, commit))

    def _tell(self, outcome: Outcome) -> None:
        self.outcomes[outcome.name] = outcome
        self.told(outcome)


def run(
    project: Project,
    wanted: Sequence[Overrides] | Mapping[str, Overrides],
    *,
    name: str = "",
    workers: int = 2,
    on: str = "",
    resume: bool = False,
    told: Callable[[Outcome], None] = lambda _: None,
    begins: Callable[[StageRecord, Experiment], None] = lambda *_: None,
    say: Say = lambda _: None,
) -> Swept:
    """Run an experiment for each list of overrides (or name -> overrides), from HEAD with what is edited of tracked
    files; each that ends well is a DVC experiment afterwards, and its commit holds the edits.

    on: where experiments run in place of `workers` here, as SCHEME://ADDRESS. resume: go on where a sweep of the same
    name, which was ended early, has been. told: hears of each that ends; begins: of each stage that
    is about to run. say: is given what else there is to tell.
    Raises RegrowError for what `regrow run` refuses, settings that don't fit, experiments of that name, and an
    address that can't be used.
    """
    runner = elsewhere.runner(on) if on else None
    installed = environment_files.begin(records.here(), say)  # before there are threads
    with reproduce.own_tree(project, soon=not on, compiles=False, say=say):
        declared = preflight.require_own(project, reads_data=False)
        held = partial(uncommitted.problems, project, declared=declared)
        preflight.refuse(preflight.preflight(project, installed, held))
        head = resolve(project.root, "HEAD")
        recorded = read_commit(project.root, edited := git_commits.edited(project.root, head), run=False)
        recorded = replace(recorded, head=head if edited != head else "")
        require_replayable(recorded)
        named, name = _named(wanted, name, recorded.commit + git.prefix(project.root))
        there = _there(project, recorded.base, () if resume else named)
        cache, blobs = stores.cache(project.root), dict[str, bytes]()
        supplies = Supplies.of(recorded, project.root)
        away = elsewhere.Away(project.root, on, recorded.base, recorded.commit, name, named, say)
        with laid_out(recorded) as tree:
            sweep = Sweep(project, named, workers, supplies, told, begins, say, cache, blobs, there)
            sweep.run(recorded, tree, away, runner)
            return Swept(recorded.base, [sweep.outcomes[one] for one in named])


def _run(
    site: LocalWorkers, earlier: Earlier, seat: Workdir, stage: StageRecord, experiment: Experiment, needs: Outs
) -> Outs:
    """Run a stage, which need not run again."""
    outs = site.job(seat, stage, experiment, needs)
    earlier.keep(stage, experiment, {**needs, **outs})
    return outs


def _there(project: Project, base: str, new: Iterable[str]) -> Mapping[str, str]:
    """Reference -> commit of what began from `base` and is there. Raises RegrowError for experiments among `new`."""
    found = git.references(project.root, *(place(base, "").rstrip("/") for place in (keep.reference, keep.failure)))
    if old := [one for one in new if keep.reference(base, one) in found]:
        fix = "to go on with a sweep that was ended early: --resume\nto keep both: --name NAME"
        raise RegrowError(f"is there already, one of {len(old)}", where=f"experiment {old[0]}", fix=fix)
    return found


def _written(recorded: Recorded, files: Files) -> dict[str, tuple[str, str]]:
    """Those of a commit that people write: what an experiment makes, and DVC writes for it, is left out."""
    made = {*recorded.makers, layout.DVC_LOCK}
    return {path: entry for path, entry in files.items() if path not in made and not path.endswith(".gitignore")}


def _once(say: Say) -> Say:
    """Says the same but once: most often all experiments do the same."""
    said = set[str]()

    def hear(note: str) -> None:
        if note not in said:
            said.add(note)
            say(note)

    return hear


def _named(
    wanted: Sequence[Overrides] | Mapping[str, Overrides], name: str, base: str
) -> tuple[dict[str, Overrides], str]:
    """The experiments by name, and the sweep's own."""
    if isinstance(wanted, Mapping):
        return dict(wanted), name or next(iter(wanted))
    name, width = name or grid.name_of(wanted, base), len(str(len(wanted)))
    return {f"{name}-{number:0{width}d}": overrides for number, overrides in enumerate(wanted, 1)}, name


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
