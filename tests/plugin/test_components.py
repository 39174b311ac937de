# ruff: noqa: E501
"""`use: name` becomes a component with checked parameters."""

from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError

from regrow import Component, OfKind, Use, nearest
from regrow.plugin.components import check, parse


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    number: float = 1.0
    whole: int = 1
    flag: bool = False
    text: str = "a"
    many: list[int] = []


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    inner: Inner = Inner()
    step: Annotated[Use, OfKind("step")] | None = None


REGISTRY = {("step", "plain"): Component("plain", "step", "m:f")}


@pytest.mark.parametrize(
    "given",
    [{"number": 2}, {"number": 2.5}, {"whole": 3}, {"flag": True}, {"text": "1"}, {"many": [1, 2]}, {}],
    ids=str,
)
def test_what_fits_is_taken(given):
    assert check(Inner, given) == Inner(**given)


@pytest.mark.parametrize(
    "given",
    [{"number": "2"}, {"number": True}, {"whole": "3"}, {"whole": True}, {"whole": 2.5}, {"flag": 1}, {"flag": "yes"}, {"text": 1},
     {"many": ["1"]}, {"many": [True]}, {"numbr": 1}],
    ids=str,
)  # fmt: skip
def test_what_pydantic_would_turn_into_something_else_is_refused(given):
    with pytest.raises(ValidationError):
        check(Inner, given)


def test_an_unknown_key_answers_with_the_keys():
    with pytest.raises(ValidationError, match="is not known here; did you mean 'number'"):
        check(Outer, {"inner": {"numbr": 1}})


def test_a_component():
    use = check(Outer, {"step": {"use": "plain"}}, REGISTRY).step
    assert (use.name, use.settings) == ("plain", None)
    with pytest.raises(ValidationError, match="no step is called 'plan'; did you mean 'plain'"):
        check(Outer, {"step": {"use": "plan"}}, REGISTRY)
    with pytest.raises(ValueError, match="plain takes no parameters, but got x"):
        parse(REGISTRY["step", "plain"], {"x": 1})


def test_nearest():
    assert nearest("b", ["c", "a"]) == "there are: a, c"
    assert nearest("abd", ["abc"]) == "did you mean 'abc'? there are: abc"
    assert nearest("x", []) == "there are: none"
    assert nearest("x", [str(n) for n in range(50)]).endswith("and 10 more")
