"""Settings: what conf/ says, checked with file and line before anything runs."""

import pytest

from regrow.base.errors import RegrowError
from regrow.base.yaml_files import read_settings
from regrow.settings.compose import compose, normal, orders, subset


def refused(small, said: str) -> RegrowError:
    with pytest.raises(RegrowError, match=said) as caught:
        small.compile()
    assert not (small.root / "params.yaml").exists()
    return caught.value


def test_interpolations_resolve(small):
    small.edit("conf/config.yaml", "rows: 3", "rows: ${seed}")
    small.compile()
    assert read_settings(small.root / "params.yaml", "params.yaml")["rows"] == 1


TEXTS = [
    "2020-01-01",
    "12h",
    '"yes"',
    '"010"',
    "'1_000'",
    '"12:30:00"',
    '"1e-3"',
    '"null"',
    "'~'",
    '"true"',
    "1.2.3",
    "a: b".join('""'),
    "ä 😀",
]


@pytest.mark.parametrize("text", TEXTS)
def test_text_reaches_the_stage_as_dvc_records_it(small, text):
    small.edit("conf/config.yaml", '"a title"', text)
    small.compile()
    said = read_settings(small.root / "params.yaml", "params.yaml")["title"]
    assert isinstance(said, str)
    assert said == text.strip("'\"")


@pytest.mark.parametrize(
    ("number", "value"), [("1e-3", 0.001), ("1.0e-3", 0.001), ("0x1F", 31), ("-0.0", -0.0), ("1E5", 1e5)]
)
def test_numbers_are_the_same_to_dvc(small, number, value):
    small.edit(small.code("settings"), "title: str", "title: float | int")
    small.edit("conf/config.yaml", '"a title"', number)
    small.compile()
    said = read_settings(small.root / "params.yaml", "params.yaml")["title"]
    assert repr(said) == repr(value)


@pytest.mark.parametrize(
    "override",
    [
        "title='yes'",
        "title='010'",
        "title=on",
        "title='1e-3'",
        "title=2020-01-01",
        "title='12:30:00'",
        "title=no",
        "title=y",
    ],
)
def test_values_set_by_overrides_are_the_same_to_dvc(small, override):
    from regrow.tools import hydra

    small.compile()
    settings = compose(small.project, [override])
    small.write("params.yaml", hydra.to_yaml(settings))
    assert read_settings(small.root / "params.yaml", "params.yaml") == settings
    assert settings["title"] == override.removeprefix("title=").strip("'")


