"""One module's text: what it binds, what it imports, and a hash that only its meaning changes."""

import ast

import pytest

from regrow.fingerprint.code.source import digest, imported, parse


@pytest.fixture
def source(tmp_path):
    def make(text: str, name: str = "app.main", file: str = "main.py"):
        (tmp_path / file).write_text(text, encoding="utf-8")
        return parse(tmp_path / file, name)

    return make


@pytest.mark.parametrize(
    ("statement", "module", "file", "expected"),
    [
        ("import a.b.c", "app.main", "main.py", ("a", ("a", ""))),
        ("import a.b.c as d", "app.main", "main.py", ("d", ("a.b.c", ""))),
        ("from a.b import c", "app.main", "main.py", ("c", ("a.b", "c"))),
        ("from . import c", "app.main", "main.py", ("c", ("app", "c"))),
        ("from . import c", "app", "__init__.py", ("c", ("app", "c"))),
        ("from .x import c", "app.sub", "__init__.py", ("c", ("app.sub.x", "c"))),
        ("from ..x import c as d", "app.sub.main", "main.py", ("d", ("app.x", "c"))),
    ],
)
def test_imports_are_resolved(source, statement, module, file, expected):
    parsed = source(statement, module, file)
    assert list(imported(ast.parse(statement).body[0], parsed)) == [expected]


def test_a_name_may_be_bound_several_ways(source):
    parsed = source("try:\n    from a import f\nexcept ImportError:\n    from b import f\ndef f():\n    pass\nf = f\n")
    assert parsed.imports["f"] == [("a", "f"), ("b", "f")]
    assert len(parsed.definitions["f"]) == 2


@pytest.mark.parametrize(
    "text", ["x = 1", "x: int = 1", "x += 1", "a, (b, *c) = f()", "def f(): pass", "import a", "'text'", "..."]
)
def test_what_only_binds_is_no_bare_statement(source, text):
    assert source(text).body == []


@pytest.mark.parametrize(
    "text", ["t['x'] = 1", "a.b = 1", "f()", "del x", "for x in y: pass", "if a: x = 1", "x, a.b = 1, 2"]
)
def test_what_does_more_is_one(source, text):
    assert len(source(text).body) == 1


def _digest(text: str) -> str:
    return digest(ast.parse(text).body)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = (1)  # one"),
        ("x = 'a' 'b'", 'x = "ab"'),
        ("x = u'a'", "x = 'a'"),
        ("def f():\n    '''Doc.'''", "def f():\n    pass"),
        ("class A:\n    '''Doc.'''\n    x = 1", "class A:\n\n    x = 1"),
        ("def f():\n    def g():\n        'doc'\n        return 1", "def f():\n    def g():\n        return 1"),
        ("f(a,\n  b,\n)", "f(a, b)"),
    ],
)
def test_the_same_meaning_has_the_same_hash(one, other):
    assert _digest(one) == _digest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x = 1", "x = 1.0"),
        ("x = 1", "x = True"),
        ("x = 'a'", "x = b'a'"),
        ("x = 0.1", "x = 0.10000000000000001 + 0"),
        ("f(a, b)", "f(b, a)"),
        ("f([a], b)", "f([a, b])"),
        ("f(a)(b)", "f(a(b))"),
        ("x = ['ab']", "x = ['a', 'b']"),
        ("x = ['a b']", "x = ['a', 'b']"),
        ("x = y = 1", "x = (y, 1)"),
        ("def f(a, b): pass", "def f(b, a): pass"),
        ("def f(a, /, b): pass", "def f(a, b): pass"),
        ("def f():\n    return 'doc'", "def f():\n    'doc'"),
        ("if a:\n    b\nc", "if a:\n    b\n    c"),
        ("x = 'ä'", "x = 'a'"),
        ("async def f(): pass", "def f(): pass"),
    ],
)
def test_another_meaning_has_another_hash(one, other):
    assert _digest(one) != _digest(other)


def test_text_with_lone_surrogates_has_a_hash():
    assert _digest("x = '\\ud800'") != _digest("x = '\\ud801'")


def test_a_sum_of_thousands_has_a_hash():
    assert digest([ast.BinOp(ast.Constant(1), ast.Add(), ast.Constant(2))] * 5000)
