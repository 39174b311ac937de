"""The plugin keeps the contract of regrow's plugins."""

import flights
import pytest

from regrow_testing.contract import check_plugin

pytestmark = pytest.mark.slow


def test_the_plugin_keeps_its_contract(made):
    needs = ("table", "lookups", "split", "features", "model", "predictions", "ingest_record")
    data = {
        "task": "binary",
        "target": flights.DATA["target"],
        "leaks": ["late_already"],
        "assumptions": {"far": flights.RULE},
    }
    settings = {"data": {**data, "reader": flights.DATA["reader"], "types": {}}, "features": {"derive": flights.DERIVE}}
    settings["serving"] = {"guard": {"missing": "refused"}, "fallback": {}}
    bundle = ({name: made[name] for name in needs}, settings)
    given = {name: made[name] for name in ("table", "split", "predictions")}
    target = {name: data[name] for name in ("task", "target")}
    fallback = (given, {"data": target, "serving": {"fallback": {}, "threshold": None}})
    examples = {"bundle": bundle, "fallback": fallback}
    check_plugin("regrow_serve.plugin", examples, others=["regrow_features.plugin", "regrow_data.plugin"])