WRONG = {
    "ambiguous": ("rows: 3", "rows: 010", r"conf/config\.yaml:8: '010' means different things"),
    "ambiguous key": ("rows: 3", "rows: 3\non: 1", r"conf/config\.yaml:9: 'on'"),
    "out of range": ("rows: 3", "rows: 300", r"conf/config\.yaml:8 rows: 300: .*less than or equal to 100"),
    "text for a number": ("rows: 3", 'rows: "3"', r"conf/config\.yaml:8 rows: '3': must be a number, not text"),
    "true for a number": ("rows: 3", "rows: true", r"conf/config\.yaml:8 rows: True: must be a number"),
    "infinite": ("rows: 3", "rows: .inf", "rows: inf is not a number that can be recorded"),
    "mandatory": ("rows: 3", "rows: ???", "rows: is mandatory and has no value"),
    "target": ("rows: 3", "rows: {_target_: os.system}", "_target_ is refused"),
    "target in a list": ("rows: 3", "rows: [{_target_: os.system}]", "_target_ is refused"),
    "unknown key": (
        "rows: 3",
        "rows: 3\nrosw: 4",
        r"(?s)conf/config\.yaml:9 rosw: is used by no stage.*did you mean 'rows'",
    ),
    "missing key": ("rows: 3\n", "", "rows: is missing, and stage make needs it"),
    "unknown component": ("metric: mean", "metric: mean\n  - override metric: meen", "conf"),
    "unknown component's name": (
        "use: add",
        "use: ad",
        r"(?s)conf/config\.yaml:11 steps\.first: no step is called 'ad'; did you mean 'add'",
    ),
    "unknown parameter": ("by: 1", "bye: 1", r"(?s)conf/config\.yaml:11 .*bye.*(did you mean 'by'|required)"),
    "parameter out of range": ("by: 1", "by: 11", r"(?s)steps\.first.*less than or equal to 9"),
    "no component": ("{use: add, by: 1}", "3", "must be a mapping with `use: NAME`"),
    "interpolation of nothing": ("rows: 3", "rows: ${nothing}", "(?s)nothing.*not found"),
    "duplicate key": ("rows: 3", "rows: 3\nrows: 4", "duplicate key"),
    "fraction as key": ("rows: 3", "rows: 3\n1.5: 4", "is not text"),
    "a key as number and as text": ("rows: 3", 'rows: {1: 4, "1": 5}', "1 in it is not text"),
    "truth value as key": ("rows: 3", "rows: 3\ntrue: 4", "is not text"),
    "tab": ("rows: 3", "rows:\n\t- 3", r"conf/config\.yaml:9: is not valid YAML"),
    "no YAML": ("rows: 3", "rows: [", r"conf/config\.yaml:\d+: is not valid YAML"),
    "python object": ("rows: 3", "rows: !!python/object/apply:os.getcwd []", "conf"),
    "bytes": ("rows: 3", "rows: !!binary aGVsbG8=", r"conf/config\.yaml:8 rows: b'hello' is neither text"),
    "no number": ("rows: 3", "rows: .nan", r"conf/config\.yaml:8 rows: nan is not a number"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_before_anything_is_written(small, name):
    old, new, said = WRONG[name]
    small.edit("conf/config.yaml", old, new)
    refused(small, said)


def test_invalid_utf8_is_told(small):
    (small.root / "conf/metric/mean.yaml").write_bytes(b"use: m\xff\n")
    refused(small, r"conf/metric/mean\.yaml: is not valid YAML.*utf-8")


def test_all_that_is_wrong_is_told_at_once(small):
    small.edit("conf/config.yaml", "rows: 3", "rows: 300\nrosw: 1")
    small.edit("conf/config.yaml", "seed: 1", "seed: one")
    assert len(refused(small, "rows").problems) == 3


def test_a_missing_key_is_told_once_with_what_the_schema_takes_for_it(small):
    """As after an upgrade, when a plugin's stages have a new setting."""
    small.edit("conf/config.yaml", 'title: "a title"\n', "")
    (file,) = [file for file in small.root.rglob("*.py") if "title: str" in file.read_text("utf-8")]
    small.edit(file.relative_to(small.root).as_posix(), "title: str", 'title: str = "none"')
    (problem,) = refused(small, "title: is missing, and stage score needs it").problems
    assert str(problem).endswith('say it in conf/; the default is title: "none"')


def test_a_wrong_choice_answers_with_the_choices(small):
    small.compile()
    with pytest.raises(RegrowError, match=r"no 'meen' in conf/metric; did you mean 'mean'\? there are: mean, top"):
        compose(small.project, ["metric=meen"])
    with pytest.raises(RegrowError, match="no 'rosw' in the settings; did you mean 'rows'"):
        compose(small.project, ["rosw=4"])
    with pytest.raises(RegrowError, match=r"no 'first_' in steps; did you mean 'first'"):
        compose(small.project, ["~steps.first_"])


def test_a_key_that_only_the_schema_knows_is_taken_without_a_plus(small):
    small.compile()
    small.edit("conf/metric/top.yaml", "by: 2  # how many\n", "")
    small.edit("conf/config.yaml", "metric: mean", "metric: top")
    assert compose(small.project, ["metric.by=3"])["metric"] == {"use": "top", "by": 3}
    with pytest.raises(RegrowError, match=r"metric\.by: .*less than or equal to 9"):
        compose(small.project, ["metric.by=30"])
    with pytest.raises(RegrowError, match=r"metric\.bye: is not known here.*did you mean 'by'"):
        compose(small.project, ["metric.bye=3"])


def test_whole_numbers_as_keys_are_text():
    assert normal({"weights": {0: 1, 1: 5}}, ()) == {"weights": {"0": 1, "1": 5}}


def test_no_config_at_all(small):
    (small.root / "conf/config.yaml").unlink()
    with pytest.raises(RegrowError, match=r"conf/config\.yaml: is missing"):
        compose(small.project)


def test_null_takes_a_step_out():
    steps = {"a": {"use": "x"}, "b": None}
    settings = {"s": steps, "t": {"u": None}, "v": {"binning": {"use": "x"}, "cap": None}, "w": {"only": None}}
    assert normal(settings, {"s", "w"}) == {**settings, "s": {"a": {"use": "x"}}, "w": {}}


def test_orders_are_those_of_components_alone():
    settings = {"s": {"b": {"use": "x"}, "a": {"use": "y"}}, "t": {"d": 1, "c": 2}}
    assert list(orders(settings)) == [("s", ["b", "a"])]


def test_subset_is_nested_as_it_was():
    settings = {"a": {"b": 1, "c": 2}, "d": 3}
    assert subset(settings, ["a.b", "d", "no.such"]) == {"a": {"b": 1}, "d": 3}
