"""Every block of docs/features.md is settings that the components take."""

import re
from pathlib import Path

import pytest
import yaml

from regrow.plugin.components import parse
from regrow.plugin.manager import load_modules

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ("calendar", "data", "experiment", "features", "images", "ledger", "store", "text")
KINDS = {"derive": "derive", "steps": "transformer", "lookups": "reader"}
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", (ROOT / "docs/features.md").read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def components():
    return load_modules([f"regrow_{name}.plugin" for name in PLUGINS]).components


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_each_block_is_taken(block, components):
    for key, value in yaml.safe_load(block).items():
        if key == "ledger":
            from regrow_ledger.settings import FeatureLedger

            FeatureLedger.model_validate(value)
        elif key == "leave_out":
            from regrow_features.settings import Derive

            Derive.model_validate({key: value})
        elif value != "auto":
            for step in value.values():
                given = dict(step)
                component = components[KINDS[key], given.pop("use")]
                parse(component, given, components)


def test_each_component_of_a_feature_is_on_the_page(components):
    shown = "\n".join(BLOCKS)
    own = ("circle", "scale", "clock_minutes", "select_correlation", "select_l1", "select_recursive", "drop_empty")
    for kind, name in components:
        if kind in ("derive", "transformer") and name not in own:
            assert f"use: {name}" in shown, f"{kind} {name} is not on docs/features.md"
