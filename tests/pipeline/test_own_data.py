"""A user's own table, without writing Python: CSV and Parquet; two classes, several, or a number."""

import csv
import random

import pytest
from tests.conftest import Tree, generate, stages_run

ROWS = 5000


def customers(seed: int = 0) -> list[dict[str, object]]:
    """Mixed types, dates, missing values, a leading zero, a comma and an umlaut in text; a learnable target."""
    draw = random.Random(seed)
    rows: list[dict[str, object]] = []
    for number in range(ROWS):
        age, income = draw.randint(18, 90), round(draw.lognormvariate(10, 0.5), 2)
        score = 0.04 * (age - 50) + (income < 20000) + draw.gauss(0, 0.7)
        rows.append(
            {
                "id": f"{number:06d}",
                "joined": f"20{draw.randint(10, 25)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}",
                "age": age if draw.random() > 0.05 else "",
                "income": income if draw.random() > 0.1 else "NA",
                "town": draw.choice(["Köln", "Bonn, am Rhein", "Aachen", ""]),
                "member": draw.choice(["true", "false"]),
                "note": draw.choice(["12", "twelve", "1e3", ""]),
                "left": "leaves" if score > 0.3 else "stays",
                "tier": "gold" if score > 0.8 else "silver" if score > 0 else "basic",
                "spent": round(100 + 50 * score, 2) if draw.random() > 0.02 else "",
            }
        )
    return rows


def keep(rows: list[dict[str, object]], target: str) -> list[dict[str, object]]:
    """Without the other targets, which would give it away."""
    return [{k: v for k, v in row.items() if k == target or k not in {"left", "tier", "spent"}} for row in rows]


def run(folder, environment, **answers) -> Tree:
    tree = generate(folder / "project", environment, project_name="Own data", **answers)
    assert tree.repro() == [
        "compile",
        "ingest",
        "validate",
        "split",
        "features",
        "train",
        "evaluate",
        "examine",
        "decide",
        "report",
    ]
    assert "<!doctype html" in tree.read("report.html").lower()
    tree.commit()
    assert tree.repro() == []
    return tree


def test_csv_with_a_target_of_two_strings(tmp_path, environment):
    rows = keep(customers(), "left")
    with (tmp_path / "customers.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    tree = run(tmp_path, environment, data=tmp_path / "customers.csv", target="left")
    assert tree.metrics()["roc_auc"] > 0.75
    tree.run("regrow", "compile", "--check")
    output = tree.run("dvc", "exp", "run", "-S", "model=boosting", "-S", "split=k_fold").stdout
    assert stages_run(output) == ["compile", "split", "train", "evaluate", "examine", "decide", "report"]
    assert "folds" in tree.metrics()
    tree.edit("conf/data/own.yaml", 'column: "left"', 'column: "lefd"')
    assert "did you mean 'left'" in tree.fails("dvc", "repro")


@pytest.mark.parametrize(
    ("task", "target", "metric"), [("regression", "spent", "r2"), ("multiclass", "tier", "balanced_accuracy")]
)
def test_parquet(tmp_path, environment, task, target, metric):
    import pandas as pd

    frame = pd.DataFrame(keep(customers(), target)).replace({"": None, "NA": None})
    frame = frame.assign(
        joined=pd.to_datetime(frame["joined"]), age=pd.to_numeric(frame["age"]), town=frame["town"].astype("category")
    )
    frame["income"] = pd.to_numeric(frame["income"])
    frame["member"] = frame["member"] == "true"
    if task == "regression":
        frame["spent"] = pd.to_numeric(frame["spent"])
    frame.to_parquet(tmp_path / "customers.parquet")
    tree = run(tmp_path, environment, data=tmp_path / "customers.parquet", target=target, task=task)
    assert tree.metrics()[metric] > 0.3
