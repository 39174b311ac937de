"""The plugin keeps the contract of regrow's plugins: same bytes twice, settings checked, nothing else touched."""

from regrow_testing.contract import check_plugin

DERIVE = {
    "weather": {"use": "join", "table": "weather", "by": ["origin", "time_hour"], "columns": ["temp"]},
    "planes": {"use": "join", "table": "planes", "by": ["tailnum"], "prefix": "plane_"},
    "ratio": {"use": "interaction", "left": "temp", "right": "distance", "operation": "divide"},
    "clock": {"use": "clock_minutes", "columns": ["sched_dep_time"]},
    "dates": {"use": "date_parts", "parts": ["weekday", "week", "weekend"]},
}


def settings(derive, exclude):
    data = {"target": {"column": "arr_delay", "above": 60, "name": "late"}, "leaks": ["dep_delay"]}
    return {"features": {"derive": derive, "exclude": exclude, "leave_out": ["constant"]}, "data": data}


def test_the_plugin_keeps_its_contract(flights, lookups):
    examples = [
        ({"table": flights, "lookups": lookups}, settings(DERIVE, ["tailnum"])),
        ({"table": flights, "lookups": {}}, settings({}, ["time_hour"])),
    ]
    check_plugin("regrow_features.plugin", {"features": examples})
