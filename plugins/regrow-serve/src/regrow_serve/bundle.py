"""The one scorer: raw rows, typed as in training, through the derive steps, to the model."""

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from regrow import Component, RegrowError, Use
from regrow.artifacts import model as model_file
from regrow.artifacts.model_types import trusting
from regrow.base.errors import Exit
from regrow.plugin.components import parse
from regrow_experiment.scoring import score
from regrow_features.derived import derive
from regrow_serve import archive, lookups
from regrow_serve.guard import REFUSED, VERDICTS, Guard, Judgement, Remark
from regrow_serve.schema import Schema, Typed, frame

CODE = "code"
TYPES = "types.json"  # of classes in the model that components declared, "module:Class"; where there are any
Rows = Sequence[Mapping[str, Any]]


@dataclass
class Scored:
    """A batch's answers. rows: those answered, by place. prediction: (rows,). probabilities: (rows, classes) or None.
    judgement: of all rows, those refused among them."""

    rows: np.ndarray
    prediction: np.ndarray
    probabilities: np.ndarray | None
    judgement: Judgement


@dataclass(frozen=True)
class Bundle:
    """digest: sha256 of the archive. about: what bundle.json says. model: the pipeline. steps, lookups: of features.
    members: the rest of the archive."""

    digest: str
    about: Mapping[str, Any]
    schema: Schema
    guard: Guard
    model: Any
    steps: Mapping[str, Use]
    lookups: Mapping[str, pd.DataFrame]
    fallback: Mapping[str, Any]
    members: Mapping[str, bytes]

    @classmethod
    def load(cls, path: Path | str, digest: str = "") -> "Bundle":
        """Read one. digest: the sha256 that it has to have, if it is known.

        Raises RegrowError (exit code UNSAFE), running nothing of it, for anything but a bundle as the stage writes it.
        """
        path = Path(path)
        if not path.is_file():
            raise RegrowError("there is no such file", where=str(path), code=Exit.DATA_MISSING)
        if path.stat().st_size > archive.MOST:
            raise RegrowError("is larger than any bundle", where=str(path), code=Exit.UNSAFE)
        data = path.read_bytes()
        found = hashlib.sha256(data).hexdigest()
        if digest and found != digest.removeprefix("sha256:"):
            raise RegrowError(f"is {found}, and not {digest}", where=str(path), code=Exit.UNSAFE)
        members, about = archive.unpack(data, str(path))
        _check_code(members, str(path))
        _find_code(members, path)
        made = cls.of(members, about, found, str(path))
        made.self_test()  # imports what the steps need now, while the file is there
        return made

    @classmethod
    def of(cls, members: Mapping[str, bytes], about: Mapping[str, Any], digest: str, where: str = "bundle") -> "Bundle":
        """Of an archive's members. Raises RegrowError where they do not hold what they should."""
        try:
            schema = Schema.read(json.loads(members["schema.json"]))
            steps = {one["name"]: _use(one, members) for one in json.loads(members["derive.json"])}
            serving, tables = json.loads(members["serving.json"]), lookups.from_members(members)
            guard = Guard(schema, serving["guard"], serving["lookups"], serving["assumptions"])
            fallback = json.loads(members["fallback.json"])
            model = _model(members)
        except (ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
            wrong = f"can't be used: {type(error).__name__}: {error}"
            raise RegrowError(wrong, where=where, fix="get it again", code=Exit.UNSAFE) from None
        return cls(digest, about, schema, guard, model, steps, tables, fallback, members)

    @property
    def classes(self) -> list[Any] | None:
        """In the order of the probabilities; None for regression."""
        found: list[Any] | None = self.about["classes"]
        return found

    def predict(self, rows: Rows | pd.DataFrame) -> pd.DataFrame:
        """Raw rows -> row, prediction, probability_<class> and guard (ok or odd), of the rows that are not refused.

        rows: mappings, or a table of raw columns in any order; others are ignored.
        """
        scored = self.score(self.schema.of_rows(records(rows) if isinstance(rows, pd.DataFrame) else rows))
        return self.table(scored)

    def table(self, scored: Scored) -> pd.DataFrame:
        """Answers with the columns of the stage `train`'s predictions, and the guard's verdict."""
        made: dict[str, Any] = {"row": scored.rows, "prediction": scored.prediction}
        if scored.probabilities is not None:
            made |= {f"probability_{one}": scored.probabilities[:, n] for n, one in enumerate(self.classes or ())}
        return pd.DataFrame(made | {"guard": [scored.judgement.of(row) for row in scored.rows]})

    def score(self, typed: Typed) -> Scored:
        """Answers for all rows that the guard lets through, in their order.

        A row that breaks a step is refused with what the step says. Raises ModelFailedError where the model itself is
        broken, which its own examples show.
        """
        judgement = self.guard.judge(typed)
        let_through = np.flatnonzero(judgement.codes < VERDICTS.index(REFUSED))
        parts: list[tuple[np.ndarray, np.ndarray, np.ndarray | None]] = []
        for rows, table in frame(typed, let_through):
            parts += self._scored(rows, table, judgement)
        if not parts:
            return Scored(np.array([], dtype=int), np.array([]), None, judgement)
        rows = np.concatenate([part[0] for part in parts])
        order = np.argsort(rows, kind="stable")
        shares = [part[2] for part in parts if part[2] is not None]
        probabilities = np.concatenate(shares)[order] if shares else None
        return Scored(rows[order], np.concatenate([part[1] for part in parts])[order], probabilities, judgement)

    def features(self, table: pd.DataFrame) -> pd.DataFrame:
        """Raw columns in training's types -> what reaches the model, in its order and types."""
        derived = derive(table, self.lookups, self.steps, ())
        columns = {name: _as(derived[name], dtype) for name, dtype in self.schema.features.items()}
        return pd.DataFrame(columns)

    def answer(self, rows: np.ndarray, table: pd.DataFrame) -> Scored:
        """Answers for typed rows, whatever the guard would say of them. Raises what a step raises."""
        codes = np.zeros(int(rows.max()) + 1 if len(rows) else 0, dtype=np.int8)
        return Scored(rows, *score(self.model, self.features(table)), Judgement(codes))

    def _scored(
        self, rows: np.ndarray, table: pd.DataFrame, judgement: Judgement
    ) -> list[tuple[np.ndarray, np.ndarray, np.ndarray | None]]:
        """Some rows' answers; where a step breaks, each half by itself, down to the row that breaks it."""
        try:
            return [(rows, *score(self.model, self.features(table)))]
        except Exception as error:
            if len(rows) == 1:
                self._blame(int(rows[0]), error, judgement)
                return []
        middle = len(rows) // 2
        halves = ((rows[:middle], table.iloc[:middle]), (rows[middle:], table.iloc[middle:]))
        return [part for some, few in halves for part in self._scored(some, few, judgement)]

    def _blame(self, row: int, error: Exception, judgement: Judgement) -> None:
        problem = error.problems[0] if isinstance(error, RegrowError) else None
        examples = self.examples()
        if examples and self._self_scored([examples[0]["row"]]) is None:
            raise ModelFailedError(f"{type(error).__name__}: {error}") from error
        reason = problem.wrong if problem else f"can't be scored: {type(error).__name__}: {error}"
        judgement.add(row, Remark(problem.where if problem else "", REFUSED, reason[:500], None))

    def examples(self) -> list[dict[str, Any]]:
        """Raw rows, and the answers that they must get: floats as hex."""
        return [json.loads(line) for line in self.members["examples.jsonl"].splitlines()]

    def self_test(self) -> list[int]:
        """The examples that do not come out bit for bit: together, and the first one alone. Empty if all do."""
        examples = self.examples()
        together = self._self_scored([one["row"] for one in examples])
        alone = self._self_scored([examples[0]["row"]])
        if together is None or alone is None:
            return list(range(len(examples)))
        return [
            n for n, one in enumerate(examples) if one["answer"] != together[n] or (n == 0 and alone[0] != together[0])
        ]

    def _self_scored(self, rows: Rows) -> list[dict[str, Any]] | None:
        try:
            typed = self.schema.of_rows(rows)
            answers: list[dict[str, Any]] = [{}] * len(rows)
            for chosen, table in frame(typed, np.arange(len(rows))):
                scored = self.answer(chosen, table)
                for place, row in enumerate(chosen):
                    shares = None if scored.probabilities is None else scored.probabilities[place]
                    answers[row] = exact(scored.prediction[place], shares)
        except Exception:
            return None
        return answers


class ModelFailedError(Exception):
    """The model can't answer what it answered when it was made."""


def exact(prediction: Any, probabilities: Iterable[float] | None) -> dict[str, Any]:
    """An answer as text that says every bit of it."""
    value = prediction.item() if hasattr(prediction, "item") else prediction
    said = value.hex() if isinstance(value, float) else value
    return {
        "prediction": said,
        "probabilities": None if probabilities is None else [float(p).hex() for p in probabilities],
    }


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table's rows as JSON would have them: missing is None, dates are text."""
    columns = {name: [_json_value(one) for one in table[name].tolist()] for name in table.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _json_value(value: Any) -> Any:
    if value is None or value is pd.NaT or value is pd.NA or value != value:
        return None
    return value.isoformat() if isinstance(value, pd.Timestamp) else value


def _as(column: pd.Series, dtype: str) -> pd.Series:
    """A feature in its type of training; a whole number or truth value that is missing stays a float."""
    if column.dtype.name == dtype or (dtype in ("int64", "bool") and column.isna().any()):
        return column
    return column.astype(pd.StringDtype(na_value=np.nan) if dtype == "str" else dtype)


def _use(entry: Mapping[str, Any], members: Mapping[str, bytes]) -> Use:
    """A derive step as derive.json names it. ValueError where its code is not the bundle's."""
    for path in filter(None, (entry["make"], entry["settings"])):
        if not {_file(path.partition(":")[0]), _file(path.partition(":")[0] + ".__init__")} & members.keys():
            raise ValueError(f"step {entry['name']!r} names {path!r}, whose code is not in the bundle")
    component = Component(entry["use"], "derive", entry["make"], entry["settings"])
    return Use(component, parse(component, entry["parameters"]))


def _file(module: str) -> str:
    return f"{CODE}/{module.replace('.', '/')}.py"


def _check_code(members: Mapping[str, bytes], where: str) -> None:
    """RegrowError for code that would stand in for Python's own modules, or for a package that is required."""
    required = {
        line.partition("==")[0].replace("-", "_").lower()
        for line in members.get("requirements.txt", b"").decode().split()
    }
    tops = {name.split("/")[1].removesuffix(".py") for name in members if name.startswith(f"{CODE}/")}
    if odd := sorted(
        tops & (set(sys.stdlib_module_names) | required | {"numpy", "pandas", "sklearn", "skops", "scipy"})
    ):
        raise RegrowError(f"brings a module {odd[0]!r} in place of another's", where=where, code=Exit.UNSAFE)


def _find_code(members: Mapping[str, bytes], path: Path) -> None:
    """Let what is not installed here be imported from the bundle."""
    place = str(path.absolute() / CODE)
    if place not in sys.path and any(name.startswith(f"{CODE}/") for name in members):
        sys.path.append(place)


def _model(members: Mapping[str, bytes]) -> Any:
    """Read from memory: a full disk keeps no bundle from being loaded.

    Classes that components declared are read where the bundle holds their code. Raises ValueError.
    """
    types = json.loads(members.get(TYPES, b"[]"))
    for one in types:
        if f"{CODE}/{one.partition(':')[0].replace('.', '/')}.py" not in members:
            raise ValueError(f"the model holds {one}, whose code is not in the bundle")
    held: Any = SimpleNamespace(read_bytes=lambda: members["model.skops"])
    with trusting(types):
        return model_file.read(held)
