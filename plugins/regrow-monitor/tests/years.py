"""Years of answers, drawn: flights from the sample, loans from a formula; with a shift, or with labels turned."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

from regrow_monitor import drift, limit
from regrow_monitor.settings import Alarms

ROOT = Path(__file__).resolve().parents[3]
DAYS, WINDOWS, LATE, LATE_BY = 365, [1, 7, 28], 7, 60
TEXT = pd.StringDtype(na_value=np.nan)
NUMBERS = {"flights": ["month", "day", "sched_dep_time", "distance", "air_time"], "loans": ["income", "debt", "age"]}
TEXTS = {"flights": ["carrier", "origin"], "loans": ["region", "job"]}


def flights() -> tuple[pd.DataFrame, np.ndarray]:
    """The sample, and whether each came late: by more than an hour, as the generated project asks."""
    table = pd.read_csv(ROOT / "template/sample/flights.csv.gz").dropna(subset=["arr_delay"])
    return table[NUMBERS["flights"] + TEXTS["flights"]].reset_index(drop=True), (
        table["arr_delay"] > LATE_BY
    ).to_numpy()


def loans(seed: int = 0, rows: int = 20_000) -> tuple[pd.DataFrame, np.ndarray]:
    """Who does not pay back, by a formula."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "income": rng.gamma(4, 10, rows).round(1),
            "debt": rng.gamma(2, 5, rows).round(1),
            "age": rng.integers(18, 75, rows),
            "region": rng.choice(["north", "east", "south", "west"], rows),
            "job": rng.choice(["employed", "own", "none"], rows, p=[0.7, 0.2, 0.1]),
        }
    )
    odds = -1.6 + 0.2 * (table["debt"] - 10) - 0.05 * (table["income"] - 40) + 1.0 * (table["job"] == "none")
    return table, rng.random(rows) < 1 / (1 + np.exp(-odds))


@dataclass(frozen=True)
class World:
    """Rows with what a model that has not seen them says, as stage `collect` would hold them."""

    rows: pd.DataFrame
    log: dict


def world(name: str) -> World:
    """A third is learnt from; the rest is the world."""
    table, target = flights() if name == "flights" else loans()
    numbers, texts = NUMBERS[name], TEXTS[name]
    X = pd.get_dummies(table, columns=texts, dtype=float)
    learnt = np.arange(len(table)) % 3 == 0
    model = HistGradientBoostingClassifier(max_iter=40, random_state=0).fit(X[learnt], target[learnt])
    share = model.predict_proba(X[~learnt])[:, 1]
    rows = table[~learnt].reset_index(drop=True)
    made = {f"in_{one}": rows[one].astype("float64" if one in numbers else TEXT) for one in numbers + texts}
    made |= {f"unseen_{one}": np.zeros(len(rows), dtype=bool) for one in texts}
    answered = pd.Series(np.where(share >= 0.3, "1", "0"), dtype=TEXT)
    made |= {"prediction": answered, "decision": answered, "probability_0": 1 - share, "probability_1": share}
    made |= {"target": pd.Series(np.where(target[~learnt], "1", "0"), dtype=TEXT)}
    made |= {"guard": pd.Series("ok", index=rows.index, dtype=TEXT)}
    about = {"task": "binary", "classes": [0, 1], "positive": 1, "probabilities": True, "levels": texts}
    about["columns"] = dict.fromkeys(numbers, "number") | dict.fromkeys(texts, "text")
    end = (pd.Timestamp("2026-01-01") + pd.Timedelta(days=DAYS - 1)).date().isoformat()
    return World(pd.DataFrame(made), {"about": about, "bundle": "b", "first": "2026-01-01", "until": end})


@dataclass(frozen=True)
class Year:
    """A reference, the limit that it gives, and a year of rows drawn from the same world."""

    world: World
    reference: pd.DataFrame
    rows: pd.DataFrame
    found: limit.Limit

    @property
    def limit(self) -> float:
        """Beyond it is an alarm."""
        return self.found.value

    def worst(self, rows: pd.DataFrame) -> tuple[list[str], np.ndarray]:
        """Subjects, and (days, subjects): the largest number of each day."""
        days = drift.calendar(self.world.log)
        known, asked, labelled = drift.sums(rows, self.reference, self.world.log, days)
        return known.subjects, drift.largest(known, asked + labelled, WINDOWS, self.found)

    def alarms(self) -> int:
        """Subjects beyond the limit in a year without a change."""
        return int((self.worst(self.rows)[1].max(axis=0) > self.limit).sum())

    def shifted(self, column: str, by: float, begin: int) -> tuple[int, str]:
        """Days until it is found, and the column that is named first."""
        place = (pd.to_datetime(self.rows["day"]) - pd.Timestamp("2026-01-01")).dt.days
        rows = self.rows.copy()
        rows.loc[place >= begin, f"in_{column}"] += by * self.reference[f"in_{column}"].std()
        subjects, found = self.worst(rows)
        beyond = np.flatnonzero((found[begin:] > self.limit).any(axis=1))
        first = begin + int(beyond[0]) if len(beyond) else DAYS - 1
        order = sorted(range(len(subjects)), key=lambda n: (subjects[n] in drift.OWN, -found[first, n]))
        inputs = [n for n in order if found[first, n] > self.limit] or order
        return first - begin + 1, subjects[inputs[0]]

    def turned(self, share: float, begin: int, rng: np.random.Generator) -> int:
        """Days from the first turned label that is there until the alarm `labels`."""
        place = (pd.to_datetime(self.rows["day"]) - pd.Timestamp("2026-01-01")).dt.days
        rows = self.rows.copy()
        hit = ((place >= begin) & (rng.random(len(rows)) < share)).to_numpy(dtype=bool)
        rows.loc[hit, "target"] = rows.loc[hit, "target"].map({"0": "1", "1": "0"}).astype(TEXT)
        subjects, found = self.worst(rows)
        labels = found[begin + LATE :, subjects.index(drift.LABELS)]
        beyond = np.flatnonzero(labels > self.limit)
        return int(beyond[0]) + 1 if len(beyond) else DAYS


def year(of: World, seed: int, a_day: int = 50, reference: int = 1500, years: int = 400) -> Year:
    """Drawn with a seed; labels are there a week later."""
    rng = np.random.default_rng(seed)
    known = of.rows.iloc[rng.integers(0, len(of.rows), reference)].reset_index(drop=True)
    rows = of.rows.iloc[rng.integers(0, len(of.rows), DAYS * a_day)].reset_index(drop=True)
    days = drift.calendar(of.log)
    place = np.repeat(np.arange(DAYS), a_day)
    later = [days[n + LATE] if n + LATE < DAYS else None for n in place]
    rows = rows.assign(
        day=pd.Series(np.array(days, dtype=object)[place], dtype=TEXT),
        known=pd.Series(later, dtype=TEXT),
        bundle=pd.Series("b", index=rows.index, dtype=TEXT),
        source=pd.Series("model", index=rows.index, dtype=TEXT),
        has_inputs=True,
    )
    checks = drift.sums(rows, known, of.log, days)[0]
    alarms = Alarms(years=years, windows=WINDOWS)
    return Year(of, known, rows, limit.calibrate(checks, limit.rows_a_day(np.full(28, a_day)), alarms, seed))
