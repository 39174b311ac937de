"""The table of kinds, and what a factory may know."""

import pandas as pd
import pytest

import regrow
from regrow import Component, Context, RegrowError, Use, random_state
from regrow.plugin.components import load
from regrow.plugin.context import column_types
from regrow.plugin.kinds import KINDS


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_a_protocol_and_what_it_says_leads_somewhere(name):
    kind = KINDS[name]
    assert kind.about
    assert getattr(load(kind.product), "_is_protocol", False)
    assert not kind.check or callable(load(kind.check))


def test_each_part_of_a_component_draws_from_a_stream_of_its_own():
    context = Context(random_state=7)
    assert context.stream("split") == random_state(7, "split") != context.stream("fit")


def test_types_of_columns():
    dates = pd.date_range("2024-01-01", periods=2)
    table = pd.DataFrame({"n": [1, 2], "f": [0.5, None], "t": ["a", "b"], "b": [True, False], "d": dates})
    found = column_types(table.astype({"t": "str"}))
    assert found == {"n": "number", "f": "number", "t": "text", "b": "bool", "d": "date"}


def group_columns(settings):
    return regrow.Columns([regrow.Reads("group", [settings]), regrow.Reads("by", ["key"], "lookups/other")])


def test_rows_are_the_columns_of_the_table_that_settings_name_those_of_inner_components_too(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "own", __import__("sys").modules[__name__])
    inner = Use(Component("inner", "splitter", "own:x", columns="own:group_columns"), "shop")
    outer = Use(Component("outer", "search", "own:x"), {"inner": inner})
    table = pd.DataFrame({"shop": ["a", "b"], "other": [1, 2]})
    assert list(outer.rows(table)) == ["shop"]
    assert Use(Component("plain", "search", "own:x")).rows(table) is None
    with pytest.raises(RegrowError, match="splitter inner: the table has no column 'shop'|no column 'shop'"):
        outer.rows(table.rename(columns={"shop": "shops"}))


def test_the_settings_models_are_exported_and_nothing_else_is_made_up():
    assert regrow.Target(column="y", name="late").final_name == "late"
    with pytest.raises(AttributeError, match="no attribute 'Tarjet'"):
        _ = regrow.Tarjet
