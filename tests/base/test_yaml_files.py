# ruff: noqa: E501 - lists of scalars
"""YAML means one thing to Hydra, to DVC and to us, or is refused with file and line."""

import random

import pytest
from omegaconf import OmegaConf
from ruamel.yaml import YAML

from regrow.base.errors import RegrowError
from regrow.base.yaml_files import ABSENT, alike, ambiguous, blocks, look_up, pairs, read_settings, read_yaml
from regrow.tools.hydra import to_yaml

REFUSED = ["yes", "no", "Yes", "NO", "on", "off", "On", "010", "-010", "0777", "08", "00", "0o17", "0b11",
           "1_000", "1_0.5", "12:30:00", "1:30", "190:20:30.15", "-1:30"]  # fmt: skip
AGREED = ["1", "-1", "+1", "0", "0x1F", "1.5", "-0.0", ".5", "1.", "1e-3", "1.0e-3", "1E5", "1e+3", ".inf", "-.inf", "true", "false",
          "True", "FALSE", "~", "null", "Null", "", "a", "a b", "yes please", "'yes'", '"010"', "'12:30'", "v1.0", "1.2.3", "a:b",
          "1-2", "nan", "NaN", "inf", "''", "[1, a]", "{a: 1}", "|\n  two\n  lines\n", "5%", "ä 😀", "1e", "e1", "0.1.2", "0a"]  # fmt: skip


def file(tmp_path, text: str | bytes):
    made = tmp_path / "f.yaml"
    made.write_bytes(text if isinstance(text, bytes) else text.encode())
    return made


@pytest.mark.parametrize("scalar", REFUSED)
@pytest.mark.parametrize(
    "text", ["a: 1\nb: {}\n", "a: 1\n{}: b\n", "a: 1\nb: [{}]\n"], ids=["value", "key", "in a list"]
)
def test_what_readers_disagree_on_is_refused_with_its_line(scalar, text, tmp_path):
    (problem,) = ambiguous(file(tmp_path, text.replace("{}", scalar)), "conf/f.yaml")
    assert problem.where == "conf/f.yaml:2"
    assert scalar in problem.wrong
    assert f'"{scalar}"' in problem.fix


@pytest.mark.parametrize("scalar", AGREED)
def test_what_is_not_refused_means_the_same_to_all(scalar, tmp_path):
    text = f"b: {scalar}\n"
    assert ambiguous(file(tmp_path, text), "f") == []
    hydra, dvc = OmegaConf.to_container(OmegaConf.create(text)), YAML(typ="safe").load(text)
    assert repr(hydra) == repr(dvc)


@pytest.mark.parametrize("quote", ["'{}'", '"{}"'])
@pytest.mark.parametrize("scalar", REFUSED)
def test_in_quotes_it_is_text(scalar, quote, tmp_path):
    text = f"a: {quote.format(scalar)}\n"
    assert ambiguous(file(tmp_path, text), "f") == []
    assert OmegaConf.to_container(OmegaConf.create(text)) == YAML(typ="safe").load(text) == {"a": scalar}


BROKEN = {
    "tab": ("a:\n\tb: 1\n", ":2"),
    "unclosed": ("a: 1\nb: [1,\n", ":3"),
    "unquoted colon": ("a: b: c\n", ":1"),
    "two documents": ("a: 1\n---\nb: 1\n", ":2"),
    "undefined alias": ("a: *b\n", ":1"),
    "invalid UTF-8": (b"a: \xff\n", ""),
    "control character": ("a: \x07\n", ""),
    "refers to itself": ("a: &x\n  b: *x\n", ":1"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_yaml_is_told_with_its_line(name, tmp_path):
    text, line = BROKEN[name]
    (problem,) = ambiguous(file(tmp_path, text), "conf/f.yaml")
    assert "YAML" in problem.wrong
    assert problem.where == f"conf/f.yaml{line}"


def test_an_alias_is_looked_at_once(tmp_path):
    bomb = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    assert ambiguous(file(tmp_path, bomb), "f") == []


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "a: [\n", "a: *b\n"])
def test_reading_broken_yaml_names_file_and_line(text):
    with pytest.raises(RegrowError, match=r"dvc\.yaml:\d"):
        read_yaml(text, "dvc.yaml")


