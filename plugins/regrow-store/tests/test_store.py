"""A store of features: what lies online is what training sees, to the bit; versions, keys, snapshots."""

import sqlite3

import numpy as np
import pandas as pd
import pytest

from regrow import Context, RegrowError
from regrow.artifacts import section as sections
from regrow_store import online, stage
from regrow_store.plugin import regrow_components
from regrow_store.settings import FeatureView, StoreSettings
from regrow_store.views import feature_view, snapshots
from regrow_testing.contract import check_plugin

draw = np.random.default_rng(0)
FLIGHTS = pd.DataFrame(
    {
        "plane": draw.integers(1, 6, 200),
        "time": pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 900, 200), unit="h"),
        "km": draw.normal(1000, 300, 200),
    }
)
STEP = {
    "use": "feature_view",
    "entity": "plane",
    "owner": "fleet",
    "table": "flights",
    "at": "time",
    "by": ["plane"],
    "columns": ["km"],
    "days": [7.0, None],
    "statistics": ["count", "mean", "std"],
}
VIEW = FeatureView(**{name: value for name, value in STEP.items() if name != "use"})
LOOKUPS = {"flights": FLIGHTS}


def checked(**steps):
    registry = {(one.kind, one.name): one for one in regrow_components()}
    return StoreSettings.model_validate({"features": {"derive": steps}}, context={"components": registry})


def test_the_plugin_keeps_its_contract():
    example = ({"table": FLIGHTS, "lookups": LOOKUPS}, {"features": {"derive": {"past": STEP}}})
    check_plugin("regrow_store.plugin", {"store": example})


def test_a_row_sees_the_last_snapshot_before_it():
    made = feature_view(VIEW, Context())(FLIGHTS[["plane", "time"]].copy(), LOOKUPS)
    for place, row in FLIGHTS[:40].iterrows():
        past = FLIGHTS[(FLIGHTS["plane"] == row["plane"]) & (FLIGHTS["time"] < row["time"].floor("D"))]
        assert made.loc[place, "plane_km_count_ever"] == len(past)
        np.testing.assert_allclose(made.loc[place, "plane_km_mean_ever"], past["km"].mean())
    zone = pd.Series(pd.to_datetime(["2024-01-02T23:30-05:00"]))
    assert snapshots(zone, 1.0).tolist() == [pd.Timestamp("2024-01-03", tz="UTC")]


def test_offline_and_online_agree_to_the_bit():
    found = stage.store(FLIGHTS, LOOKUPS, checked(past=STEP))
    record = found["store_record"]["views"]["past"]
    assert record["compared"] > 5
    assert (record["entity"], record["owner"], record["version"]) == ("plane", "fleet", 1)
    sections.check(found["store_section"])
    offline = found["offline_features"]["past"]
    assert not offline.duplicated(["plane", "time"]).any()
    with pytest.raises(RegrowError, match="no step is a feature_view"):
        stage.store(FLIGHTS, LOOKUPS, checked())


def test_a_store_that_would_differ_is_found(monkeypatch):
    right = online.values
    monkeypatch.setattr(online, "values", lambda *given: right(*given) + 1e-12)
    with pytest.raises(RegrowError, match="entities differ online"):
        stage.store(FLIGHTS, LOOKUPS, checked(past=STEP))


def test_values_are_read_by_key_and_a_definition_keeps_its_version():
    with sqlite3.connect(":memory:") as connection:
        assert online.materialise(connection, "past", VIEW, LOOKUPS, pd.Timestamp("2024-02-01")) == 5
        found = online.get(connection, "past", [3])
        assert online.get(connection, "past", [3.0]) == found
        assert online.get(connection, "past", [99]) is None
        past = FLIGHTS[(FLIGHTS["plane"] == 3) & (FLIGHTS["time"] < "2024-02-01")]
        assert found["plane_km_count_ever"] == len(past)
        assert online.moment_of(connection, "past") == pd.Timestamp("2024-02-01")
        with pytest.raises(RegrowError, match="no view is called 'passt'"):
            online.get(connection, "passt", [3])
        other = VIEW.model_copy(update={"days": [14.0]})
        with pytest.raises(RegrowError, match="version 1 is another definition"):
            online.materialise(connection, "past", other, LOOKUPS, pd.Timestamp("2024-02-01"))
        newer = other.model_copy(update={"version": 2})
        assert online.materialise(connection, "past", newer, LOOKUPS, pd.Timestamp("2024-02-01")) == 5
