"""What the model does with missing, odd and foreign values, and with cases that an expert has answered."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from regrow import Context, RegrowError, nearest
from regrow.artifacts import blocks
from regrow.artifacts.blocks import SHARE
from regrow_evaluation.analyses.explanation import answer, answered
from regrow_evaluation.analyses.settings import RobustnessSettings
from regrow_evaluation.catalogue import REGRESSION
from regrow_evaluation.evidence import Analysis, Evidence, FittedModel, Result, finding
from regrow_evaluation.predicted import Predicted, class_name
from regrow_evaluation.validation import usual_row

OWN = ("expected", "owner", "case", "tolerance")  # columns of a case that are no features
FOREIGN = "never seen before"
STEPS, TINY = 10, 1e-9


def robustness(settings: RobustnessSettings, context: Context) -> Analysis:
    """One column at a time is disturbed: its values missing, beyond all that were learnt from, never seen before, or
    misspelt. An answer turns if it is another class, or moves by a standard deviation of the target.

    Cases: the source `cases`, a CSV of features with `expected`, `owner`, and, where there are any, `case` and
    `tolerance`; a feature that is not given has its usual value. Nothing where the model learnt from held-out rows.
    """

    def examine(evidence: Evidence) -> Result:
        if evidence.scorer is None:
            return {}
        scorer, p = evidence.scorer, evidence.predicted
        rng = np.random.Generator(np.random.PCG64(context.random_state))
        chosen = np.sort(rng.permutation(len(p.target))[: settings.rows])
        part, rows = p.rows(chosen), scorer.features.iloc[chosen].reset_index(drop=True)
        turned = [_tried(part, scorer, how, name, changed) for how, name, changed in disturbed(rows, scorer.training)]
        cases = list(_cases(evidence.cases, scorer, p)) if evidence.cases is not None else []
        made = _told(turned, cases, settings, len(chosen))
        return {**made, "findings": [*made["findings"], *_monotone(part, scorer, rows, settings.monotone)]}

    return examine


def disturbed(rows: pd.DataFrame, training: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """How, which column, and the rows so changed."""
    for name in rows.columns:
        values, known = rows[name], training[name].dropna()
        if not len(known):
            continue
        if pd.api.types.is_bool_dtype(values):
            yield "turned round", name, rows.assign(**{name: ~values.astype(bool)})
        elif pd.api.types.is_numeric_dtype(values):
            far = known.max() + (known.max() - known.min())
            yield "far above all", name, rows.assign(**{name: pd.Series([far] * len(rows), dtype=values.dtype)})
            if values.dtype.kind == "f":
                yield "missing", name, rows.assign(**{name: np.nan})
        elif isinstance(values.dtype, pd.StringDtype):
            yield "missing", name, rows.assign(**{name: pd.Series([None] * len(rows), dtype=values.dtype)})
            yield "never seen", name, rows.assign(**{name: pd.Series([FOREIGN] * len(rows), dtype=values.dtype)})
            yield "a space too many", name, rows.assign(**{name: (values + " ").astype(values.dtype)})
            yield "with two letters swapped", name, rows.assign(**{name: values.map(misspelt).astype(values.dtype)})


def misspelt(text: Any) -> Any:
    """The two letters in its middle swapped: the commonest slip of a typist."""
    if not isinstance(text, str) or len(text) < 2:
        return text
    at = (len(text) - 1) // 2
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _monotone(
    part: Predicted, scorer: FittedModel, rows: pd.DataFrame, columns: Mapping[str, str]
) -> list[dict[str, Any]]:
    """A finding for each column: whether the answer ever goes the other way when the column grows by a tenth of what
    lies between the lowest and the highest value that was learnt from. Raises RegrowError for what is no number."""
    found = []
    for name, way in columns.items():
        if name not in rows or not pd.api.types.is_numeric_dtype(rows[name]):
            fix = nearest(name, [one for one in rows if pd.api.types.is_numeric_dtype(rows[one])])
            raise RegrowError(
                f"{name!r} is no number among the features", where="analysis robustness, monotone", fix=fix
            )
        known = scorer.training[name].dropna().astype(float)
        step = (known.max() - known.min()) / STEPS
        step = step if rows[name].dtype.kind == "f" else max(1, round(step))
        before = answer(answered(part, scorer.model, rows))
        after = answer(
            answered(part, scorer.model, rows.assign(**{name: (rows[name] + step).astype(rows[name].dtype)}))
        )
        against = (after - before) * (1 if way == "up" else -1) < -TINY
        word = {"up": "falls", "down": "rises"}[way]
        seen = f"In {against.mean():.1%} of the rows the answer {word} when {name} grows by {step:.4g}."
        title = f"The answer never {word} when {name} grows"
        found.append(finding(f"robustness.monotone.{name}", title, "major", not against.any(), seen=seen, n=len(rows)))
    return found


def _tried(
    part: Predicted, scorer: FittedModel, how: str, name: str, rows: pd.DataFrame
) -> tuple[str, str, float | None]:
    """How, which column, and the share of answers that turn; None where the model refuses such rows."""
    try:
        changed = answered(part, scorer.model, rows)
    except (ValueError, TypeError, KeyError):
        return how, name, None
    if part.task == REGRESSION:
        return how, name, float((np.abs(changed.prediction - part.prediction) > np.std(scorer.target)).mean())
    return how, name, float((changed.prediction != part.prediction).mean())


def _told(turned: list[tuple[str, str, float | None]], cases: list[dict[str, Any]], settings: RobustnessSettings,
          rows: int) -> Result:  # fmt: skip
    found = []
    most = [one for one in turned if one[2] is not None and one[2] > settings.share]
    for how, name, share in sorted(most, key=lambda one: (-(one[2] or 0), one[1])):
        seen = f"{share:.1%} of the answers turn when {name} is {how}."
        title = f"Answers hold when {name} is {how}"
        found.append(finding(f"robustness.turned.{name}.{how}", title, "minor", False, seen=seen, n=rows))
    if not most:
        title = "Answers hold when one column is disturbed"
        seen = f"{len(turned)} disturbances were tried; none turns more than {settings.share:.0%} of the answers."
        found.append(finding("robustness.turned", title, "minor", True, seen=seen, n=rows))
    found += [one["finding"] for one in cases]
    body = [[name, how, "refused: the model takes no such rows" if share is None else {"value": share, "unit": SHARE}]
            for how, name, share in sorted(turned, key=lambda one: -(one[2] if one[2] is not None else 2))]  # fmt: skip
    said = [blocks.table("One column disturbed", ["Column", "How", "Answers that turn"], body)]
    if cases:
        said.append(
            blocks.table("Cases that must pass", ["Case", "Expected", "Answer", "Owner"], [one["row"] for one in cases])
        )
    section = {"title": "What throws it off", "level": "analyse", "order": 17, "blocks": said}
    worst = max((share for _, _, share in turned if share is not None), default=0.0)
    passed = sum(one["finding"]["verdict"] == "passed" for one in cases)
    metrics = {"turned": worst, **({"cases": len(cases), "passed": passed} if cases else {})}
    return {"metrics": metrics, "findings": found, "section": section}


def _cases(file: Path, scorer: FittedModel, p: Predicted) -> Iterator[dict[str, Any]]:
    """Raises RegrowError for a file without `expected`, and for a column that is no feature."""
    given = pd.read_csv(file)
    for name in given.columns:
        if name not in (*OWN, *scorer.features.columns):
            raise RegrowError(
                f"{name!r} is no feature", where="cases", fix=nearest(name, list(scorer.features.columns))
            )
    if "expected" not in given:
        raise RegrowError("has no column 'expected'", where="cases", fix="add what an expert says of each case")
    usual = usual_row(scorer.training)
    rows = pd.DataFrame({name: given[name] if name in given else [usual[name]] * len(given)
                         for name in scorer.features.columns})  # fmt: skip
    rows = rows.astype({name: kind for name, kind in scorer.features.dtypes.items() if name in rows})
    said = scorer.model.predict(rows)
    for place, (expected, one) in enumerate(zip(given["expected"], said, strict=True)):
        yield _case(given.iloc[place], place, expected, one, p.task)


def _case(given: pd.Series, place: int, expected: Any, answer: Any, task: str) -> dict[str, Any]:
    name, owner = str(given.get("case", place + 1)), str(given.get("owner", "") or "nobody")
    if task == REGRESSION:
        passed = abs(float(answer) - float(expected)) <= float(given.get("tolerance", 0) or 0)
        shown = f"{float(expected):.6g}", f"{float(answer):.6g}"
    else:
        plain = getattr(answer, "item", lambda: answer)()
        shown = class_name(expected), class_name(plain)
        passed = shown[0] == shown[1]
    seen = f"Expected {shown[0]}, and the answer is {shown[1]}."
    title = f"Case {name} is answered as its owner says"
    made = finding(f"robustness.case.{name}", title, "critical", passed, seen=seen, owner=owner, n=1)
    return {"finding": made, "row": [name, *shown, owner]}
