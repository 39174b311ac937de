"""Shapley's formula over subsets, in place of the orders that regrow goes through."""

from fractions import Fraction
from itertools import combinations
from math import factorial


def subsets(factors):
    return [frozenset(some) for size in range(len(factors) + 1) for some in combinations(factors, size)]


def by_formula(values, factors):
    """(factor,) -> its contribution, exact."""
    n, found = len(factors), {}
    for factor in factors:
        others = [one for one in subsets(factors) if factor not in one]
        found[factor,] = sum(
            Fraction(factorial(len(one)) * factorial(n - len(one) - 1), factorial(n))
            * (Fraction(values[one | {factor}]) - Fraction(values[one]))
            for one in others
        )
    return found
