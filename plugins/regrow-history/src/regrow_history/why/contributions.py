"""How much each factor contributes to a change, of the values of all combinations that could be run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

#: The factors that are taken from the new side -> the value measured there.
Values = Mapping[frozenset[str], float]
Block = tuple[str, ...]


@dataclass(frozen=True)
class Shares:
    """What each block of factors contributes: exact, so that they sum to the change to the last bit.

    parts: by factor; those that run only together share one. orders: of how many orders of change this is the mean.
    """

    parts: Mapping[Block, Fraction]
    orders: int

    @property
    def change(self) -> Fraction:
        """New minus old."""
        return sum(self.parts.values(), Fraction(0))


def shapley(values: Values, factors: Sequence[str]) -> Shares | None:
    """The Shapley value of each factor; None where not even all of them together can be told.

    The mean, over all orders in which factors may go from old to new, of what the value changes at each one's turn
    (Shapley, Contributions to the Theory of Games 2, 1953). Where a combination could not be run, over the orders that
    do without it (Faigle and Kern, International Journal of Game Theory 21, 1992); where no order does, factors that
    can only change together are one.
    """
    for blocks in _partitions(list(factors)):
        ways = [way for way in permutations(blocks) if all(step in values for step in _steps(way))]
        if ways:
            return Shares({block: _mean(values, ways, block) for block in blocks}, len(ways))
    return None


def in_order(values: Values, order: Sequence[str]) -> Shares | None:
    """What the value changes at each factor's turn when they go from old to new in this order; None where a combination
    on the way could not be run."""
    way = [(factor,) for factor in order]
    if not all(step in values for step in _steps(way)):
        return None
    return Shares({block: _mean(values, [way], block) for block in way}, 1)


def _mean(values: Values, ways: Sequence[Sequence[Block]], block: Block) -> Fraction:
    total = Fraction(0)
    for way in ways:
        steps = _steps(way)
        place = list(way).index(block)
        total += Fraction(values[steps[place + 1]]) - Fraction(values[steps[place]])
    return total / len(ways)


def _steps(way: Sequence[Block]) -> list[frozenset[str]]:
    """The combinations that an order passes, both ends among them."""
    steps = [frozenset[str]()]
    for block in way:
        steps.append(steps[-1] | frozenset(block))
    return steps


def _partitions(factors: list[str]) -> Iterator[tuple[Block, ...]]:
    """All ways to put factors together, the finest first."""

    def split(rest: list[str]) -> Iterator[tuple[Block, ...]]:
        if not rest:
            yield ()
            return
        first, *others = rest
        for blocks in split(others):
            yield ((first,), *blocks)
            for place, block in enumerate(blocks):
                yield ((first, *block), *blocks[:place], *blocks[place + 1 :])

    return iter(sorted(split(factors), key=lambda blocks: -len(blocks)))
