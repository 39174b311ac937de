"""What settings say of columns is held against the last run: what is wrong is told, what may be right is not."""

import sys

import pytest

from regrow.compile import columns, files_to_write
from regrow.compile.pipeline import Pipeline
from regrow.plugin.project import open_project
from regrow.settings import compose as settings


@pytest.fixture(scope="module")
def told(pristine):
    """What is told of overrides, in the flights project as its last run left it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(pristine.root)
        patched.setattr(sys, "path", list(sys.path))
        pipeline = Pipeline.load(open_project(pristine.root))
        compose = settings.composer(pipeline.project)

        def of(*overrides: str) -> list[str]:
            made = files_to_write.make(pipeline, compose(overrides))
            return [str(p) for p in columns.problems(pipeline, made)]

        yield of


WRONG = {
    "data.leaks=[dep_delayy]": ("data.leaks", "dep_delay"),
    "data.target.column=arr_dela": ("data.target.column", "arr_delay"),
    "+data.types.hou=text": ("data.types", "hour"),
    "data.assumptions.hour_of_day.column=our": ("data.assumptions.hour_of_day.column", "hour"),
    "data.assumptions.one_row_a_flight.columns=[year,flights]": ("data.assumptions.one_row_a_flight.columns", "flight"),
    "data.assumptions.no_flight_to_itself.rule='origin != des'": ("data.assumptions.no_flight_to_itself.rule", "dest"),
    "features.exclude=[tailnumber]": ("features.exclude", "tailnum"),
    "features.derive.weather.table=wether": ("features.derive.weather.table", "weather"),
    "features.derive.weather.columns=[tempo]": ("features.derive.weather.columns", "temp"),
    "features.derive.clock.columns=[sched_dep_tim]": ("features.derive.clock.columns", "sched_dep_time"),
    "features.derive.hour_of_day.column=hours": ("features.derive.hour_of_day.column", "hour"),
    "features.derive.plane_age.left=yeer": ("features.derive.plane_age.left", "year"),
    "features.steps.carrier.columns=[carier]": ("features.steps.carrier.columns", "carrier"),
}


@pytest.mark.parametrize("override", WRONG)
def test_a_column_that_is_not_there_is_told_with_its_key_and_the_nearest(told, override):
    key, near = WRONG[override]
    (said,) = told(override)
    assert key in said
    assert f"did you mean {near!r}?" in said


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["features=minimal"],
        ["features.exclude=[year,hour_sin,weather_temp,time_hour_weekday,sched_dep_time_minutes,plane_age]"],
        ["data.target.column=dep_delay", "data.leaks=[arr_delay]"],  # another target that is there
        ["data.target.name=later"],
        ["features.steps.origin.columns=[carrier_UA]"],  # a category that one_hot may have met
        ["data.leaks=[late]"],
        ["+data.types.hour=number"],
        [
            "data.reader={use: csv, file: other.csv}",
            "data.leaks=[nope]",
        ],  # read otherwise: who knows what there will be
    ],
)
def test_what_may_be_right_is_let_pass(told, overrides):
    assert told(*overrides) == []


def test_it_is_told_before_anything_runs(project):
    project.edit("conf/features/flights.yaml", "exclude: [year,", "exclude: [yeer,")
    said = project.fails("regrow", "run")
    assert "conf/features/flights.yaml:" in said
    assert "there is no column 'yeer'" in said
    assert "Running stage 'ingest'" not in said
    assert project.changed() == ["conf/features/flights.yaml"]
    said = project.fails("regrow", "sweep", "seed=2,3")
    assert "there is no column 'yeer'" in said
