"""Two models on the same rows: the loss of each row, and the paired bootstrap of their difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from regrow.artifacts import blocks
from regrow_experiment.baselines import as_numbers, beside
from regrow_experiment.noise import CONFIDENCE, Gain
from regrow_experiment.scoring import score

TIMES = 1000  # resamples
MOST_DRAWN = 20_000_000  # draws in all, so that many rows are resampled fewer times
FEWEST = 10  # rows of which an interval says something
LOWEST = 1e-15  # probability, as scikit-learn clips it
MOST_SHOWN = 50
DOCS = "plugins/regrow-experiment/README.md"


@dataclass(frozen=True)
class Part:
    """A fitted model, the rows it learnt from and those it predicts, as masks (n,)."""

    fitted: Any
    learnt: np.ndarray
    predicted: np.ndarray


def losses(model: Any, X: pd.DataFrame, y: np.ndarray, task: str) -> np.ndarray:
    """(n,) the loss of each row: squared error; the log loss of the true class, or 0 and 1 without probabilities."""
    prediction, probability = score(model, X)
    if task == "regression":
        return (np.asarray(prediction, dtype=float) - y) ** 2
    if probability is None:
        return (prediction != y).astype(float)
    place = np.clip(np.searchsorted(model.classes_, y), 0, len(model.classes_) - 1)
    found = np.where(model.classes_[place] == y, probability[np.arange(len(y)), place], 0.0)
    return -np.log(np.clip(found, LOWEST, 1.0))


def loss_name(model: Any, task: str) -> str:
    """What `losses` gives, in words."""
    return "squared error" if task == "regression" else "log loss" if hasattr(model, "predict_proba") else "share wrong"


def bootstrap(new: np.ndarray, old: np.ndarray, seed: int) -> Gain:
    """What `new` gains over `old` in the mean loss, paired by row, with a percentile interval of resampled rows.

    Efron and Tibshirani, An Introduction to the Bootstrap, 1993.
    """
    gains = old - new
    draws = np.random.default_rng(seed)
    times = max(200, min(TIMES, MOST_DRAWN // max(1, len(gains))))
    if len(gains) < FEWEST:
        return Gain(float(gains.mean()) if len(gains) else 0.0, -np.inf, np.inf, False)
    means = [gains[draws.integers(len(gains), size=len(gains))].mean() for _ in range(times)]
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Gain(float(gains.mean()), float(low), float(high), bool(low > 0))


class Comparison:
    """The model beside baselines, and, where there is one for each group, beside the one of all rows."""

    def __init__(self, parts: Sequence[Part], X: pd.DataFrame, y: np.ndarray, task: str, seed: int) -> None:
        self.parts, self.X, self.y, self.task, self.seed = parts, X, y, task, seed
        self.loss = loss_name(parts[0].fitted, task)
        self.own = np.concatenate([losses(one.fitted, X[one.predicted], y[one.predicted], task) for one in parts])

    def baselines(self) -> dict[str, tuple[float, Gain]]:
        """Name -> its mean loss on the held-out rows, and what the model gains over it."""
        found: dict[str, list[np.ndarray]] = {}
        for part in self.parts:
            learnt, predicted = self.X[part.learnt], self.X[part.predicted]
            numbers, others = as_numbers(learnt, learnt), as_numbers(learnt, predicted)
            for name, model in beside(self.task).items():
                if name == "single feature" and not numbers.shape[1]:
                    continue
                model.fit(numbers, self.y[part.learnt])
                found.setdefault(name, []).append(self._losses(model, others, part))
        said = {name: np.concatenate(some) for name, some in found.items()}
        return {name: (float(one.mean()), bootstrap(self.own, one, self.seed)) for name, one in said.items()}

    def _losses(self, model: Any, X: pd.DataFrame, part: Part) -> np.ndarray:
        if self.loss == "share wrong":
            return (model.predict(X) != self.y[part.predicted]).astype(float)
        return losses(model, X, self.y[part.predicted], self.task)

    def groups(self) -> list[dict[str, Any]]:
        """Of each group: its name, training rows of the first fit, why it has no model, held-out rows, loss, gain over
        the one model of all rows; [] where there is one model."""
        if not hasattr(self.parts[0].fitted, "report"):
            return []
        names, everyone = [], []
        for one in self.parts:
            X, y = self.X[one.predicted], self.y[one.predicted]
            names.append(one.fitted.groups(X))
            everyone.append(losses(one.fitted.everyone_, X, y, self.task))
        group, shared = np.concatenate(names), np.concatenate(everyone)
        made = []
        for name, size, why in self.parts[0].fitted.report():
            rows = group == name
            gain = None if why or not rows.any() else bootstrap(self.own[rows], shared[rows], self.seed)
            loss = float(self.own[rows].mean()) if rows.any() else None
            made.append({"group": name, "rows": size, "why": why, "held": int(rows.sum()), "loss": loss, "gain": gain})
        return made

    def blocks(self) -> list[dict[str, Any]]:
        """Tables of both."""
        rows = [[name, mean, _number(gain), gain.beyond] for name, (mean, gain) in self.baselines().items()]
        caption = f"Mean {self.loss} of held-out rows; the model's is {float(self.own.mean()):.4g}."
        columns = ["Baseline", f"Its {self.loss}", "Gain of the model", "Beyond noise"]
        made = [blocks.table("Baselines", columns, rows, caption)]
        groups = self.groups()
        if groups:
            made.append(_group_table(groups, self.loss))
        return made

    def findings(self) -> list[dict[str, Any]]:
        """Whether the model beats each baseline, and whether models of groups are worth it."""
        found = [_finding(f"model.beats.{name.replace(' ', '_')}", f"The model is better than the baseline: {name}",
                          "major", gain, len(self.own), self.loss)
                 for name, (_, gain) in self.baselines().items()]  # fmt: skip
        own = [one for one in self.groups() if one["gain"] is not None]
        if own:
            worth = sum(one["gain"].beyond for one in own)
            worse = [one["group"] for one in own if one["gain"].high < 0]
            seen = f"{worth} of {len(own)} models of groups gain over the one of all rows, beyond noise"
            seen += f"; worse than it: {', '.join(worse[:5])}" if worse else ""
            found.append({"code": "model.per", "title": "Models of groups are better than one of all rows",
                          "severity": "info", "verdict": "passed" if worth > len(worse) else "failed", "seen": seen,
                          "n": len(self.own), "docs": DOCS})  # fmt: skip
        return found


def _group_table(groups: Sequence[dict[str, Any]], loss: str) -> dict[str, Any]:
    rows = [
        [one["group"], one["rows"], one["held"], one["loss"],
         None if one["gain"] is None else _number(one["gain"]),
         one["why"] or ("" if one["gain"] is None else "yes" if one["gain"].beyond else "no")]
        for one in groups[:MOST_SHOWN]
    ]  # fmt: skip
    columns = ["Group", "Training rows", "Held-out rows", f"Mean {loss}", "Gain over one model", "Beyond noise"]
    more = f"The largest {MOST_SHOWN} of {len(groups)}. " if len(groups) > MOST_SHOWN else ""
    caption = f"{more}A group without a model of its own is answered by the one of all rows, as unknown groups are."
    return blocks.table("Models of groups", columns, rows, caption)


def _number(gain: Gain) -> dict[str, Any]:
    interval = {"interval": [gain.low, gain.high]} if np.isfinite(gain.low) else {}
    return {"value": gain.mean, **interval}


def _finding(code: str, title: str, severity: str, gain: Gain, rows: int, loss: str) -> dict[str, Any]:
    enough = bool(np.isfinite(gain.low))
    said = f"its mean {loss} is smaller by {gain.mean:.4g}" if gain.mean > 0 else f"it is no better ({gain.mean:.4g})"
    return {
        "code": code,
        "title": title,
        "severity": severity,
        "verdict": "passed" if gain.beyond else "failed" if enough and gain.mean <= 0 else "not enough data",
        "seen": said + (f", 95 % interval {gain.low:.4g} to {gain.high:.4g}" if enough else f", of {rows} rows"),
        "numbers": {"gain": _number(gain)},
        "n": rows,
        "docs": DOCS,
    }
