"""What is asked for becomes one list of overrides for each experiment."""

import pytest

from regrow.base.errors import RegrowError
from regrow_history.sweep import grid


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["a=1,2", "b=x"], [("a=1", "b=x"), ("a=2", "b=x")]),
        (["a=range(0,3)"], [("a=0",), ("a=1",), ("a=2",)]),
        (["a=1,2", "b=3,4"], [("a=1", "b=3"), ("a=1", "b=4"), ("a=2", "b=3"), ("a=2", "b=4")]),
        (["~steps.first"], [("~steps.first",)]),
        (["+new.key=3", "a=glob(*)"], None),
        (["a=choice(x,y)"], [("a=x",), ("a=y",)]),
        (["a=[1,2],[3]"], [("a=[1,2]",), ("a=[3]",)]),
        (["a=1,1"], [("a=1",)]),
        (["title='a, b'"], [("title='a, b'",)]),
    ],
)
def test_hydras_grammar(arguments, found):
    if found is None:
        with pytest.raises(RegrowError):
            grid.experiments(arguments)
    else:
        assert grid.experiments(arguments) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- {model: linear, seed: 3}\n- [model=forest]\n", [("model=linear", "seed=3"), ("model=forest",)]),
        ("- model=a,b\n- x=1\n", [("model=a",), ("model=b",), ("x=1",)]),
        ("- {a: [1, 2]}\n- {b: true}\n", [("a=[1, 2]",), ("b=true",)]),
    ],
)
def test_a_file(tmp_path, text, found):
    (tmp_path / "some.yaml").write_text(text)
    assert grid.experiments([], tmp_path / "some.yaml") == found
    with_more = grid.experiments(["z=0,1"], tmp_path / "some.yaml")
    assert len(with_more) == 2 * len(found)
    assert with_more[0] == (*found[0], "z=0")


@pytest.mark.parametrize("text", ["", "a: 1\n", "- 3\n", "- [1]\n", "- [\n", "- 'a'\n"])
def test_a_file_of_another_form(tmp_path, text):
    (tmp_path / "some.yaml").write_text(text)
    with pytest.raises(RegrowError):
        grid.experiments([], tmp_path / "some.yaml")


@pytest.mark.parametrize("arguments", [[], ["a"], ["=1"], ["a=interval(0,1)"], ["a=range(0,20000)"]])
def test_what_is_no_sweep(arguments):
    with pytest.raises(RegrowError) as raised:
        grid.experiments(arguments)
    assert raised.value.problems[0].fix


def test_the_same_sweep_has_the_same_name():
    one = grid.name_of([("a=1",)], "c" * 40)
    assert one == grid.name_of([("a=1",)], "c" * 40)
    assert len({one, grid.name_of([("a=2",)], "c" * 40), grid.name_of([("a=1",)], "d" * 40)}) == 3
