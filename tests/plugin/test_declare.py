# ruff: noqa: E501
"""What a plugin declares is checked when it is declared."""

import pytest

from regrow import Artifact, Component, Stage, maybe

GOOD = {"name": "s", "kind": "data", "run": "m:f", "makes": [Artifact("a", "table")]}


def test_lists_become_tuples():
    made = Stage(**GOOD, needs=["b"], params=["x.y"])
    assert (made.needs, made.params, made.makes) == (("b",), ("x.y",), (Artifact("a", "table"),))


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "a b"}, {"name": ""}, {"name": "../x"}, {"name": "x" * 65}, {"name": "1a"}, {"name": "a;b"}, {"name": "a\n"},
        {"kind": "other"}, {"run": "m.f"}, {"run": "m:f.g"}, {"run": ""}, {"needs": "table"}, {"needs": ["a b"]},
        {"params": ["a..b"]}, {"params": "seed"}, {"params": ["a b"]}, {"makes": []}, {"makes": ["table"]}, {"settings": "Model"},
    ],
    ids=str,
)  # fmt: skip
def test_a_malformed_stage_is_refused(wrong):
    with pytest.raises(ValueError):
        Stage(**(GOOD | wrong))


@pytest.mark.parametrize("name", ["settings", "compute", "class"])
def test_a_name_that_no_argument_can_have_is_refused(name):
    for wrong in ({"needs": [name]}, {"needs": [maybe(name)]}, {"makes": [Artifact(name, "table")]}):
        with pytest.raises(ValueError, match=f"stage s: '{name}' is no name for a need or an artifact: it is taken"):
            Stage(**(GOOD | wrong))


@pytest.mark.parametrize(
    "wrong", [{"name": "a b"}, {"kind": "a-b"}, {"make": "f"}, {"settings": "x"}, {"packages": "pandas"}], ids=str
)
def test_a_malformed_component_is_refused(wrong):
    with pytest.raises(ValueError):
        Component(**({"name": "a", "kind": "k", "make": "m:f"} | wrong))


@pytest.mark.parametrize("name", ["", "a b", "a/b", "ä b"])
def test_a_malformed_artifact_is_refused(name):
    with pytest.raises(ValueError):
        Artifact(name, "table")
