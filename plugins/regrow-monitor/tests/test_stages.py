"""A month of a log through every stage: what each says."""

import json

import pytest
import stream

from regrow import RegrowError


@pytest.fixture(scope="module")
def found(month):
    return stream.stages(month, stream.day(29))


def test_rows_and_late_labels_are_joined_as_of_the_day(month, found):
    log = found["monitor_log"]
    assert (log["rows"], log["days"], log["labels"]) == (1200, 30, 23 * 40)
    assert log["labels_later"] == 7 * 40
    rows = found["monitor_rows"]
    assert rows["in_fuel"].notna().all()
    assert rows["known"].max() == stream.day(29)


def test_the_culprit_is_found_once_and_named_first(found):
    alarms = found["monitor_alarms"]["alarms"]
    assert alarms[0]["subject"] == "fuel"
    assert stream.day(20) <= alarms[0]["opened"] <= stream.day(24)
    assert alarms[0]["since"] >= stream.day(18)
    assert [one["subject"] for one in alarms].count("fuel") == 1
    assert alarms[0]["owner"] == "Ann"


def test_the_same_bytes_again_and_an_earlier_day_without_the_alarm(month, found):
    again = stream.stages(month, stream.day(29))
    assert again["monitor_page"] == found["monitor_page"]
    assert json.dumps(again["monitor_drift"]) == json.dumps(found["monitor_drift"])
    earlier = stream.stages(month, stream.day(15))
    assert not earlier["monitor_alarms"]["alarms"]
    assert "nothing changed beyond chance" in earlier["monitor_page"]


def test_performance_says_what_is_known_and_what_is_estimated(found):
    record = found["monitor_performance"]
    assert record["spans"]["all"]["rows"] == 23 * 40
    low, high = (record["spans"]["all"]["intervals"]["roc_auc"][end] for end in ("low", "high"))
    assert low < record["spans"]["all"]["metrics"]["roc_auc"] < high
    assert abs(record["estimated"]["metrics"]["accuracy"] - record["reference"]["metrics"]["accuracy"]) < 0.1
    assert record["spans"]["all"]["worth"] < 0


def test_the_page_has_three_levels_and_the_file_for_prometheus_the_same_numbers(found):
    page = found["monitor_page"]
    for words in ("Take it with care since", "fuel", "Owner: Ann", "The log", "Checks", "valid only while"):
        assert words in page
    assert 'regrow_monitor_number{subject="fuel"}' in found["monitor_textfile"]
    assert f"regrow_monitor_rows {float(found['monitor_log']['rows'])}" in found["monitor_textfile"]


def test_a_bound_that_is_passed_is_told(month):
    found = stream.stages(month, stream.day(15), latency=5.0)
    assert [one["code"] for one in found["monitor_alarms"]["fixed"] if one["verdict"] == "failed"] == [
        "monitor.latency"
    ]


def test_no_day_is_an_error_that_says_what_to_do(month):
    with pytest.raises(RegrowError, match="no day up to 2020-01-01 is sealed"):
        stream.stages(month, "2020-01-01")
