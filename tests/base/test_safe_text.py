"""Nothing that others wrote drives a terminal, or fills it."""

import json

import pytest

from regrow.base.safe_text import clean, dumps, size


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 漢", "plain ü 漢"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://evil\x1b\\link", "link"),
        ("\x9b2Jcleared", "cleared"),
        ("a\nb\tc\rd", "a b c d"),
        ("\u202egnp.exe", "gnp.exe"),
        ("zero\u200bwidth\x00\x7f", "zerowidth"),
        ("[bold]markup[/bold]", "[bold]markup[/bold]"),
        ("lone \udcff", "lone"),
        (3.5, "3.5"),
        (None, "None"),
    ],
)
def test_text_is_made_plain(text, shown):
    assert clean(text) == shown


def test_long_text_is_cut():
    assert clean("x" * 10**6, 10) == "x" * 9 + "…"


def test_json_is_the_same_value_without_what_drives_a_terminal():
    value = {"b": "\x1b[31m\x9b2J\u202e\udcff", "a": [1.5, None, "ü"]}
    text = dumps(value)
    assert json.loads(text) == value
    assert text.isprintable() or set(text) - {"\n"} <= set(filter(str.isprintable, text))
    assert "ü" in text
    assert list(json.loads(text)) == ["a", "b"]


def test_sizes():
    assert [size(n) for n in (-1, 0, 1500)] == ["?", "0 bytes", "1.5 kB"]