def test_the_marks_of_a_merge_are_named():
    with pytest.raises(RegrowError, match=r"(?s)params\.yaml:\d: holds the marks of a merge.*regrow compile"):
        read_yaml("<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n", "params.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 010\n", "params.yaml a: DVC reads 10 here, and Hydra 8"),
        ("a: {b: yes}\n", r"params.yaml a\.b"),
        ("a: 2020-01-01\n", "params.yaml a"),
        ("a: [010]\n", "params.yaml a"),
        ("- 1\n", "must be a mapping"),
        ("", "must be a mapping"),
        (b"a: \xff\n", "UTF-8"),
        ("a: [\n", "not valid YAML"),
    ],
)
def test_params_that_readers_disagree_on_are_refused(text, said, tmp_path):
    with pytest.raises(RegrowError, match=said):
        read_settings(file(tmp_path, text), "params.yaml")


def test_params_that_are_not_there(tmp_path):
    with pytest.raises(RegrowError, match="regrow compile"):
        read_settings(tmp_path / "params.yaml", "params.yaml")


def test_pairs_are_leaves():
    one, other = {"a": {"b": 1, "c": {}}, "d": 2}, {"a": {"b": 1, "e": 3}, "d": {"f": 4}}
    assert pairs(one, other) == {"a.b": (1, 1), "a.c": ({}, ABSENT), "a.e": (ABSENT, 3), "d": (2, {"f": 4})}


def test_look_up():
    assert look_up({"a": {"b": None}}, "a.b") is None
    assert look_up({"a": 1}, "a.b") is ABSENT


def cut(text: str):
    return blocks(text, "stages", "dvc.yaml")


def test_blocks_keep_every_line():
    text = "vars:\n  - x\n\n# mine\nstages:\n  # about a\n  a:\n    cmd: x # c\n\n  # about b\n  b:\n    cmd: |\n      y\n\n# after\nplots:\n  - p\n"
    before, children, after, indent = cut(text)
    assert f"{before}stages:\n{''.join(lines for _, lines in children.values())}{after}" == text
    assert list(children) == ["a", "b"]
    assert children["b"][1].startswith("  # about b\n")
    assert indent == 2


@pytest.mark.parametrize(
    "text", ["", "stages:\n", "stages: {}\n", "stages: null\n", "# only a comment\n", "vars: []\n"]
)
def test_blocks_of_nothing(text):
    assert cut(text)[1] == {}


@pytest.mark.parametrize("text", ["stages: {a: {cmd: x}}\n", "stages:\n  [a]\n", "- a\n", "a: 1\nstages: x\n"])
def test_what_cannot_be_cut_by_lines_is_refused(text):
    with pytest.raises(RegrowError, match=r"dvc\.yaml"):
        cut(text)


MORE = ["1e-05", "1.5e-07", "1e+20", "-2.25e+16", "1e+999", "0e-0", "00e-1", "1e-", "1.e-1", "y", "n", "N", "True", "on-line", "null_", "truely", "x.y", "a/b", "-", "--", "- 1", "1 ", "0.10", "-0", "00.5", "1e5", "=", "<<",
        "2020-01-01", "1" * 15, "1" * 16, "0." + "1" * 15, "!a", "&a", "*a", "@a", "%a", "a #b", "a: b", "#", "?", "? a", "${a}", "???", "\t", "_1", "1_"]  # fmt: skip


@pytest.mark.parametrize("form", ["{}: 1\n", "a: {}\n", "a:\n- {}\n", "a:\n  b: {}\n  c: x\n", "a:\n- - {}\n- b: {}\n"])
@pytest.mark.parametrize("scalar", [*REFUSED, *AGREED, *MORE])
def test_lines_that_are_taken_for_the_same_to_all_are(scalar, form):
    _same_to_all(form.replace("{}", scalar))


def test_random_lines_that_are_taken_for_the_same_to_all_are():
    numbers = random.Random(1)
    parts = [" ", "  ", "- ", "a", "b", "no", "1", "0", ".5", "e-1", "e+", ":", ": ", "\n", "\n", "e", "true", "''", "[]", "{}", "-", "x: 1\n", "x:\n"]  # fmt: skip
    taken = sum(_same_to_all("".join(numbers.choices(parts, k=numbers.randrange(1, 12))) + "\n") for _ in range(30_000))
    assert taken > 100


def _same_to_all(text: str) -> bool:
    """Whether the text is taken for that; then it is, or neither can read it."""
    if not alike(text):
        return False
    try:
        ours = read_yaml(text, "")
    except RegrowError:
        return True
    hydras = OmegaConf.to_container(OmegaConf.create(text)) if ours is not None else None
    assert repr(ours) == repr(hydras), text
    return True


def test_settings_as_compile_writes_them_are_taken_for_the_same_to_all():
    assert _same_to_all(
        to_yaml({"model": {"_target_": "a.B", "rate": 0.05, "on_": [1, "x", {"deep": None}], "none": {}}})
    )
