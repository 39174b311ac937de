"""What searches try, in rounds: before a round is drawn, the outcomes of all before it are told."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from regrow import Context
from regrow_experiment import space
from regrow_experiment.search_settings import ROWS, Halving
from regrow_experiment.told import Ask, Rounds, Told

TWICE = 200  # draws for one that was not tried yet; then a space is taken to be exhausted


def singly(proposals: Iterable[Mapping[str, Any]]) -> Rounds:
    """One after the other."""
    return ([Ask(changes)] for changes in proposals)


def drawn(tried: Mapping[str, Any], context: Context) -> Iterator[dict[str, Any]]:
    """Combinations of a space at random, none twice. Each trial draws from a stream of its own."""
    seen: set[str] = set()
    number = 0
    while tried:
        draws = np.random.default_rng(context.stream(f"trial/{number}"))
        new = (one for one in (space.draw(tried, draws) for _ in range(TWICE)) if repr(one) not in seen)
        if (changes := next(new, None)) is None:
            return
        seen.add(repr(changes))
        yield changes
        number += 1


def halved(settings: Halving, context: Context, told: Told) -> Rounds:
    """Successive halving: many candidates with little of the resource, the best `1 / factor` of them with more, the
    last with all of it. Jamieson and Talwalkar, AISTATS 2016; the scheme is that of scikit-learn's
    HalvingRandomSearchCV with min_resources="exhaust"."""
    numbers = rungs(_candidates(settings), settings.factor)
    tried = [changes for changes, _ in zip(drawn(settings.space, context), range(numbers[0]), strict=False)]
    for rung, count in enumerate(numbers):
        share = float(settings.factor) ** (rung + 1 - len(numbers))
        tried, first = tried[:count], len(told.trials)
        yield [_ask(settings, changes, share) for changes in tried]
        ended = [one for one in told.trials[first:] if one.complete]
        ended.sort(key=lambda one: (-one.score * told.sign, one.number))
        tried = [_without(settings, one.changes) for one in ended]


def rungs(candidates: int, factor: int) -> list[int]:
    """How many candidates each round has: the first all, each next the factor-th part, the last at least one."""
    count = 1 + int(math.log(candidates) / math.log(factor) + 1e-9)
    return [max(1, candidates // factor**rung) for rung in range(count)]


def _candidates(settings: Halving) -> int:
    """As many as are asked for, or the most that the trials of the budget allow."""
    most = settings.budget.trials
    if settings.candidates is not None or most is None:
        return settings.candidates or 27
    return max(one for one in range(1, most + 1) if sum(rungs(one, settings.factor)) <= most)


def _ask(settings: Halving, changes: Mapping[str, Any], share: float) -> Ask:
    if settings.resource == ROWS:
        return Ask(changes, share=share)
    amount = max(1, round((settings.most or 0) * share))
    return Ask({**changes, f"model.{settings.resource}": amount}, share=share, of_rows=False)


def _without(settings: Halving, changes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in changes.items() if key != f"model.{settings.resource}"}
