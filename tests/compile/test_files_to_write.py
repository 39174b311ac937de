"""What compile would write, and what it refuses before it writes anything."""

import pytest

from regrow.base.errors import RegrowError


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (".work:make", ".work:maek", ["stage make, run", "has no 'maek'", "did you mean 'make'"]),
        (".work:make", ".wrok:make", ["stage make, run", "names a module that is not there"]),
        (".parts:add", ".parts:added", ["step add, make", "has no 'added'", "did you mean 'add'"]),
        (
            '.parts:mean"',
            '.parts:mean", packages=["no-such-distribution"]',
            ["metric mean", "no-such-distribution, which is not installed", "pip install no-such-distribution"],
        ),
    ],
)
def test_what_a_declaration_names_has_to_be_there(small, old, new, told):
    small.edit(small.code("plugin"), old, new)
    with pytest.raises(RegrowError) as caught:
        small.compile()
    assert [text for text in told if text not in str(caught.value)] == []


def test_a_component_that_is_not_in_use_may_lack_its_package(small):
    small.edit(small.code("plugin"), '.parts:top", "', '.parts:top", packages=["no-such-distribution"], settings="')
    assert "dvc.yaml" in small.compile()


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("settings", "class Make(Strict)", "class Make", "stage make: .*settings:Make is no pydantic model"),
        ("settings", "class Number(Strict)", "class Number", "settings:Number is no pydantic model"),
        ("settings", "class Number(Strict)", "class Numbers(Strict)", "add: .*settings:Number can't be loaded"),
        ("plugin", "work:make", "work:mkae", "stage make, run: module .*work has no 'mkae'; did you mean 'make'"),
        ("plugin", 'about="Make', 'columns="PKG.work:col", about="Make', "stage make, columns: .* has no 'col'"),
    ],
)
def test_import_paths_that_lead_nowhere_are_refused(small, file, old, new, said):
    small.edit(small.code(file), old, new.replace("PKG", small.package))
    with pytest.raises(RegrowError, match=said):
        small.compile()
