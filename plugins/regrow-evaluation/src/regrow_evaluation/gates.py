"""Rules over what was measured and found. Each factory is `make(settings, context)`; a gate takes a `Case`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Literal, Protocol

from pydantic import Field, model_validator

from regrow import Context, RegrowError, nearest
from regrow.artifacts.fields import is_number
from regrow.artifacts.findings import SEVERITIES
from regrow_evaluation.noise import AUTO, Floor, floor, said
from regrow_evaluation.settings import GateSettings

PASSED, FAILED, LITTLE = "passed", "failed", "not enough data"


@dataclass(frozen=True)
class Case:
    """What a gate judges."""

    #: artifact -> metrics, and analysis -> its metrics
    measured: Mapping[str, Mapping[str, Any]]
    #: of all stages and analyses
    findings: Sequence[Mapping[str, Any]]
    #: the metric that ranks
    leading: str
    #: metric -> higher or lower
    better: Mapping[str, str]


@dataclass(frozen=True)
class Ruling:
    """A gate's verdict, and what it stands on."""

    verdict: str
    seen: str
    numbers: Mapping[str, Any]


class Gate(Protocol):
    """What a factory of the kind `gate` makes."""

    def __call__(self, case: Case) -> Ruling:
        """passed, failed or not enough data; and why."""


def check(gate: Gate, kit: Any) -> Any:
    """The contract kit's try: of a case in which all is well, an outcome."""
    ends = {"low": 0.7, "high": 0.9}
    worst = {"value": 0.8, "rows": 50, **ends}
    well: dict[str, dict[str, Any]] = {
        "slices": {"worst": worst, "tried": 9},
        "calibration": {"error": 0.01, "chance": 0.02},
    }
    measured = {
        "metrics": {"roc_auc": 0.8, "rows": 99, "intervals": {"roc_auc": ends}},
        **well,
        "harm": {"value": 5.0},
        "champion": {"verdict": {"roc_auc": 1}},
    }
    found = [{"code": code, "title": code, "severity": "critical", "verdict": PASSED}
             for code in ("guess.beaten", "harm.value", "champion.roc_auc")]  # fmt: skip
    outcome = gate(Case(measured, found, "roc_auc", {"roc_auc": "higher"}))
    if outcome.verdict not in (PASSED, FAILED, LITTLE):
        raise ValueError(f"its verdict is {outcome.verdict!r}; one of {PASSED}, {FAILED}, {LITTLE}")
    return outcome.verdict, outcome.seen


class Bounds(GateSettings):
    """A bound, or two."""

    at_least: float | None = Field(default=None, allow_inf_nan=False, description="the lowest that passes")
    at_most: float | None = Field(default=None, allow_inf_nan=False, description="the highest that passes")
    sure: bool = Field(
        default=True, description="whether the whole interval has to lie within the bounds; false: the value"
    )

    @model_validator(mode="after")
    def _some(self) -> "Bounds":
        if self.at_least is None and self.at_most is None:
            raise ValueError("needs at_least or at_most")
        return self


class Bound(Bounds):
    """`bound`."""

    metric: str = Field(min_length=1, description="its key; with dots below one another: folds.roc_auc.std")
    of: str = Field(default="metrics", description="an artifact of type metrics, or an analysis of conf/evaluation")


class FindingsSettings(GateSettings):
    """`findings`."""

    least: Literal["critical", "major", "minor", "info"] = Field(
        default="critical", description="the severity from which on a failed finding fails the gate"
    )
    codes: list[str] = Field(default=["*"], description="patterns of the findings' codes: slices.*")
    without: list[str] = Field(default_factory=list, description="patterns of those that are let be")


class BeatsSettings(GateSettings):
    """`beats_guess`."""

    by: Floor = Field(
        default=AUTO, description="how much better the first metric has to be; auto: more than the noise floor, where "
        "a search has recorded one",
    )  # fmt: skip


