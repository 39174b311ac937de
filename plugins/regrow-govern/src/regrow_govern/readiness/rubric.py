"""The 28 tests of the ML Test Score (Breck, Cai, Nielsen, Salib and Sculley, IEEE Big Data 2017), in words of our own,
and for each where its evidence is looked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from regrow_govern.readiness import data, infrastructure, model, monitoring
from regrow_govern.readiness.case import Case, Proof

Way = Callable[[Case], Proof]
SECTIONS = ("data", "model", "infrastructure", "monitoring")


@dataclass(frozen=True)
class Test:
    """One of the 28."""

    __test__ = False  # pytest takes any class of this name for tests

    #: such as data.1
    key: str
    asks: str
    #: the evidence; any of them is enough. Each returns a Proof or raises LackingError.
    ways: tuple[Way, ...]
    #: what to do where there is none
    fix: str

    @property
    def section(self) -> str:
        """One of SECTIONS."""
        return self.key.partition(".")[0]


#: section -> its seven tests: what is asked, the ways, what to do
RUBRIC: Mapping[str, tuple[tuple[str, tuple[Way, ...], str], ...]] = {
    "data": (
        ("What is expected of the data is written down and checked", (data.schema,),
         "say what has to hold: data.assumptions in conf/data"),
        ("Every feature is of use", (data.beneficial,), "list the plugin ledger; leave out what brings nothing"),
        ("No feature costs too much", (data.cost,), "list the plugin serve; take the slow step out"),
        ("No feature is one that may not be used", (data.allowed,), "data.leaks names what is not known in time"),
        ("What is private stays so", (data.privacy,), "keep raw data under DVC; list the plugin govern"),
        ("A new feature can be added quickly", (data.quickly,), "the first feature added after the first run shows it"),
        ("The code of the features is tested", (data.tested,), "give each component of your own an example"),
    ),
    "model": (
        ("Every change of the model is reviewed", (model.reviewed,),
         "let another one sign: regrow sign REV; or `Reviewed-by:` in the commit"),
        ("What is measured before and in use agrees", (model.online,), "list the plugin monitor, and collect labels"),
        ("The settings are tuned", (model.searched, model.tuned), "search=random, or what the check tuning names"),
        ("What getting old costs is known", (model.ageing,), "readiness.checks.staleness.by: the time"),
        ("A simpler model is not better", (model.simpler,), "take the simpler one"),
        ("It is good enough in every part of the data", (model.slices,), "see slices.* in the report"),
        ("Groups are served alike", (model.fairness, model.inclusion), "readiness.checks.inclusion.columns"),
    ),
    "infrastructure": (
        ("Training gives the same again", (infrastructure.replayed, infrastructure.refitted),
         "regrow replay HEAD --report governance/replay, and commit it"),
        ("The model's own code is tested", (infrastructure.model_tested,), "make test; let the workflow run it"),
        ("The whole pipeline is tested", (infrastructure.integration,), "commit a run; let the workflow replay it"),
        ("Quality is judged before anything is served", (infrastructure.decided,), "conf/gates; regrow run"),
        ("One answer can be followed step by step", (infrastructure.followed,), "list the plugin serve"),
        ("A server is tried before it serves", (infrastructure.drilled,),
         "regrow drill -o governance/drill.json, and commit it"),
        ("What is served can be taken back", (infrastructure.rolled_back,), "regrow promote a second version"),
    ),
    "monitoring": (
        ("A change of what it depends on is told", (monitoring.dependencies,), "regrow compile; make lock"),
        ("What is assumed of the inputs is checked in use", (monitoring.guarded,), "list the plugin serve"),
        ("Training and serving compute the same", (monitoring.no_skew,), "list the plugin serve; a hold-out"),
        ("The model is not too old", (monitoring.fresh,), "train again"),
        ("No number overflows", (monitoring.stable,), "see the rows that the message names"),
        ("Speed and memory have not got worse", (monitoring.fast,), "list the plugin monitor; regrow drill"),
        ("Quality in use has not got worse", (monitoring.quality,), "list the plugin monitor, and collect labels"),
    ),
}  # fmt: skip


def tests() -> list[Test]:
    """All 28, in their order."""
    return [
        Test(f"{section}.{number}", asks, ways, fix)
        for section in SECTIONS
        for number, (asks, ways, fix) in enumerate(RUBRIC[section], 1)
    ]
