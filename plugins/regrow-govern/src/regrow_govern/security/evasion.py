"""What it takes to get another answer, for who can change some of the columns."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from regrow import Context, RegrowError, nearest
from regrow.artifacts import blocks
from regrow.artifacts.blocks import SHARE
from regrow_evaluation.analyses.explanation import answer, answered
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import Analysis, Evidence, FittedModel, Result, number
from regrow_evaluation.predicted import Predicted
from regrow_govern.security.settings import EvasionSettings
from regrow_govern.security.tried import nothing, scorer_of, section, share_within, told, turned, unable, within

SAID = "security.evasion", "One plausible step does not turn the answer", "minor"
LIMIT = (
    "columns that settings call changeable, two of them at most, by a search that may miss a cheaper way: the share "
)
LIMIT += "is a lower bound."
STEPS, LEVELS, COLUMNS = (1.0, 2.0, 4.0), 20, 2
NONE = "no column is declared changeable: security.checks.evasion.changeable names those that who is judged can change"


def evasion(settings: EvasionSettings, context: Context) -> Analysis:
    """The cheapest change of the changeable columns that gives another answer, by coordinate search (Lowd and Meek,
    Adversarial learning, KDD 2005): a number by 1, 2 or 4 steps, a text to another; the best change of one column, and
    for rows that it does not turn, a second column on top of it. Cost is in steps."""

    def examine(evidence: Evidence) -> Result:
        if why := unable(evidence):
            return nothing(*SAID, why, LIMIT, evidence)
        if not settings.changeable:
            return nothing(*SAID, NONE, LIMIT, evidence)
        scorer = scorer_of(evidence)
        for name in settings.changeable:
            if name not in scorer.features:
                fix = nearest(name, list(scorer.features.columns))
                raise RegrowError(f"{name!r} is no feature", where="security.checks.evasion.changeable", fix=fix)
        rng = np.random.Generator(np.random.PCG64(context.random_state))
        chosen = np.sort(rng.permutation(len(evidence.predicted.target))[: settings.rows])
        part, rows = evidence.predicted.rows(chosen), scorer.features.iloc[chosen].reset_index(drop=True)
        cost, by = cheapest(part, rows, scorer, settings)
        return _told(evidence, settings, cost, by)

    return examine


@dataclass(frozen=True)
class Change:
    """One column changed in all rows; cost: (n,) in steps, NaN where it changes nothing."""

    column: str
    values: pd.Series
    cost: np.ndarray


def changes(rows: pd.DataFrame, scorer: FittedModel, settings: EvasionSettings) -> Iterator[Change]:
    """Every change of one column that is tried."""
    for name in settings.changeable:
        values, known = rows[name], scorer.training[name].dropna()
        if pd.api.types.is_bool_dtype(values):
            yield Change(name, ~values.astype(bool), np.ones(len(rows)))
        elif pd.api.types.is_numeric_dtype(values):
            spread = float(known.std(ddof=0)) * settings.step
            whole = values.dtype.kind in "iu"
            for steps in (sign * size for size in STEPS for sign in (1, -1)):
                moved = (values + steps * spread).clip(known.min(), known.max())
                moved = moved.round().astype(values.dtype) if whole else moved.astype(values.dtype)
                cost = (moved - values).abs().to_numpy(dtype=float) / spread if spread else np.zeros(len(rows))
                yield Change(name, moved, np.where(cost > 0, cost, np.nan))
        elif isinstance(values.dtype, pd.StringDtype):
            for level in sorted(known.value_counts().index[:LEVELS]):
                same = (values == level).fillna(False).to_numpy(dtype=bool)
                yield Change(name, pd.Series([level] * len(rows), dtype=values.dtype), np.where(same, np.nan, 1.0))


def cheapest(p: Predicted, rows: pd.DataFrame, scorer: FittedModel,
             settings: EvasionSettings) -> tuple[np.ndarray, list[str]]:  # fmt: skip
    """(n,) the cost of the cheapest change found that turns each row's answer, NaN for none; and which columns."""
    spread = float(np.std(scorer.target)) if p.task == REGRESSION else 0.0
    cost, by = np.full(len(rows), np.nan), [""] * len(rows)
    state, spent, used = rows, np.zeros(len(rows)), [""] * len(rows)
    for _ in range(min(COLUMNS, len(settings.changeable))):
        before, best = answer(answered(p, scorer.model, state)), np.zeros(len(rows))
        following, paid, named = state.copy(), spent.copy(), list(used)
        for change in changes(state, scorer, settings):
            free = np.isfinite(change.cost) & np.array([change.column != one for one in used])
            tried = state.assign(**{change.column: change.values})
            said = answered(p, scorer.model, tried)
            total = spent + np.nan_to_num(change.cost, nan=np.inf)
            other = free & turned(p, said, spread)
            for row in np.flatnonzero(other & ~(cost <= total)):
                cost[row], by[row] = total[row], " and ".join(filter(None, (used[row], change.column)))
            moved = np.abs(answer(said) - before)
            further = free & (moved > best)
            best = np.where(further, moved, best)
            following.loc[further, change.column] = change.values[further]
            paid = np.where(further, total, paid)
            named = [change.column if one else had for one, had in zip(further, named, strict=True)]
        state, spent, used = following, paid, named
    return cost, by


def _told(evidence: Evidence, settings: EvasionSettings, cost: np.ndarray, by: list[str]) -> Result:
    rows, confidence = len(cost), evidence.bootstrap.confidence
    one_step = int((cost <= 1 + 1e-9).sum())
    found_any = np.isfinite(cost)
    ends = share_within(one_step, rows, confidence)
    seen = f"{one_step} of {rows} rows get another answer by one step, {int(found_any.sum())} by any change that "
    seen += "was tried."
    if found_any.any():
        seen += f" Half of those take {np.median(cost[found_any]):.3g} steps or fewer."
    numbers = {"turned by one step": number(one_step / rows, ends, SHARE)}
    found = told(*SAID, within(ends, settings.at_most), seen, LIMIT, numbers=numbers, n=rows)
    body = []
    for name in sorted({one for one in by if one}):
        mine = np.array([one == name for one in by])
        body.append([name, {"value": float(mine.mean()), "unit": SHARE}, float(np.median(cost[mine]))])
    caption = f"The cheapest change found for each row. {LIMIT}"
    table = blocks.table("What turns the answer", ["Changed", "Rows", "Steps, median"], body, caption)
    return {"metrics": {"turned": one_step / rows, "any": float(found_any.mean())}, "findings": [found],
            "section": section("What turns the answer", 62, [table])}  # fmt: skip
