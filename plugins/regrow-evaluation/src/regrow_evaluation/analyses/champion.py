"""The model against the one that is in use, on the same rows."""

from dataclasses import replace
from typing import Any

import numpy as np

from regrow import Context
from regrow.artifacts import blocks
from regrow_evaluation import noise
from regrow_evaluation.analyses.settings import ChampionSettings
from regrow_evaluation.evidence import Analysis, Evidence, Result, finding, not_enough, number
from regrow_evaluation.paired import BETTER, LITTLE, SAME, WORSE, Paired, compare, same_repeats, same_rows
from regrow_evaluation.predicted import Predicted, as_table
from regrow_evaluation.repeats import tables
from regrow_evaluation.resampling import Bootstrap
from regrow_evaluation.slicing import singles

TITLE = "Not worse than the champion"
VERDICTS = {BETTER: 1, SAME: 0, WORSE: -1}


def champion(settings: ChampionSettings, context: Context) -> Analysis:
    """Nothing where there is no champion; see `regrow_evaluation.paired`."""

    def examine(evidence: Evidence) -> Result:
        if evidence.champion is None:
            return {}
        return _examined(evidence, settings)

    return examine


def _examined(evidence: Evidence, settings: ChampionSettings) -> Result:
    p = evidence.predicted
    new, old, against = same_rows(as_table(p), evidence.champion, p.task, _positive(p))
    if against:
        return {"findings": [not_enough("champion.comparable", TITLE, "major", against, len(p.target))]}
    group = evidence.bootstrap.group
    kept = np.isin(p.row, new.row)
    drawn = Bootstrap(evidence.bootstrap.rounds, evidence.bootstrap.confidence, evidence.bootstrap.seed,
                      None if group is None else group[kept])  # fmt: skip
    mine = [as_table(one) for one in (p, *evidence.repeats)]
    repeats = same_repeats(mine, list(tables(evidence.champion)), p.task, _positive(p))
    least = noise.floor(settings.least, evidence.metrics, evidence.leading[0])
    found = compare(dict(evidence.asked), new, old, drawn, least, evidence.lacking, repeats)
    rows = [_row(key, one) for key, one in found.items()]
    said = [blocks.table("Against the champion", ["Metric", "This model", "Champion", "Better by", "Verdict"], rows)]
    if settings.columns:
        said.append(_by_slice(evidence, settings, new, old))
    section = {"title": "Against the champion", "level": "decide", "order": 6, "blocks": said}
    verdict = {key: VERDICTS[one.verdict] for key, one in found.items() if one.verdict in VERDICTS}
    gains = {key: one.gain for key, one in found.items() if np.isfinite(one.gain)}
    metrics = {"rows": len(new.target), **{name: one for name, one in (("verdict", verdict), ("gain", gains)) if one}}
    return {"metrics": metrics,
            "findings": [_finding(key, one, evidence, settings, len(new.target)) for key, one in found.items()],
            "section": section}  # fmt: skip


def _finding(key: str, one: Paired, evidence: Evidence, settings: ChampionSettings, rows: int) -> dict[str, Any]:
    verdict: Any = "not enough data" if one.verdict == LITTLE else one.verdict in (BETTER, SAME)
    leads = key == evidence.leading[0]
    floor = noise.said(noise.floor(settings.least, evidence.metrics, key), settings.least) if leads else ""
    whose = f" ({evidence.champion_commit[:10]})" if evidence.champion_commit else ""
    folds = f"; by {one.folds} folds, corrected for shared training rows" if one.folds else ""
    seen = f"{one.verdict}: {one.new:.4g}, the champion{whose} {one.old:.4g}{floor}{folds}."
    numbers = {"gain": number(one.gain, one.interval)} if np.isfinite(one.gain) else {}
    return finding(f"champion.{key}", f"{TITLE} by {key}", "major", verdict, seen=seen, numbers=numbers, n=rows)


def _row(key: str, one: Paired) -> list[Any]:
    shown = [number(value) if np.isfinite(value) else None for value in (one.new, one.old)]
    return [key, *shown, number(one.gain, one.interval) if np.isfinite(one.gain) else None, one.verdict]


def _by_slice(evidence: Evidence, settings: ChampionSettings, new: Predicted, old: Predicted) -> dict[str, Any]:
    """The leading metric inside each value of the columns."""
    key, metric = evidence.leading
    frame = evidence.table[settings.columns].iloc[new.row].reset_index(drop=True)
    rows = []
    for one in singles(frame, 4, 30):
        drawn = Bootstrap(200, evidence.bootstrap.confidence, evidence.bootstrap.seed)
        mine, theirs = (replace(p, fold=p.fold * 0).rows(one.rows) for p in (new, old))
        least = noise.floor(settings.least, evidence.metrics, key)
        rows.append([one.name, *_row(key, compare({key: metric}, mine, theirs, drawn, least, "")[key])[1:]])
    return blocks.table(f"{key} by slice", ["Rows where", "This model", "Champion", "Better by", "Verdict"], rows)


def _positive(p: Predicted) -> str | None:
    return None if p.positive is None else p.classes[p.positive]
