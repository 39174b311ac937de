"""The one error: what, where, fix; several at once."""

from regrow.base.errors import Exit, Problem, RegrowError


def test_text():
    assert str(RegrowError("is odd", where="f:1", fix="one\ntwo")) == "f:1: is odd\n    one\n    two"
    assert str(RegrowError("is odd")) == "is odd"


def test_several():
    error = RegrowError.of([Problem("a"), Problem("b", "c")], Exit.UNSAFE)
    assert str(error) == "a\nc: b"
    assert error.code == 5


def test_exit_codes_are_public():
    assert [code.value for code in Exit] == list(range(9))
