"""search=auto: a portfolio of models, each with the steps that suit it; then the best of them, varied; then a stack."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import StackingClassifier, StackingRegressor
from sklearn.linear_model import LogisticRegression, Ridge

from regrow import Context, Use
from regrow.plugin.components import parse
from regrow_experiment import noise, space
from regrow_experiment.auto_settings import Auto
from regrow_experiment.metric_scorer import Scorer
from regrow_experiment.searching import Folds, Searching, built
from regrow_experiment.settings import shipped_space
from regrow_experiment.space import STEPS, Range, typed
from regrow_experiment.told import Ask, Rounds, Told, Tried
from regrow_experiment.trials import Journal, Limits, Outcome

LEADERS = (0, 0, 1)  # of three variations, two are of the best family, one is of the second
NEAR = 0.25  # half the width of a range in which the best is varied, as a share of it
IN_A_STACK = 3


def auto(settings: Auto, context: Context) -> "AutoSearching":
    """A portfolio as in auto-sklearn 2.0 (Feurer et al., JMLR 23, 2022), with stacking as in AutoGluon (2020)."""
    return AutoSearching(settings, context)


class AutoSearching(Searching):
    """Ends in the best trial's pipeline, or in a stack of the best of three families where that is better."""

    settings: Auto

    def __init__(self, settings: Auto, context: Context) -> None:
        super().__init__(settings, context, self._rounds_of, adaptive=True)

    def __call__(self, build: Callable[..., Any], X: pd.DataFrame, y: np.ndarray) -> Any:
        """The best single pipeline, or a stack."""
        single = super().__call__(build, X, y)
        members = self._members() if self.settings.stack else []
        if len(members) < 2:
            return single
        folds, scorer = self._folds(X, y, 0), self._scorer(y)
        gain = self._gain_of_stack(build, members, folds, scorer, X, y)
        self.told.stack = [one.number for one in members]
        self.told.stack_gain = gain
        if gain is None or gain.mean <= 0 or gain.low < -abs(gain.mean) * 3:
            return single
        self.told.stacked = True
        return self._stack(build, members).fit(X, y)

    def _most_seconds(self) -> float | None:
        """A part of the budget is left for the stack and the last fit."""
        most = super()._most_seconds()
        return most if most is None or not self.settings.stack else most * self.settings.part

    def _rounds_of(self, told: Told) -> Rounds:
        """First the portfolio, then rounds of variations."""
        first = [self._whole(name, use) for name, use in self.settings.models.items()]
        for place in range(0, len(first), self.settings.batch):
            yield [Ask(changes) for changes in first[place : place + self.settings.batch]]
        number = 0
        while True:
            leaders = self._leaders(told)
            if not leaders:
                return
            asks = []
            for _ in range(self.settings.batch):
                one = leaders[min(LEADERS[number % len(LEADERS)], len(leaders) - 1)]
                asks.append(Ask(self._varied(one, number)))
                number += 1
            yield asks

    def _whole(self, name: str, model: Use) -> dict[str, Any]:
        """The changes that put a model with the steps that suit it in place of those of the settings."""
        steps = {f"{STEPS}{self._step(key)}": use for key, use in self.settings.suits[name].items()}
        mine = {key: None for key in self.settings.replaced if key not in steps}
        return {**mine, **steps, "model": model}

    @staticmethod
    def _step(key: str) -> str:
        return f"auto_{key}"

    def _leaders(self, told: Told) -> list[Tried]:
        """The best trial of each family that can be varied, the best family first."""
        order = sorted((one for one in told.trials if one.candidate and isinstance(one.changes.get("model"), Use)),
                       key=lambda one: (-one.score * told.sign, one.number))  # fmt: skip
        seen: dict[str, Tried] = {}
        for one in order:
            seen.setdefault(one.changes["model"].name, one)
        return [one for one in seen.values() if shipped_space(one.changes["model"])]

    def _varied(self, one: Tried, number: int) -> dict[str, Any]:
        """Near the leader in half of its parameters, anywhere in the others."""
        model: Use = one.changes["model"]
        draws = np.random.default_rng(self.context.stream(f"trial/{number}"))
        tried = typed({f"model.{key}": value for key, value in space.flat(shipped_space(model), {}).items()},
                      {"model": model})  # fmt: skip
        made = dict(model.given)
        for key, values in tried.items():
            name = key.removeprefix("model.")
            near = draws.random() < 0.5 and name in made
            if isinstance(values, Range) and near and made[name] is not None:
                middle = values.share(min(max(made[name], values.low), values.high))
                made[name] = values.at(float(np.clip(middle + draws.uniform(-NEAR, NEAR), 0, 1)))
            elif not near:
                made[name] = space.draw({key: values}, draws)[key]
        return {**one.changes, "model": Use(model.component, parse(model.component, made), made)}

    def _members(self) -> list[Tried]:
        """The best trial of each of the best families."""
        order = sorted((one for one in self.told.trials if one.candidate),
                       key=lambda one: (-one.score * self.told.sign, one.number))  # fmt: skip
        seen: dict[str, Tried] = {}
        for one in order:
            use = one.changes.get("model")
            seen.setdefault(use.name if isinstance(use, Use) else "", one)
        return list(seen.values())[:IN_A_STACK]

    def _stack(self, build: Callable[..., Any], members: Sequence[Tried]) -> Any:
        """Unfitted."""
        inside = [(f"trial_{one.number}", built(build, Ask(one.changes))) for one in members]
        if self.context.task == "regression":
            return StackingRegressor(inside, final_estimator=Ridge(), cv=self.settings.folds)
        final = LogisticRegression(max_iter=1000)
        return StackingClassifier(inside, final_estimator=final, cv=self.settings.folds)

    def _gain_of_stack(
        self,
        build: Callable[..., Any],
        members: Sequence[Tried],
        folds: Folds,
        scorer: Scorer,
        X: pd.DataFrame,
        y: np.ndarray,
    ) -> noise.Gain | None:
        """What the stack gains over the best single one on the same folds."""

        def work(number: int) -> Outcome:
            train, test = folds[number]
            model = self._stack(build, members).fit(X.iloc[train], y[train])
            return Outcome("complete", (scorer(model, X.iloc[test], y[test]),))

        journal = Journal.open(self.context.scratch, "stack")
        ran = self._trials(lambda number: number, work, Limits(), journal, lambda: False)
        scores = [one.scores[0] for _, one in ran.outcomes(iter(range(len(folds))), {}) if one.scores]
        best = self.told.best
        if best is None or len(scores) < len(folds):
            return None
        return noise.gain(scores, best.outcome.scores, self.told.share, self.told.higher, self.told.floor)
