"""Seconds that a year of monitoring takes: `python -m benchmarks.monitoring`. 365 days, 40 columns, 50 rows a day."""

import time

import numpy as np
import pandas as pd

from regrow_monitor import drift
from regrow_monitor.settings import DriftSettings

DAYS, COLUMNS, ROWS, REFERENCE, GOAL = 365, 40, 50, 5000, 60.0
TEXT = pd.StringDtype(na_value=np.nan)


def table(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Three numbers to one text, a score and a target."""
    made: dict[str, object] = {}
    for number in range(COLUMNS):
        if number % 4 == 3:
            made[f"in_x{number}"] = pd.Series(rng.choice(list("abcdef"), rows), dtype=TEXT)
            made[f"unseen_x{number}"] = np.zeros(rows, dtype=bool)
        else:
            made[f"in_x{number}"] = rng.normal(size=rows)
    share = rng.random(rows)
    said = pd.Series(np.where(share > 0.5, "1", "0"), dtype=TEXT)
    target = pd.Series(np.where(rng.random(rows) < share, "1", "0"), dtype=TEXT)
    made |= {"prediction": said, "decision": said, "probability_0": 1 - share, "probability_1": share, "target": target}
    return pd.DataFrame(made | {"guard": pd.Series("ok", index=range(rows), dtype=TEXT)})


def main() -> None:
    """Print seconds, as wall and as processor time."""
    rng = np.random.default_rng(0)
    days = [one.date().isoformat() for one in pd.date_range("2026-01-01", periods=DAYS)]
    rows = table(rng, DAYS * ROWS)
    day = pd.Series(np.repeat(np.array(days, dtype=object), ROWS), dtype=TEXT)
    same = pd.Series("b", index=rows.index, dtype=TEXT)
    rows = rows.assign(day=day, known=day, bundle=same, source=same.replace("b", "model"), has_inputs=True)
    texts = [f"x{number}" for number in range(3, COLUMNS, 4)]
    about = {"task": "binary", "classes": [0, 1], "positive": 1, "probabilities": True, "levels": texts}
    about["columns"] = {f"x{number}": "text" if f"x{number}" in texts else "number" for number in range(COLUMNS)}
    log = {"about": about, "bundle": "b", "first": days[0], "until": days[-1]}
    settings = DriftSettings.model_validate({"monitor": {"until": days[-1]}, "seed": 1})
    began, busy = time.perf_counter(), time.process_time()
    found = drift.drift(rows, table(rng, REFERENCE), log, settings)["monitor_drift"]
    wall, cpu = time.perf_counter() - began, time.process_time() - busy
    what = f"{DAYS} days, {COLUMNS} columns, {found['checks']} checks"
    print(f"{what}: {wall:.1f} s ({cpu:.1f} s of processor); goal {GOAL:g} s")


if __name__ == "__main__":
    main()
