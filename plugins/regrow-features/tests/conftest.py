"""A few flights with weather and planes."""

import pandas as pd
import pytest


@pytest.fixture
def flights():
    hours = pd.to_datetime([f"2013-01-{day:02d}T{hour:02d}:00:00Z" for day in (1, 5, 9) for hour in (6, 17)])
    return pd.DataFrame(
        {
            "year": 2013,
            "month": 1,
            "day": [1, 1, 5, 5, 9, 9],
            "hour": [6, 17, 6, 17, 6, 17],
            "origin": ["JFK", "EWR", "JFK", "LGA", "EWR", "JFK"],
            "tailnum": ["N1", "N2", None, "N9", "N2", "N1"],
            "sched_dep_time": [600, 1745, 605, 1700, 659, 2400],
            "dep_delay": [1.0, 90.0, None, 3.0, 70.0, 0.0],
            "distance": [100, 200, 0, 400, 500, 600],
            "time_hour": hours,
            "arr_delay": [0.0, 99.0, 5.0, 61.0, 80.0, -3.0],
            "late": [0, 1, 0, 1, 1, 0],
        }
    )


@pytest.fixture
def lookups(flights):
    weather = flights[["origin", "year", "month", "day", "hour", "time_hour"]].iloc[::-1].iloc[:-1]
    weather = weather.reset_index(drop=True).assign(temp=[60, 61, 62, 63, 64], wind_dir=[10, None, 30, 40, 50])
    planes = pd.DataFrame(
        {"tailnum": ["N2", "N1", "N3"], "year": [1999, 2004, 2012], "type": ["jet", "prop", "jet"], "seats": [50, 9, 1]}
    )
    return {"weather": weather, "planes": planes}
