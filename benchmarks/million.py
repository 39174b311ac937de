"""A large table through the default project, beside a plain script of the same steps and model:
python -m benchmarks.million [ROWS], by default 1,000,000 rows of 20 columns.

The script reads, takes the date apart, encodes categories, fits, predicts, measures, and writes model and predictions.
The project runs stage by stage, each in a process of its own. Then a bundle is made, and `regrow predict` scores the
file. Printed are seconds, processor time and peak memory.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import environments
from benchmarks.machine import load, machine
from benchmarks.place import ROOT
from benchmarks.shell import FailedError, Shell, variables

ROWS, NUMBERS, WHOLE = 1_000_000, 12, 3
LEVELS = (3, 12, 40, 200)
STAGES = ("ingest", "validate", "split", "features", "train", "evaluate", "examine", "decide", "report")
GOAL, MEMORY = 1.5, 1.2
SCRIPT = """
import sys
import joblib, numpy as np, pandas as pd
from sklearn import metrics
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

table = pd.read_csv(sys.argv[1], parse_dates=["when"])
for part in ("year", "month", "day", "hour", "day_of_week"):
    table[f"when_{part}"] = getattr(table["when"].dt, part)
table = table.drop(columns="when")
y = table.pop("y")
X, X_test, y, y_test = train_test_split(table, y, test_size=0.2, stratify=y, random_state=0)
text = list(X.select_dtypes("str"))
encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
model = make_pipeline(
    make_column_transformer((encoder, text), remainder="passthrough"),
    HistGradientBoostingClassifier(early_stopping=False, random_state=0),
).fit(X, y)
probability, answer, truth = model.predict_proba(X_test)[:, 1], model.predict(X_test), y_test == "yes"
print(metrics.roc_auc_score(truth, probability), metrics.average_precision_score(truth, probability))
print(metrics.log_loss(truth, probability), metrics.brier_score_loss(truth, probability))
print(metrics.balanced_accuracy_score(y_test, answer), metrics.f1_score(y_test, answer, pos_label="yes"))
joblib.dump(model, "script.joblib")
pd.DataFrame({"probability": probability, "answer": answer}).to_parquet("script.parquet")
"""


def table(rows: int) -> pd.DataFrame:
    """12 numbers, 3 whole numbers, 4 categories, a moment, and a target of two classes."""
    draw = np.random.default_rng(0)
    made = pd.DataFrame({f"n{place}": draw.normal(size=rows).round(4) for place in range(NUMBERS)})
    for place in range(WHOLE):
        made[f"k{place}"] = draw.integers(0, 1000, rows)
    for place, levels in enumerate(LEVELS):
        made[f"c{place}"] = np.char.add("level ", draw.integers(0, levels, rows).astype(str))
    moments = pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 525_600, rows), unit="min")
    made["when"] = moments.strftime("%Y-%m-%d %H:%M:%S")
    signal = made["n0"] + made["n1"] * made["n2"] + (made["c1"] == "level 3") + draw.normal(size=rows)
    return made.assign(y=np.where(signal > 0, "yes", "no"))


def took(command: list[str], folder: Path, environment: dict[str, str]) -> np.ndarray:
    """Seconds, processor seconds and peak memory in GB of a program with all it starts and waits for."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise FailedError(f"{' '.join(command)} failed")
    return np.array([time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6])


def scored(project: Path, environment: dict[str, str]) -> Iterator[tuple[str, np.ndarray]]:
    """What a bundle takes, and the file from which the project was made through `regrow predict`."""
    said = project / "pyproject.toml"
    said.write_text(said.read_text("utf-8").replace('"features"]', '"features", "serve"]'), "utf-8")
    took(["regrow", "compile"], project, environment)
    yield "bundle", took(["regrow", "stage", "bundle"], project, environment)
    command = ["regrow", "predict", "data/raw/large.csv", "--bundle", "models/bundle.bundle", "-o", "answers.parquet"]
    yield "predict", took(command, project, environment)


def main() -> None:
    """Print both, and the ratios."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory(prefix="regrow-bench-") as folder:
        work = Path(folder)
        shell = Shell(work, variables(environments.OWN, work / "home"))
        environment = dict(shell.variables)
        table(rows).to_csv(work / "large.csv", index=False)
        answers = ["project_name=Large", "task=binary", f"data={work / 'large.csv'}", "target=y"]
        cookiecutter = str(environments.OWN / "cookiecutter")
        shell.run(cookiecutter, str(ROOT / "template/project"), "--no-input", "--output-dir", ".", *answers)
        (work / "script.py").write_text(SCRIPT, "utf-8")
        script = took([sys.executable, "script.py", "large.csv"], work, environment)
        print(f"script: {script[0]:.1f} s, processor {script[1]:.1f} s, {script[2]:.2f} GB", flush=True)
        stages = []
        for name in STAGES:
            stages.append(one := took(["regrow", "stage", name], work / "large", environment))
            print(f"{name}: {one[0]:.1f} s, processor {one[1]:.1f} s, {one[2]:.2f} GB", flush=True)
        for name, one in scored(work / "large", environment):
            print(f"{name}: {one[0]:.1f} s, processor {one[1]:.1f} s, {one[2]:.2f} GB", flush=True)
        ours = np.array([*np.sum(stages, axis=0)[:2], max(one[2] for one in stages)])
        print(f"regrow: {ours[0]:.1f} s, processor {ours[1]:.1f} s, {ours[2]:.2f} GB")
        ratio = ours / script
        print(
            f"ratios: {ratio[0]:.2f}, processor {ratio[1]:.2f} (goal: {GOAL}), memory {ratio[2]:.2f} (goal: {MEMORY})"
        )
        print(f"{rows:,} rows; load of this machine {load()} on {machine()['cores']} cores")


if __name__ == "__main__":
    main()
