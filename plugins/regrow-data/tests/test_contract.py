"""The plugin keeps the contract of regrow's plugins: same bytes twice, settings checked, nothing else touched."""

import pandas as pd

from regrow_testing.contract import check_plugin

TARGET = {"column": "delay", "above": 60, "name": "late"}
CARRIERS = pd.DataFrame({"carrier": ["AA", "UA"], "name": ["American", "United"]})
TABLE = pd.DataFrame(
    {
        "day": pd.date_range("2013-01-01", periods=40),
        "carrier": ["AA", "UA"] * 20,
        "distance": range(100, 140),
        "delay": [float(row * 7 % 120) for row in range(40)],
    }
)
ASSUMPTIONS = {
    "days": {"use": "type", "column": "day", "type": "date"},
    "near": {"use": "range", "column": "distance", "min": 1, "max": 120, "severity": "warn"},
    "once": {"use": "unique", "columns": ["day"]},
    "known": {"use": "missing", "column": "delay", "max_share": 0.1},
    "ours": {"use": "allowed", "column": "carrier", "values": ["AA", "UA"]},
    "fast": {"use": "rule", "rule": "distance > 0 and delay < 500"},
    "some": {"use": "rows", "min": 10},
}
COMMON = {"says": "what is assumed", "owner": "somebody", "severity": "error"}


def ingest(raw, reader, **lookups):
    data = {"task": "binary", "reader": reader, "types": {"carrier": "text"}, "target": TARGET, "lookups": lookups}
    return {"raw": raw}, {"data": data, "clean": {"steps": {"copies": {"use": "deduplicate"}}}}


def split(task, target, **how):
    table = TABLE.assign(late=(TABLE["delay"] > 60).astype("int64"))
    data = {"task": task, "target": target, "leaks": []}
    return {"table": table, "validation": {"assumptions": []}}, {"seed": 1, "data": data, "split": how}


def test_the_plugin_keeps_its_contract(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    TABLE.to_csv(raw / "flights.csv.gz", index=False)
    TABLE.to_parquet(raw / "flights.parquet")
    CARRIERS.to_csv(raw / "carriers.csv", index=False, sep=";")
    csv, parquet = {"use": "csv", "file": "flights.csv.gz"}, {"use": "parquet", "file": "flights.parquet"}
    carriers = {"use": "csv", "file": "carriers.csv", "separator": ";"}
    checks = {name: {**COMMON, **assumption} for name, assumption in ASSUMPTIONS.items()}
    examples = {
        "ingest": [ingest(raw, csv, carriers=carriers), ingest(raw, parquet)],
        "validate": ({"table": TABLE}, {"data": {"assumptions": checks}}),
        "split": [
            split("binary", TARGET, use="holdout", test_size=0.25, stratify=True),
            split("regression", {"column": "delay"}, use="k_fold", folds=3, stratify=True),
        ],
    }
    check_plugin("regrow_data.plugin", examples)
