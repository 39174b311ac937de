"""A real project with features of every kind: what is served, and what lies online, are the bits of training."""

import json

import delays
import pandas as pd
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return delays.make(tmp_path_factory.mktemp("delays") / "project")


def test_new_rows_without_a_target_get_the_bits_of_training(project):
    raw = pd.read_csv(project.root / "data/raw/flights.csv").drop(columns="delay")
    raw.to_csv(project.root / "new.csv", index=False)
    project.run("regrow", "predict", "new.csv", "-o", "out.parquet")
    recorded = pd.read_parquet(project.root / "data/predictions.parquet").set_index("row")
    out = pd.read_parquet(project.root / "out.parquet").set_index("row")
    columns = ["prediction", "probability_0", "probability_1"]
    pd.testing.assert_frame_equal(out.loc[recorded.index, columns], recorded[columns], check_exact=True)


def test_the_store_online_is_written_read_and_checked(project):
    said = project.run("regrow", "store", "materialise", "--at", "2024-06-01")
    assert "plane_past 1: 20 of plane, as of 2024-06-01" in said
    found = json.loads(project.run("regrow", "store", "get", "plane_past", "N3"))
    flights = pd.read_csv(project.root / "data/raw/flights.csv", parse_dates=["time"])
    past = flights[(flights["plane"] == "N3") & (flights["time"] < "2024-06-01")]
    assert found["plane_distance_count_ever"] == len(past)
    assert found["plane_distance_mean_ever"] == pytest.approx(past["distance"].mean())
    assert "20 of 20 the same to the bit" in project.run("regrow", "store", "check")
    assert "knows no N99" in project.run("regrow", "store", "get", "plane_past", "N99", code=1)


def test_the_ledger_has_a_row_for_each_feature(project):
    ledger = pd.read_csv(next(project.root.rglob("feature_ledger.csv.gz")))
    features = pd.read_parquet(project.root / "data/features.parquet").drop(columns="late")
    assert set(ledger["feature"]) == set(features)
    assert ledger["brings"].is_monotonic_decreasing
    assert ledger["feature"][:2].isin(["plane", "past_delay_mean_60d"]).any()
