"""Why a metric differs between two commits: what data, settings, code and environment each contribute."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base.errors import Exit, RegrowError
from regrow.plugin.components import nearest
from regrow.record.commit_record import Recorded, read_commit
from regrow.record.metrics import better_of, leading
from regrow_history.replay.checkout import own_place
from regrow_history.replay.inputs import Supplies
from regrow_history.replay.replay import Say, choose_interpreter, require_replayable
from regrow_history.replay.stage import Interpreter
from regrow_history.why.contributions import Shares, in_order, shapley
from regrow_history.why.factors import DATA, ENVIRONMENT, Sides
from regrow_history.why.mixture import Place, metrics_of
from regrow_history.why.seed import OwnCache

Chosen = frozenset[str]


@dataclass(frozen=True)
class Why:
    """What was found. metrics: factors taken from the new commit -> all metrics of that combination. refused: the
    combinations that could not be run, and why. ends_run: whether both ends were run, not read from the record."""

    old: Recorded
    new: Recorded
    factors: tuple[str, ...]
    metrics: Mapping[Chosen, Mapping[str, Any]]
    refused: Mapping[Chosen, str] = field(default_factory=dict)
    #: metric -> "higher" or "lower", as it was declared; the leading one first
    better: Mapping[str, str] = field(default_factory=dict)
    ends_run: bool = False

    @property
    def leading(self) -> str:
        """The metric that is explained unless another is asked for."""
        return leading(list(self.metrics[frozenset()]), self.better)

    def column(self, name: str) -> str:
        """A metric by its name or the end of it, in both commits. Raises RegrowError where there is none."""
        known = [one for one in self.metrics[frozenset()] if one in self.metrics[frozenset(self.factors)]]
        found = [one for one in known if one == name] or [one for one in known if one.endswith(f".{name}")]
        if len(found) != 1:
            wrong = f"both commits have no metric {name!r}; {nearest(name, known)}"
            raise RegrowError(wrong if not found else f"{name!r} may be {', '.join(found)}", where="--metric")
        return found[0]

    def values(self, metric: str) -> dict[Chosen, float]:
        """The metric of each combination that has it."""
        return {chosen: float(found[metric]) for chosen, found in self.metrics.items() if metric in found}

    def shares(self, metric: str, order: Sequence[str] = ()) -> Shares | None:
        """What each factor contributes, on average over all orders, or in this one."""
        values = self.values(metric)
        return in_order(values, order) if order else shapley(values, self.factors)


def why(root: Path, old: str, new: str, metrics: Sequence[str] = (), *, env: str = "locked", order: Sequence[str] = (),
        say: Say = lambda _: None) -> Why:  # fmt: skip
    """Run every mixture of two commits of the project at `root`, which stays as it is.

    metrics, order: what is asked for, refused before anything runs where it is not there. env: "locked" builds each
    commit's own environment, "current" runs all in this one, both commits too. Raises RegrowError for what is no commit
    with a run (1), data that is missing (3), an environment that can't be had (4).
    """
    sides = Sides(read_commit(root, old), read_commit(root, new))
    for one in (sides.old, sides.new):
        require_replayable(one)
    factors = tuple(one for one in sides.differing if env == "locked" or one != ENVIRONMENT)
    ends = (frozenset[str](), frozenset(factors))
    recorded = dict(zip(ends, (metrics_of(one.text) for one in (sides.old, sides.new)), strict=True))
    found = Why(sides.old, sides.new, factors, recorded, better=_better(sides.new), ends_run=env == "current")
    _require(found, metrics, order)
    made: dict[Chosen, Mapping[str, Any]] = {} if found.ends_run else dict(recorded)
    refused: dict[Chosen, str] = {}
    wanted = [chosen for chosen in _subsets(factors) if chosen not in made] if factors else []
    with own_place(f"why-{sides.new.commit[:10]}") as folder:
        runner = _Runner.of(sides, root, Place(folder, OwnCache(folder / "cache")), env, say)
        for number, chosen in enumerate(wanted, 1):
            say(f"combination {number}/{len(wanted)}: {named(chosen, factors)}")
            try:
                made[chosen] = runner.run(number, chosen)
            except RegrowError as error:
                if chosen in ends or error.code == Exit.DATA_MISSING:
                    raise
                refused[chosen] = "; ".join(one.wrong for one in error.problems)
    return replace(found, metrics=made or recorded, refused=refused)


@dataclass(frozen=True)
class _Runner:
    sides: Sides
    supplies: Mapping[str, Supplies]
    place: Place
    interpreter: Callable[[str], Interpreter]

    @classmethod
    def of(cls, sides: Sides, root: Path, place: Place, env: str, say: Say) -> "_Runner":
        """With what both commits recorded in the place's cache."""
        both = {one.commit: one for one in (sides.old, sides.new)}
        supplies = {commit: Supplies.of(one, root) for commit, one in both.items()}
        say("what both commits recorded: fetched by hash")
        for one in supplies.values():
            place.cache.seed(one)

        @cache
        def interpreter(commit: str) -> Interpreter:
            return choose_interpreter(both[commit], env, say)

        return cls(sides, supplies, place, interpreter)

    def run(self, number: int, chosen: Chosen) -> dict[str, Any]:
        data, environment = (self.sides.side(chosen, factor).commit for factor in (DATA, ENVIRONMENT))
        mixed = self.sides.mixed(chosen)
        return self.place.run(number, mixed, self.supplies[data], self.interpreter(environment))


def _subsets(factors: Sequence[str]) -> list[Chosen]:
    return [frozenset(some) for size in range(len(factors) + 1) for some in combinations(factors, size)]


def _require(found: Why, metrics: Sequence[str], order: Sequence[str]) -> None:
    for name in metrics or (found.leading,):
        found.column(name)
    if order and sorted(order) != sorted(found.factors):
        said = ", ".join(found.factors) or "nothing does"
        raise RegrowError(f"has to name what differs, each once: {said}", where="--order")


def _better(side: Recorded) -> dict[str, str]:
    return better_of(side.text(path) for path in sorted(side.files) if path.startswith(f"{layout.HASHES}/"))


def named(chosen: Chosen, factors: Sequence[str]) -> str:
    """A combination in words."""
    new = [factor for factor in factors if factor in chosen]
    if not new or len(new) == len(factors):
        return "all new" if new else "all old"
    return f"new {', '.join(new)}; old {', '.join(factor for factor in factors if factor not in chosen)}"
