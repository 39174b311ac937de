"""From rows as they came to answers as they go: the model's, or the fallback's, and why."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from regrow_serve import fallback
from regrow_serve.bundle import Bundle
from regrow_serve.fallback import FALLBACK, MODEL
from regrow_serve.guard import Judgement

Row = Mapping[str, Any]


@dataclass
class Answer:
    """To one row. prediction: None where the row is refused. probabilities: class as text -> share, None where there
    are none. guard: the verdict. why: of an answer of the fallback. decision: a class, where there is a threshold."""

    prediction: Any
    probabilities: dict[str, float] | None
    guard: str
    source: str
    remarks: list[dict[str, Any]] = field(default_factory=list)
    why: str = ""
    decision: Any = None

    def as_json(self) -> dict[str, Any]:
        """As a response holds it."""
        said: dict[str, Any] = {"prediction": self.prediction, "guard": self.guard, "source": self.source}
        said |= {} if self.decision is None else {"decision": self.decision}
        said |= {} if self.probabilities is None else {"probabilities": self.probabilities}
        return said | ({"remarks": self.remarks} if self.remarks else {}) | ({"why": self.why} if self.why else {})


def by_model(bundle: Bundle, rows: Sequence[Row]) -> list[Answer]:
    """One answer a row. Raises `ModelFailedError`."""
    scored = bundle.score(bundle.schema.of_rows(rows))
    answers = [
        Answer(None, None, scored.judgement.of(n), MODEL, _remarks(scored.judgement, n)) for n in range(len(rows))
    ]
    for row, given in zip(scored.rows.tolist(), _given(bundle, scored.prediction, scored.probabilities), strict=True):
        answers[row].prediction, answers[row].probabilities, answers[row].decision = given
    if bundle.fallback["refusals"] and (refused := [n for n, one in enumerate(answers) if one.prediction is None]):
        instead = by_fallback(
            bundle, [rows[n] for n in refused], "the guard refused the row", [answers[n] for n in refused]
        )
        for n, one in zip(refused, instead, strict=True):
            answers[n] = one
    return answers


def by_fallback(
    bundle: Bundle, rows: Sequence[Row], why: str, judged: Sequence[Answer], *, last: bool = True
) -> list[Answer]:
    """What answers where the model can't, of each row: the last bundle, if there is one that takes the row; else the
    first rule that holds; else what is usual. judged: the guard's verdict and remarks. last: whether that is asked."""
    earlier: list[Answer] = []
    if last and bundle.last:
        with suppress(Exception):
            earlier = by_model(bundle.last, rows)
    return [_instead(bundle, row, why, one, earlier[n] if earlier else None)
            for n, (row, one) in enumerate(zip(rows, judged, strict=True))]  # fmt: skip


def judged(bundle: Bundle, rows: Sequence[Row]) -> list[Answer]:
    """The guard's verdicts alone."""
    judgement = bundle.guard.judge(bundle.schema.of_rows(rows))
    return [Answer(None, None, judgement.of(n), MODEL, _remarks(judgement, n)) for n in range(len(rows))]


def _instead(bundle: Bundle, row: Row, why: str, judged: Answer, earlier: Answer | None) -> Answer:
    if bundle.last and earlier and earlier.source == MODEL and earlier.prediction is not None:
        given = (earlier.prediction, earlier.probabilities, earlier.decision)
        if earlier.decision is None and earlier.probabilities:  # it has no threshold of its own
            known = np.array([list(earlier.probabilities.values())])
            given = _given(bundle, np.array([earlier.prediction]), known)[0]
        by = f"{why}; the bundle {bundle.last.digest[:12]} answers"
    else:
        said = fallback.answer(bundle.fallback, row, bundle.classes)
        with_shares = bundle.about["probabilities"] and said["probabilities"] is not None
        shares = np.array([said["probabilities"]]) if with_shares else None
        (given,), by = _given(bundle, np.array([said["prediction"]]), shares), why
    prediction, probabilities, decision = given
    return Answer(prediction, probabilities, judged.guard, FALLBACK, judged.remarks, by, decision)


def _given(
    bundle: Bundle, prediction: np.ndarray, probabilities: np.ndarray | None
) -> list[tuple[Any, dict[str, float] | None, Any]]:
    """Prediction, probabilities and decision of each row, as JSON has them."""
    if probabilities is None:
        return [(one, None, None) for one in prediction.tolist()]
    names = [str(one) for one in bundle.classes or ()]
    decisions = bundle.decide(probabilities).tolist() if bundle.threshold is not None else [None] * len(prediction)
    shares = (dict(zip(names, row, strict=True)) for row in probabilities.tolist())
    return list(zip(prediction.tolist(), shares, decisions, strict=True))


def _remarks(judgement: Judgement, row: int) -> list[dict[str, Any]]:
    return [one.as_json() for one in judgement.remarks.get(row, ())]
