"""A search at work: it asks for trials in rounds, is told their outcomes in order, and fits the best."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from multiprocessing.reduction import ForkingPickler
from typing import Any

import numpy as np
import pandas as pd
from sklearn.model_selection import KFold, StratifiedKFold

from regrow import Context, RegrowError
from regrow.plugin.declare import LOWER
from regrow_experiment import engine
from regrow_experiment.interrupt import Interrupt
from regrow_experiment.metric_scorer import Scorer
from regrow_experiment.search_settings import Search as SearchSettings
from regrow_experiment.told import EXHAUSTED, SCORE, Ask, Point, Rounds, Told, Tried
from regrow_experiment.trials import Journal, Limits, Outcome, Trials, Work, clock, failed, processor

log = logging.getLogger("regrow.progress")
EVERY = 10  # trials are told, and each that is better
HOUR = 3600.0
TRAIN = "train"
MOST_SCORED = 20_000  # training rows on which a point of the learning curve is scored, too
TRIALS, SECONDS, CPU_SECONDS, MONEY, ACCEPTED = "trials", "seconds", "cpu_seconds", "money", "accepted"
PATIENCE, INTERRUPTED = "patience", "interrupted"
Propose = Callable[[Told], Rounds]
Folds = Sequence[tuple[np.ndarray, np.ndarray]]


class Searching:
    """A search over what `propose` asks for. After a call, `told` is what it tried.

    adaptive: whether a round depends on those before it, so that it has to wait for them.
    """

    def __init__(self, settings: SearchSettings, context: Context, propose: Propose, adaptive: bool = False) -> None:
        self.settings, self.context, self.propose = settings, context, propose
        self.adaptive, self.waits = adaptive, adaptive or settings.prune
        self.asked: list[tuple[Ask, int]] = []  # by number: what is tried, the first number of its round
        use = settings.metric
        name, higher = (use.name, use.component.better != LOWER) if use else (SCORE, True)
        self.told = Told(metric=name, higher=higher, accept=settings.accept, space=settings.space)
        self.told.constraints, self.told.then = settings.constraints, settings.then

    def __call__(self, build: Callable[..., Any], X: pd.DataFrame, y: np.ndarray) -> Any:
        """The pipeline with the best settings, fitted on all rows; see `regrow.plugin.kinds.Search`."""
        folds = [self._folds(X, y, repeat) for repeat in range(self.settings.noise)]
        self.told.share = float(np.mean([len(test) / len(train) for train, test in folds[0]]))
        scorer = self._scorer(y)

        def work(job: tuple[Ask, Sequence[float]]) -> Outcome:
            ask, medians = job
            return self._try(ask, medians, lambda: built(build, ask), folds[ask.repeat], scorer, X, y)

        with Interrupt(self.context.scratch and self.context.scratch.parent.parent) as interrupt:
            self._run(work, interrupt)
        best = self.told.best
        if best is None:
            reason = self.told.trials[0].outcome.reason if self.told.trials else "there were none"
            raise RegrowError(f"every trial failed; the first: {reason}", where="search", fix="see search.space")
        self._require_accepted(best)
        self._draw_curve(lambda: built(build, Ask(best.changes)), folds[0], scorer, X, y)
        return built(build, Ask(best.changes)).fit(X, y)

    def _try(
        self,
        ask: Ask,
        medians: Sequence[float],
        make: Callable[[], Any],
        folds: Folds,
        scorer: Scorer,
        X: pd.DataFrame,
        y: np.ndarray,
    ) -> Outcome:
        """Fit and score, fold by fold; in a process of its own."""
        found: dict[str, list[float]] = {name: [] for name in scorer.metrics}
        cost: dict[str, float] = {}
        for train, test in folds:
            train = self._some(train, y, ask.rows)
            began = processor()
            model = make().fit(X.iloc[train], y[train])
            fitted = processor()
            for name, value in scorer.all(model, X.iloc[test], y[test]).items():
                found[name].append(value)
            cost["fit"] = cost.get("fit", 0.0) + fitted - began
            cost["predict"] = cost.get("predict", 0.0) + (processor() - fitted) / len(test) * 1000 / len(folds)
            if "size" not in cost and self.settings.sizes:
                cost["size"] = _size(model)
            scores = found[scorer.main]
            if len(scores) < len(folds) and (why := self._hopeless(medians, scores)):
                return Outcome("pruned", tuple(scores), why, cost=cost)
        return Outcome("complete", tuple(found.pop(scorer.main)), metrics=found, cost=cost)

    def _job(self, number: int) -> tuple[Ask, Sequence[float]]:
        """What a trial is to do, and the medians that it has to reach after 1, 2, ... folds: of the earlier rounds'
        trials (Golovin et al., Google Vizier, KDD 2017). None of them where nothing is pruned."""
        ask, first = self.asked[number]
        alike = [one for one in self.told.trials[:first] if one.complete and not one.repeat and one.share == ask.share]
        if not self.settings.prune or ask.repeat or len(alike) < self.settings.prune_after:
            return ask, ()
        so_far = [np.cumsum(one.outcome.scores) / np.arange(1, len(one.outcome.scores) + 1) for one in alike]
        return ask, tuple(float(np.median(folds)) for folds in zip(*so_far, strict=False))

    def _hopeless(self, medians: Sequence[float], scores: Sequence[float]) -> str:
        """Why a trial is not worth its other folds; "" if it is."""
        if len(medians) < len(scores):
            return ""
        mean, median = float(np.mean(scores)), medians[len(scores) - 1]
        worse = (median - mean) * self.told.sign > 0
        return f"{mean:.6g} after {len(scores)} folds; the median was {median:.6g}" if worse else ""

    def _some(self, train: np.ndarray, y: np.ndarray, share: float) -> np.ndarray:
        """A share of a fold's training rows, the same for whoever asks; of every class at least two."""
        if share >= 1:
            return train
        order = np.random.default_rng(self.context.stream("share")).permutation(len(train))
        chosen = order[: max(2, round(share * len(train)))]
        if self.context.task != "regression":
            seen = [order[y[train][order] == one][:2] for one in np.unique(y[train])]
            chosen = np.union1d(chosen, np.concatenate(seen))
        return train[np.sort(chosen)]

    def _run(self, work: Work, interrupt: Interrupt) -> None:
        """Fill `told`."""
        given = self.context.choices
        said = {int(key): failed(reason, True) for key, reason in (given or {}).get("failed", {}).items()}
        limits = Limits(self.settings.trial.seconds, self.settings.trial.memory_mb, self._most_seconds())
        if given:  # the clock has decided
            limits = Limits()
        journal = Journal.open(self.context.scratch, "trials")
        trials = self._trials(self._job, work, limits, journal, interrupt.asked)
        outcomes = trials.outcomes(self._numbers(given), said)
        cpu, began = 0.0, trials.began
        for number, outcome in outcomes:
            ask, _ = self.asked[number]
            self.told.trials.append(Tried(number, ask.changes, ask.repeat, outcome, ask.share))
            cpu += outcome.cpu
            self._progress(number, clock() - began, cpu)
            if why := self._enough(number, cpu, replaying=bool(given)):
                self.told.stopped = why
                break
        else:
            self.told.stopped = self._ended(given, trials)
        outcomes.close()
        if given and isinstance(given.get("best"), int):
            self.told.chosen = given["best"]

    def _trials(self, *asked: Any) -> Any:
        """Who runs trials: processes here, or the workers of a cluster. asked: prepare, work, limits, journal, stop."""
        if self.context.engine:
            return engine.trials(self.context.engine, *asked)
        prepare, work, limits, *more = asked
        return Trials(prepare, work, limits, _workers(self.context.workers), *more)

    def _most_seconds(self) -> float | None:
        """The seconds that the budget allows, or its money."""
        budget = self.settings.budget
        paid = budget.money / budget.price_per_hour * HOUR if budget.money and budget.price_per_hour else None
        return min((one for one in (budget.seconds, paid) if one is not None), default=None)

    def _numbers(self, given: Mapping[str, Any] | None) -> Iterator[int | None]:
        """The settings as they stand, those under other seeds, then proposals; `asked` says what each number is. None
        between rounds, where one has to wait for another."""
        most = given["trials"] if given else None
        for asks in self._rounds():
            first = len(self.asked)
            for ask in asks:
                if most is not None and len(self.asked) >= most:
                    return
                self.asked.append((ask, first))
                yield len(self.asked) - 1
            if self.waits:
                yield None

    def _rounds(self) -> Rounds:
        share = getattr(self.settings, "share", 1.0)
        yield [Ask(repeat=repeat, share=share) for repeat in range(self.settings.noise)]
        left = self.settings.budget.trials
        batch: list[Ask] = []
        for asks in self.propose(self.told):
            asks = asks if left is None else asks[:left]
            left = None if left is None else left - len(asks)
            batch += asks
            if self.adaptive or not self.waits or len(batch) >= self.settings.batch:
                yield batch
                batch = []
            if left == 0:
                break
        if batch:
            yield batch

    def _enough(self, number: int, cpu: float, *, replaying: bool) -> str:
        """Why to stop after a trial, "" to go on. Not before the noise is known."""
        if number < self.settings.noise - 1:
            return ""
        if self.settings.accept is not None and self.told.accepted:
            return ACCEPTED
        patience = self.settings.patience
        if patience is not None and number >= self.settings.noise - 1 + patience and self.told.stands_still(patience):
            return PATIENCE
        most = self.settings.budget.cpu_seconds
        return CPU_SECONDS if most is not None and cpu >= most and not replaying else ""

    def _ended(self, given: Mapping[str, Any] | None, trials: Trials) -> str:
        if given:
            return str(given["stopped"])
        if trials.stopped:
            return INTERRUPTED
        budget = self.settings.budget
        if trials.over:
            return SECONDS if budget.seconds == self._most_seconds() else MONEY
        return (
            TRIALS
            if budget.trials is not None and len(self.asked) == self.settings.noise + budget.trials
            else EXHAUSTED
        )

    def _progress(self, number: int, seconds: float, cpu: float) -> None:
        told, last = self.told, self.told.trials[-1]
        best = told.best
        if number % EVERY and last is not best and number != self.settings.noise - 1:
            return
        found = f"{last.score:.6g}" if last.complete else f"{last.outcome.state}: {last.outcome.reason}"
        noted = f", noise {told.floor:.2g}" if told.floor is not None else ""
        wanted = f", wanted {told.accept:g}" if told.accept is not None else ""
        far = f"best {best.score:.6g} in trial {best.number}{noted}{wanted}" if best else "none has succeeded"
        left = f"; left: {self._left(number, seconds, cpu)}" if any(self.settings.budget.bounds) else ""
        log.info("search: trial %d: %s %s (%s%s)", number, told.metric, found, far, left)

    def _left(self, number: int, seconds: float, cpu: float) -> str:
        budget, most = self.settings.budget, self._most_seconds()
        of_cpu = budget.cpu_seconds
        tried = max(0, number + 1 - self.settings.noise)
        said = [f"{budget.trials - tried} of {budget.trials} trials"] if budget.trials else []
        said += [f"{max(0.0, most - seconds):.0f} of {most:g} s"] if most else []
        said += [f"{max(0.0, of_cpu - cpu):.0f} of {of_cpu:g} CPU-s"] if of_cpu else []
        return ", ".join(said)

    def _require_accepted(self, best: Tried) -> None:
        if self.told.accepted:
            return
        lacks = [f"{name} {bound.said}" for name, bound in self.settings.constraints.items()
                 if not bound.holds(self.told.value(best, name))]  # fmt: skip
        wrong = f"no trial keeps {', '.join(lacks)}" if lacks else (
            f"the best {self.told.metric} is {best.score:.6g}, and search.accept asks for {self.settings.accept:g}"
        )  # fmt: skip
        if self.settings.otherwise == "fail":
            raise RegrowError(wrong, where="search", fix="a larger budget or space; or search.otherwise: warn")
        log.warning("search: %s", wrong)

    def _draw_curve(
        self, make: Callable[[], Any], folds: Folds, scorer: Scorer, X: pd.DataFrame, y: np.ndarray
    ) -> None:
        """Fill `told.curve`: the best settings on shares of the training rows, scored on these and on the others."""
        shares = sorted(self.settings.curves)

        def work(number: int) -> Outcome:
            train_scores, scores, rows = [], [], 0
            for train, test in folds:
                train = self._some(train, y, shares[number])
                model = make().fit(X.iloc[train], y[train])
                seen = train[:: max(1, len(train) // MOST_SCORED)]
                train_scores.append(scorer(model, X.iloc[seen], y[seen]))
                scores.append(scorer(model, X.iloc[test], y[test]))
                rows += len(train)
            return Outcome("complete", tuple(scores), metrics={TRAIN: train_scores, "rows": [rows // len(folds)]})

        journal = Journal.open(self.context.scratch, "curve")
        points = self._trials(lambda number: number, work, Limits(), journal, lambda: False)
        for _, one in points.outcomes(iter(range(len(shares))), {}):
            if one.scores:
                self.told.curve.append(Point(int(one.metrics["rows"][0]), one.metrics[TRAIN], one.scores))

    def _folds(self, X: pd.DataFrame, y: np.ndarray, repeat: int) -> Folds:
        """(training rows, test rows) of each inner fold, of these rows alone."""
        seed = self.context.stream(f"folds/{repeat}")
        if self.settings.splitter:
            context = replace(self.context, random_state=seed, scratch=None, choices=None)
            dealt = np.asarray(self.settings.splitter.make(context)(pd.Series(y, index=X.index)))
            return [
                (np.flatnonzero(held_out != one), np.flatnonzero(held_out == one))
                for held_out in dealt.reshape(len(dealt), -1).T
                for one in np.unique(held_out)
                if one >= 0
            ]
        kind = KFold if self.context.task == "regression" else StratifiedKFold
        return list(kind(self.settings.folds, shuffle=True, random_state=seed).split(X, y))

    def _scorer(self, y: np.ndarray) -> Scorer:
        use, task = self.settings.metric, self.context.task
        labels = np.array([]) if task == "regression" else np.unique(y)
        more = {name: one.make(self.context) for name, one in self.settings.metrics.items()}
        named = {self.told.metric: use.make(self.context) if use else None, **more}
        return Scorer(named, self.told.metric, task, labels, self.settings.positive)


def _size(model: Any) -> float:
    """Bytes of a fitted model between two processes; infinite for one that can't be sent."""
    try:
        return float(len(ForkingPickler.dumps(model)))
    except (AttributeError, TypeError, ValueError, RuntimeError):  # what a class of a function raises, among others
        return np.inf


def built(build: Callable[..., Any], ask: Ask) -> Any:
    """A pipeline, unfitted. Asked for nothing special, any `build` will do."""
    if ask.repeat:
        return build(ask.changes, ask.repeat)
    return build(ask.changes) if ask.changes else build()


def _workers(workers: int) -> int:
    """-1 is as many as there are cores."""
    from joblib import cpu_count

    return workers if workers > 0 else max(1, cpu_count() + 1 + workers)  # regrow: harmless machine: changes no result