class ChampionGate(BeatsSettings):
    """`beats_champion`."""

    require: Literal["better", "not_worse"] = Field(default="not_worse", description="what the first metric has to be")

    @model_validator(mode="after")
    def _better_by(self) -> "ChampionGate":
        if self.by != AUTO and self.require != "better":
            raise ValueError("by: says how much better, and needs require: better")
        return self


def bound(settings: Bound, context: Context) -> Gate:
    """A metric within bounds."""

    def gate(case: Case) -> Ruling:
        values = _part(case, settings.of)
        value = _at(values, settings.metric, settings.of)
        ends = (values.get("intervals") or {}).get(settings.metric)
        return within(settings.metric, value, ends and (ends["low"], ends["high"]), settings)

    return gate


def within(name: str, value: float, ends: tuple[float, float] | None, settings: Bounds) -> Ruling:
    """Passed or failed where value, or the whole interval, lies on one side."""
    low, high = ends if ends and settings.sure else (value, value)
    least = -float("inf") if settings.at_least is None else settings.at_least
    most = float("inf") if settings.at_most is None else settings.at_most
    said = {"at least": settings.at_least, "at most": settings.at_most}
    bounds = " and ".join(f"{word} {one:g}" for word, one in said.items() if one is not None)
    numbers = {name: {"value": value, **({"interval": list(ends)} if ends else {})}}
    if least <= low and high <= most:
        return Ruling(PASSED, f"{bounds} is asked for.", numbers)
    if high < least or low > most:
        return Ruling(FAILED, f"{bounds} is asked for.", numbers)
    why = f"{bounds} is asked for, and the interval reaches beyond: hold out more rows, or set sure: false."
    return Ruling(LITTLE, why, numbers)


def worst_slice(settings: Bounds, context: Context) -> Gate:
    """The leading metric of the worst slice that has enough rows. A slice's interval is wide: it passes
    where the value does, and fails where the whole interval lies beyond the bound."""

    def gate(case: Case) -> Ruling:
        worst = _part(case, "slices").get("worst")
        if worst is None:
            return Ruling(LITTLE, "no slice has enough rows.", {})
        made = within(case.leading, worst["value"], (worst["low"], worst["high"]), settings)
        if made.verdict == LITTLE and within(case.leading, worst["value"], None, settings).verdict == PASSED:
            return Ruling(PASSED, made.seen.partition(", and the interval")[0] + ".", made.numbers)
        return made

    return gate


def calibration(settings: Bounds, context: Context) -> Gate:
    """The calibration error, less what chance explains."""

    def gate(case: Case) -> Ruling:
        found = _part(case, "calibration")
        if "error" not in found:
            return Ruling(LITTLE, "there is no calibration error: the model gives no probabilities.", {})
        excess = max(0.0, found["error"] - found["chance"])
        return within("calibration error beyond chance", excess, None, settings)

    return gate


def harm(settings: GateSettings, context: Context) -> Gate:
    """Its decisions are worth more than treating all rows the same."""
    return lambda case: _of_findings(list(_matching(case, ["harm.*"])), "critical", "harm")


def beats_guess(settings: BeatsSettings, context: Context) -> Gate:
    """The leading metric is beyond that of a guess, by as much as is asked for."""

    def gate(case: Case) -> Ruling:
        made = _of_findings(list(_matching(case, ["guess.beaten"])), "info", "guess")
        return _by_enough(made, case, settings) if made.verdict == PASSED else made

    return gate


