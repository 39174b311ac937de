# ruff: noqa: E501
"""What a plugin declares is checked when it is declared."""

import pytest

from regrow import Artifact, Component, Kind, Stage

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


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "a b"}, {"kind": "a-b"}, {"make": "f"}, {"settings": "x"}, {"packages": "pandas"}, {"better": "up"},
        {"tags": ["lerns"]}, {"tags": "learns"}, {"tasks": ["binry"]}, {"types": ["m.C"]}, {"example": ["a"]}, {"columns": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_a_malformed_component_is_refused(wrong):
    with pytest.raises(ValueError):
        Component(**({"name": "a", "kind": "k", "make": "m:f"} | wrong))


@pytest.mark.parametrize("name", ["", "a b", "a/b", "ä b"])
def test_a_malformed_artifact_is_refused(name):
    with pytest.raises(ValueError):
        Artifact(name, "table")


@pytest.mark.parametrize("wrong", [{"name": "a b"}, {"product": "Protocol"}, {"check": "f"}], ids=str)
def test_a_malformed_kind_is_refused(wrong):
    with pytest.raises(ValueError):
        Kind(**({"name": "a", "product": "m:P", "about": ""} | wrong))


def test_a_component_can_be_in_a_set_whatever_its_example():
    assert len({Component("a", "metric", "m:f", example={"b": [1]})}) == 1
