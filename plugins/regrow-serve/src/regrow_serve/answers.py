"""From rows as they came to answers as they go: the model's, or the fallback's, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from regrow_serve import fallback
from regrow_serve.bundle import Bundle
from regrow_serve.fallback import FALLBACK, MODEL
from regrow_serve.guard import OK, REFUSED, Judgement

Row = Mapping[str, Any]


@dataclass
class Answer:
    """To one row. prediction: None where the row is refused. probabilities: class as text -> share, None where there
    are none. guard: the verdict. why: of an answer of the fallback."""

    prediction: Any
    probabilities: dict[str, float] | None
    guard: str
    source: str
    remarks: list[dict[str, Any]] = field(default_factory=list)
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """As a response holds it."""
        said: dict[str, Any] = {"prediction": self.prediction, "guard": self.guard, "source": self.source}
        said |= {} if self.probabilities is None else {"probabilities": self.probabilities}
        return said | ({"remarks": self.remarks} if self.remarks else {}) | ({"why": self.why} if self.why else {})


def by_model(bundle: Bundle, rows: Sequence[Row]) -> list[Answer]:
    """One answer a row. Raises `ModelFailedError`."""
    scored = bundle.score(bundle.schema.of_rows(rows))
    names = [str(one) for one in bundle.classes or ()]
    predictions = scored.prediction.tolist()
    shares = scored.probabilities.tolist() if scored.probabilities is not None else [None] * len(predictions)
    places = {int(row): place for place, row in enumerate(scored.rows)}
    answers = []
    for row in range(len(rows)):
        guard, remarks = scored.judgement.of(row), _remarks(scored.judgement, row)
        if row in places:
            said = shares[places[row]]
            probabilities = None if said is None else dict(zip(names, said, strict=True))
            answers.append(Answer(predictions[places[row]], probabilities, guard, MODEL, remarks))
        elif bundle.fallback["refusals"]:
            answers.append(by_fallback(bundle, rows[row], "the guard refused the row", guard, remarks))
        else:
            answers.append(Answer(None, None, REFUSED, MODEL, remarks))
    return answers


def by_fallback(
    bundle: Bundle, row: Row, why: str, guard: str = OK, remarks: list[dict[str, Any]] | None = None
) -> Answer:
    """What the fallback says of a row."""
    said = fallback.answer(bundle.fallback, row, bundle.classes)
    names = [str(one) for one in bundle.classes or ()]
    with_shares = bundle.about["probabilities"] and said["probabilities"] is not None
    shares = dict(zip(names, said["probabilities"], strict=True)) if with_shares else None
    return Answer(said["prediction"], shares, guard, FALLBACK, remarks or [], why)


def _remarks(judgement: Judgement, row: int) -> list[dict[str, Any]]:
    return [one.as_json() for one in judgement.remarks.get(row, ())]