def _by_enough(made: Ruling, case: Case, settings: BeatsSettings) -> Ruling:
    """A passed ruling whose number `gain` has to be large enough, too. Of noise the gain itself has to be beyond it; of
    what somebody asks for the whole interval."""
    gain = made.numbers.get("gain")
    least = floor(settings.by, case.measured.get("metrics", {}), case.leading)
    if not least:
        return made
    if gain is None:
        return made if settings.by == AUTO else Ruling(LITTLE, "how much better it is, nobody says.", made.numbers)
    value, ends = (gain["value"], gain.get("interval")) if isinstance(gain, Mapping) else (gain, None)
    low, high = (value, value) if settings.by == AUTO or ends is None else ends
    words = f"{made.seen.rstrip('.')}{said(least, settings.by)}."
    if settings.by != AUTO:
        words = f"{made.seen.rstrip('.')}; better by at least {least:.4g} is asked for."
    verdict = PASSED if low > least else FAILED if high <= least else LITTLE
    return Ruling(verdict, words, made.numbers)


def findings(settings: FindingsSettings, context: Context) -> Gate:
    """No finding of a severity, or of some codes, has failed."""

    def gate(case: Case) -> Ruling:
        found = list(_matching(case, settings.codes, settings.without))
        worst = SEVERITIES.index(settings.least)
        failed = [one for one in found if one["verdict"] == FAILED and SEVERITIES.index(one["severity"]) <= worst]
        if failed:
            return Ruling(FAILED, "; ".join(f"{one['code']}: {_first(one)}" for one in failed[:5]), {})
        return Ruling(PASSED, f"{len(found)} findings were looked at, and none that is {settings.least} failed.", {})

    return gate


def beats_champion(settings: ChampionGate, context: Context) -> Gate:
    """The leading metric against the champion's."""

    def gate(case: Case) -> Ruling:
        verdict = (case.measured.get("champion", {}).get("verdict") or {}).get(case.leading)
        if verdict is None:
            why = "there is no champion to compare with, or too little data: see evaluation.champion."
            return Ruling(LITTLE, why, {})
        words = {1: "better", 0: "the same", -1: "worse"}[int(verdict)]
        enough = verdict > 0 if settings.require == "better" else verdict >= 0
        found = next(_matching(case, [f"champion.{case.leading}"]), {})
        told = str(found.get("seen") or f"by {case.leading} it is {words}.")
        made = Ruling(PASSED if enough else FAILED, told, found.get("numbers") or {})
        return _by_enough(made, case, settings) if enough and settings.by != AUTO else made

    return gate


def _of_findings(found: list[Mapping[str, Any]], least: str, analysis: str) -> Ruling:
    if not found:
        return Ruling(LITTLE, f"no analysis `{analysis}` has found anything: see evaluation.analyses.", {})
    found = [one for one in found if SEVERITIES.index(one["severity"]) <= SEVERITIES.index(least)]
    verdicts = {one["verdict"] for one in found}
    verdict = next(one for one in (FAILED, LITTLE, PASSED) if one in verdicts)
    decisive = next(one for one in found if one["verdict"] == verdict)
    return Ruling(verdict, _first(decisive), decisive.get("numbers") or {})


def _matching(case: Case, codes: list[str], without: list[str] | None = None) -> Iterator[Mapping[str, Any]]:
    for one in case.findings:
        named = [fnmatchcase(one["code"], pattern) for pattern in codes]
        left = [fnmatchcase(one["code"], pattern) for pattern in without or ()]
        if any(named) and not any(left):
            yield one


def _first(one: Mapping[str, Any]) -> str:
    return str(one.get("seen") or one["title"])


def _part(case: Case, name: str) -> Mapping[str, Any]:
    if name not in case.measured:
        fix = nearest(name, list(case.measured))
        raise RegrowError(f"there are no metrics {name!r}", where="gates.rules", fix=fix)
    return case.measured[name]


def _at(values: Mapping[str, Any], place: str, of: str) -> float:
    value: Any = values
    for key in place.split("."):
        if not isinstance(value, Mapping) or key not in value:
            names = [name for name, one in value.items() if is_number(one)] if isinstance(value, Mapping) else []
            raise RegrowError(f"{of} holds no {place!r}", where="gates.rules", fix=nearest(place, names))
        value = value[key]
    if not is_number(value):
        raise RegrowError(f"{place!r} of {of} is no number", where="gates.rules")
    return float(value)
