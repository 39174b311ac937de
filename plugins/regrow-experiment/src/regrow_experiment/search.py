"""What finds a model's settings and fits it: `none`, `grid`, `random`. Trials are told in order."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold, StratifiedKFold

from regrow import Context, RegrowError
from regrow.plugin.declare import LOWER
from regrow.plugin.kinds import Search
from regrow_experiment import noise, space
from regrow_experiment.metric_scorer import Scorer
from regrow_experiment.search_settings import Grid, Random
from regrow_experiment.search_settings import Search as SearchSettings
from regrow_experiment.trials import Journal, Limits, Outcome, Trials, failed

log = logging.getLogger("regrow.progress")
EVERY = 10  # trials are told, and each that is better
TWICE = 200  # draws for one that was not tried yet; then a space is taken to be exhausted
TRIALS, SECONDS, CPU_SECONDS, ACCEPTED, EXHAUSTED = "trials", "seconds", "cpu_seconds", "accepted", "exhausted"
CLOCKS = (SECONDS, CPU_SECONDS)


def none(settings: None, context: Context) -> Search:
    """Fits the settings as they are."""

    def search(build: Callable[..., Any], X: pd.DataFrame, y: np.ndarray) -> Any:
        return build().fit(X, y)

    return search


def grid(settings: Grid, context: Context) -> Search:
    """Every combination of the space; of a range, `points` values."""
    return Searching(settings, context, space.grid(settings.space, settings.points))


def random(settings: Random, context: Context) -> Search:
    """Combinations at random, none twice. Bergstra and Bengio, JMLR 13, 2012."""
    return Searching(settings, context, _drawn(settings, context))


def _drawn(settings: Random, context: Context) -> Iterator[dict[str, Any]]:
    """Each trial draws from a stream of its own."""
    seen: set[str] = set()
    number = 0
    while settings.space:
        draws = np.random.default_rng(context.stream(f"trial/{number}"))
        new = (one for one in (space.draw(settings.space, draws) for _ in range(TWICE)) if repr(one) not in seen)
        if (changes := next(new, None)) is None:
            return
        seen.add(repr(changes))
        yield changes
        number += 1


@dataclass(frozen=True)
class Tried:
    """One trial. repeat: 0, or the number of the seed with which the settings as they stand were tried again."""

    number: int
    changes: Mapping[str, Any]
    repeat: int
    outcome: Outcome

    @property
    def score(self) -> float:
        """The mean over the folds; NaN if it failed."""
        return float(np.mean(self.outcome.scores)) if self.outcome.scores else np.nan


@dataclass
class Told:
    """What a search tried. stopped: what ended it. share: test rows over training rows of an inner fold."""

    trials: list[Tried] = field(default_factory=list)
    stopped: str = EXHAUSTED
    metric: str = "score"
    higher: bool = True
    share: float = 0.0
    accept: float | None = None
    space: Mapping[str, Any] = field(default_factory=dict)

    @property
    def best(self) -> Tried | None:
        """The first of the best trials, repeats not counted; None if all failed."""
        ended = [one for one in self.trials if one.outcome.scores and not one.repeat]
        return max(ended, key=lambda one: (one.score * (1 if self.higher else -1), -one.number), default=None)

    @property
    def floor(self) -> float | None:
        """The noise floor: see `regrow_experiment.noise.floor`."""
        again = [one for one in self.trials if (one.repeat or not one.number) and one.outcome.scores]
        return noise.floor([one.outcome.scores for one in again], self.share)

    @property
    def gain(self) -> noise.Gain | None:
        """Of the best over the settings as they stand; None where one of them is not there, or they are the same."""
        best, first = self.best, self.trials[0] if self.trials else None
        if best is None or first is None or not first.outcome.scores or best.number == 0:
            return None
        return noise.gain(best.outcome.scores, first.outcome.scores, self.share, self.higher, self.floor)

    @property
    def accepted(self) -> bool:
        """Whether the best is as good as `accept` asks; True where it asks nothing."""
        best, least = self.best, self.accept
        return least is None or (best is not None and (best.score >= least if self.higher else best.score <= least))

    def choices(self) -> dict[str, Any]:
        """What clock and machine decided, and what does not follow from the settings otherwise."""
        odd = {str(one.number): one.outcome.reason for one in self.trials if one.outcome.by_machine}
        return {"trials": len(self.trials), "stopped": self.stopped, **({"failed": odd} if odd else {})}


class Searching:
    """A search over `proposals`. After a call, `told` is what it tried."""

    def __init__(self, settings: SearchSettings, context: Context, proposals: Iterable[dict[str, Any]]) -> None:
        self.settings, self.context, self.proposals = settings, context, proposals
        self.asked: list[tuple[Mapping[str, Any], int]] = []  # by number: changes, repeat
        use = settings.metric
        name, higher = (use.name, use.component.better != LOWER) if use else ("score", True)
        self.told = Told(metric=name, higher=higher, accept=settings.accept, space=settings.space)

    def __call__(self, build: Callable[..., Any], X: pd.DataFrame, y: np.ndarray) -> Any:
        """The pipeline with the best settings, fitted on all rows; see `regrow.plugin.kinds.Search`."""
        folds = [self._folds(X, y, repeat) for repeat in range(self.settings.noise)]
        self.told.share = float(np.mean([len(test) / len(train) for train, test in folds[0]]))
        scorer = self._scorer(y)

        def work(number: int) -> list[float]:
            changes, repeat = self.asked[number]
            scores = []
            for train, test in folds[repeat]:
                model = _built(build, changes, repeat).fit(X.iloc[train], y[train])
                scores.append(scorer(model, X.iloc[test], y[test]))
            return scores

        self._run(work)
        best = self.told.best
        if best is None:
            reason = self.told.trials[0].outcome.reason if self.told.trials else "there were none"
            raise RegrowError(f"every trial failed; the first: {reason}", where="search", fix="see search.space")
        self._require_accepted(best)
        return _built(build, best.changes, 0).fit(X, y)

    def _run(self, work: Callable[[int], list[float]]) -> None:
        """Fill `told`."""
        given, budget = self.context.choices, self.settings.budget
        said = {int(key): failed(reason, True) for key, reason in (given or {}).get("failed", {}).items()}
        limits = Limits(self.settings.trial.seconds, self.settings.trial.memory_mb, budget.seconds)
        if given:  # the clock has decided
            limits = Limits()
        journal = Journal.open(self.context.scratch, "trials")
        trials = Trials(work, limits, _workers(self.context.workers), journal)
        outcomes = trials.outcomes(self._numbers(given), said)
        cpu = 0.0
        for number, outcome in outcomes:
            changes, repeat = self.asked[number]
            self.told.trials.append(Tried(number, changes, repeat, outcome))
            self._progress(number)
            cpu += outcome.cpu
            if why := self._enough(number, cpu, replaying=bool(given)):
                self.told.stopped = why
                break
        else:
            self.told.stopped = self._ended(given, trials)
        outcomes.close()

    def _numbers(self, given: Mapping[str, Any] | None) -> Iterator[int]:
        """The settings as they stand, those under other seeds, then proposals; `asked` says what each number is."""
        repeats: list[tuple[Mapping[str, Any], int]] = [({}, repeat) for repeat in range(self.settings.noise)]
        most = self.settings.budget.trials
        proposed = ((changes, 0) for changes in islice(self.proposals, most))
        asked = (one for part in (repeats, proposed) for one in part)
        for number, one in enumerate(islice(asked, given["trials"] if given else None)):
            self.asked.append(one)
            yield number

    def _enough(self, number: int, cpu: float, *, replaying: bool) -> str:
        """Why to stop after a trial, "" to go on. Not before the noise is known."""
        if number < self.settings.noise - 1:
            return ""
        if self.settings.accept is not None and self.told.accepted:
            return ACCEPTED
        most = self.settings.budget.cpu_seconds
        return CPU_SECONDS if most is not None and cpu >= most and not replaying else ""

    def _ended(self, given: Mapping[str, Any] | None, trials: Trials) -> str:
        if given:
            return str(given["stopped"])
        if trials.over:
            return SECONDS
        most = self.settings.budget.trials
        return TRIALS if most is not None and len(self.asked) == self.settings.noise + most else EXHAUSTED

    def _progress(self, number: int) -> None:
        told, last = self.told, self.told.trials[-1]
        best = told.best
        if number % EVERY and last is not best and number != self.settings.noise - 1:
            return
        found = f"{last.score:.6g}" if last.outcome.scores else f"failed: {last.outcome.reason}"
        noted = f", noise {told.floor:.2g}" if told.floor is not None else ""
        far = f"best {best.score:.6g} in trial {best.number}{noted}" if best else "none has succeeded"
        log.info("search: trial %d: %s %s (%s)", number, told.metric, found, far)

    def _require_accepted(self, best: Tried) -> None:
        if self.told.accepted:
            return
        wrong = f"the best {self.told.metric} is {best.score:.6g}, and search.accept asks for {self.settings.accept:g}"
        if self.settings.otherwise == "fail":
            raise RegrowError(wrong, where="search", fix="a larger budget or space; or search.otherwise: warn")
        log.warning("search: %s", wrong)

    def _folds(self, X: pd.DataFrame, y: np.ndarray, repeat: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """(training rows, test rows) of each inner fold, of these rows alone."""
        seed = self.context.stream(f"folds/{repeat}")
        if self.settings.splitter:
            context = replace(self.context, random_state=seed, scratch=None, choices=None)
            held_out = np.asarray(self.settings.splitter.make(context)(pd.Series(y, index=X.index)))
            numbers = [number for number in np.unique(held_out) if number >= 0]
            return [(np.flatnonzero(held_out != one), np.flatnonzero(held_out == one)) for one in numbers]
        kind = KFold if self.context.task == "regression" else StratifiedKFold
        return list(kind(self.settings.folds, shuffle=True, random_state=seed).split(X, y))

    def _scorer(self, y: np.ndarray) -> Scorer:
        use, task = self.settings.metric, self.context.task
        labels = np.array([]) if task == "regression" else np.unique(y)
        return Scorer(use.make(self.context) if use else None, task, labels, self.settings.positive)


def _built(build: Callable[..., Any], changes: Mapping[str, Any], repeat: int) -> Any:
    """A pipeline, unfitted. Asked for nothing special, any `build` will do."""
    if repeat:
        return build(changes, repeat)
    return build(changes) if changes else build()


def _workers(workers: int) -> int:
    """-1 is as many as there are cores."""
    from joblib import cpu_count

    return workers if workers > 0 else max(1, cpu_count() + 1 + workers)  # regrow: harmless machine: changes no result
