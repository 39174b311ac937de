"""The tree-structured Parzen estimator: Optuna asks in rounds of `search.batch` and is told in the order of trials, so
that the number of workers changes nothing. Bergstra et al., NIPS 2011; Akiba et al., Optuna, KDD 2019."""

import warnings
from collections.abc import Mapping
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import TrialState

from regrow import Context
from regrow.plugin.kinds import Search
from regrow_experiment.searching import Searching
from regrow_experiment.space import Range
from regrow_experiment.told import Ask, Rounds, Told
from regrow_optuna.settings import Tpe


def tpe(settings: Tpe, context: Context) -> Search:
    """Optuna's TPESampler, multivariate, seeded; trials of a round count as bad until they are told."""
    return Searching(settings, context, lambda told: proposed(settings, context, told), adaptive=True)


def proposed(settings: Tpe, context: Context, told: Told) -> Rounds:
    """Rounds of `batch` trials; none where there is nothing to try."""
    space = {key: distribution(values) for key, values in settings.space.items()}
    study = _study(settings, context, told)
    while space:
        trials = [study.ask(space) for _ in range(settings.batch)]
        first = len(told.trials)
        yield [Ask(_changes(settings.space, trial.params)) for trial in trials]
        for trial, tried in zip(trials, told.trials[first:], strict=False):
            if tried.complete:
                study.tell(trial, tried.score)
            else:
                study.tell(trial, state=TrialState.FAIL)


def _study(settings: Tpe, context: Context, told: Told) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(
            n_startup_trials=settings.startup,
            multivariate=True,
            constant_liar=True,
            seed=context.stream("tpe"),
        )
    return optuna.create_study(sampler=sampler, direction="maximize" if told.higher else "minimize")


def distribution(values: Any) -> BaseDistribution:
    """A part of the space as Optuna has it; of listed values, their places."""
    if not isinstance(values, Range):
        return CategoricalDistribution(list(range(len(values))))
    if values.whole:
        return IntDistribution(int(values.low), int(values.high), log=values.log)
    return FloatDistribution(float(values.low), float(values.high), log=values.log)


def _changes(space: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """What Optuna asks for as a trial's changes: numbers with six digits, as every search has them."""
    return {key: _value(values, params[key]) for key, values in space.items()}


def _value(values: Any, found: Any) -> Any:
    if not isinstance(values, Range):
        return values[found]
    if values.whole:
        return int(found)
    return min(max(float(f"{found:.6g}"), values.low), values.high)
