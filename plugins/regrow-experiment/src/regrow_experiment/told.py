"""What a search tried, in order: which trial is the best, how much noise there is, and what clocks decided."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from regrow_experiment import noise
from regrow_experiment.search_settings import Bound
from regrow_experiment.trials import Outcome

SCORE = "score"
#: What `search.then` may ask for -> what it is called in `Outcome.cost`.
COSTS = {"fit_seconds": "fit", "predict_seconds": "predict", "size": "size"}
EXHAUSTED = "exhausted"


@dataclass(frozen=True)
class Ask:
    """One trial to run. repeat: 0, or the number of another seed for the settings as they stand. share: of the whole
    resource; of_rows: whether the resource are the training rows of the inner folds."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    repeat: int = 0
    share: float = 1.0
    of_rows: bool = True

    @property
    def rows(self) -> float:
        """The share of the training rows that it is fitted on."""
        return self.share if self.of_rows else 1.0


Rounds = Iterator[list[Ask]]  # before a round is drawn, the outcomes of all before it are told


@dataclass(frozen=True)
class Tried:
    """One trial. repeat, share: as in `Ask`."""

    number: int
    changes: Mapping[str, Any]
    repeat: int
    outcome: Outcome
    share: float = 1.0

    @property
    def score(self) -> float:
        """The mean over the folds that were scored; NaN if there are none."""
        return float(np.mean(self.outcome.scores)) if self.outcome.scores else np.nan

    @property
    def complete(self) -> bool:
        """Whether every fold was scored."""
        return self.outcome.state == "complete"

    @property
    def candidate(self) -> bool:
        """Whether it may be the best: scored as a whole, with all of the resource, and no repeat; or as it stands."""
        return self.complete and not self.repeat and (self.share == 1 or not self.number)

    def metric(self, name: str) -> float:
        """The mean over the folds of another metric; NaN where it was not scored."""
        return float(np.mean(self.outcome.metrics[name])) if self.outcome.metrics.get(name) else np.nan


@dataclass(frozen=True)
class Point:
    """A point of the learning curve: how many training rows, and the folds' scores on those rows and on others."""

    rows: int
    train: Sequence[float]
    test: Sequence[float]


@dataclass
class Told:
    """What a search tried. stopped: what ended it. share: test rows over training rows of an inner fold."""

    trials: list[Tried] = field(default_factory=list)
    stopped: str = EXHAUSTED
    metric: str = SCORE
    higher: bool = True
    share: float = 0.0
    accept: float | None = None
    space: Mapping[str, Any] = field(default_factory=dict)
    constraints: Mapping[str, Bound] = field(default_factory=dict)
    then: str = SCORE
    chosen: int | None = None  # the best by what a machine decided: a choice
    curve: list[Point] = field(default_factory=list)
    stack: list[int] = field(default_factory=list)  # numbers of the trials that were stacked
    stack_gain: noise.Gain | None = None  # over the best
    stacked: bool = False  # whether the stack is the model

    @property
    def best(self) -> Tried | None:
        """Of the trials that keep all constraints, or of all where none does, the first with the best score, or the
        cheapest where `then` asks for that; None if all failed."""
        ended = [one for one in self.trials if one.candidate]
        ended = [one for one in ended if self.keeps(one)] or ended
        if self.chosen is not None and (named := [one for one in ended if one.number == self.chosen]):
            return named[0]
        if self.then in COSTS and ended:
            return min(ended, key=lambda one: (one.outcome.cost.get(COSTS[self.then], np.inf), one.number))
        return max(ended, key=lambda one: (one.score * self.sign, -one.number), default=None)

    @property
    def sign(self) -> int:
        """1 where more is better, else -1."""
        return 1 if self.higher else -1

    def value(self, one: Tried, name: str) -> float:
        """A trial's mean of a metric, be it the one that is searched for."""
        return one.score if name == self.metric else one.metric(name)

    def keeps(self, one: Tried) -> bool:
        """Whether a trial keeps all constraints."""
        return all(bound.holds(self.value(one, name)) for name, bound in self.constraints.items())

    @property
    def floor(self) -> float | None:
        """The noise floor: see `regrow_experiment.noise.floor`."""
        again = [one for one in self.trials if (one.repeat or not one.number) and one.complete and one.share == 1]
        return noise.floor([one.outcome.scores for one in again], self.share)

    @property
    def gain(self) -> noise.Gain | None:
        """Of the best over the settings as they stand; None where one of them is not there, or they are the same."""
        best, first = self.best, self.trials[0] if self.trials else None
        if best is None or first is None or not first.complete or best.number == 0:
            return None
        if len(best.outcome.scores) != len(first.outcome.scores):
            return None
        return noise.gain(best.outcome.scores, first.outcome.scores, self.share, self.higher, self.floor)

    @property
    def accepted(self) -> bool:
        """Whether the best is as good as `accept` and the constraints ask; True where they ask nothing."""
        best = self.best
        if self.accept is None and not self.constraints:
            return True
        if best is None or not self.keeps(best):
            return False
        return self.accept is None or (best.score - self.accept) * self.sign >= 0

    def stands_still(self, trials: int) -> bool:
        """Whether the last so many trials made the best no better than noise would."""
        tried = [one for one in self.trials if not one.repeat]
        before = [one.score * self.sign for one in tried[:-trials] if one.candidate]
        after = [one.score * self.sign for one in tried if one.candidate]
        return bool(before) and max(after) - max(before) <= (self.floor or 0.0)

    def choices(self) -> dict[str, Any]:
        """What clock and machine decided, and what does not follow from the settings otherwise."""
        odd = {str(one.number): one.outcome.reason for one in self.trials if one.outcome.by_machine}
        best = {"best": self.best.number} if self.then in COSTS and self.best else {}
        return {"trials": len(self.trials), "stopped": self.stopped, **best, **({"failed": odd} if odd else {})}
