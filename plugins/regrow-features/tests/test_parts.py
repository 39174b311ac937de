"""Parts of a text: the right values in the right types, row by row, and refusals."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from regrow import Context, RegrowError
from regrow_features.parts import extract, json_fields
from regrow_features.row_settings import Extract, JsonFields


def derived(step, cells) -> pd.DataFrame:
    return step(pd.DataFrame({"c": pd.Series(cells, dtype="str"), "n": 1.0}), {})


def test_both_numbers_of_a_place_and_the_network_of_an_address():
    place = Extract(column="c", pattern=r"(?P<lat>[-0-9.]+), *(?P<lon>[-0-9.]+)")
    made = derived(extract(place, Context()), ["52.5, -13.4", "(1.5,2)", "nowhere", "., 3", None])
    assert list(made) == ["n", "c_lat", "c_lon"]
    np.testing.assert_array_equal(made["c_lat"], [52.5, 1.5, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(made["c_lon"], [-13.4, 2.0, np.nan, 3.0, np.nan])
    net = Extract(column="c", pattern=r"^(?P<net>\d+\.\d+)\.(?P<rest>\d+)", texts=["net"], drop=False)
    made = derived(extract(net, Context()), ["10.07.1.2", "x"])
    assert made["c_net"].fillna("-").tolist() == ["10.07", "-"]
    assert made["c"].tolist() == ["10.07.1.2", "x"]


def test_fields_of_json():
    fields = JsonFields(column="c", numbers=["w", "on", "tags.0"], texts=["device.os"])
    cells = ['{"w": 3, "on": true, "tags": [7], "device": {"os": "x"}}', '{"w": "4", "tags": [], "device": "y"}',
             "[1]", "{broken", "1e999", "[" * 100_000, None]  # fmt: skip
    made = derived(json_fields(fields, Context()), cells)
    assert made["c_w"].fillna(-1).tolist() == [3, 4, -1, -1, -1, -1, -1]
    assert made["c_on"].fillna(-1).tolist() == [1] + [-1] * 6
    assert made["c_tags.0"].fillna(-1).tolist() == [7] + [-1] * 6
    assert made["c_device.os"].fillna("-").tolist() == ["x"] + ["-"] * 6
    assert str(made["c_device.os"].dtype) == "str"


def test_what_can_not_do_is_refused():
    for wrong in ({"pattern": "(?P<a>"}, {"pattern": "[0-9]"}, {"pattern": "(?P<a>.)", "texts": ["b"]}):
        with pytest.raises(ValidationError):
            Extract(column="c", **wrong)
    with pytest.raises(ValidationError, match="names no field"):
        JsonFields(column="c")
    step = extract(Extract(column="n", pattern="(?P<a>.)"), Context())
    with pytest.raises(RegrowError, match="'n' is number, not text"):
        derived(step, ["x"])
