# ruff: noqa: E501
"""Each component's example is tried on the kit's table by its kind, and what breaks the kind's contract is told."""

import itertools
import re

import pytest

from regrow.plugin.manager import load_modules
from regrow_testing import by_kind, components
from regrow_testing.kit_table import TARGET, table

_numbers = itertools.count(1)
HEAD = "import numpy as np\nimport pandas as pd\nfrom regrow import Component, Kind\n"


@pytest.fixture
def told(tmp_path, monkeypatch):
    """What the kit says of one component: its kind, the body of its factory, what else it declares."""
    monkeypatch.syspath_prepend(tmp_path)

    def of(kind: str, product: str, declared: str = "", more: str = "") -> list[str]:
        name = f"tried{next(_numbers)}"
        component = f"Component('it', '{kind}', '{name}:make'{declared and ', ' + declared})"
        (tmp_path / f"{name}.py").write_text(
            f"{HEAD}\ndef regrow_components():\n    return [{component}]\n\n{more}\n"
            f"def make(settings, context):\n    rng = np.random.default_rng(context.random_state)\n    return {product}\n"
        )
        plugins = load_modules([name])
        plugins.require_sound()
        return [f"{one.where}: {one.wrong}" for one in components.problems(plugins.loaded[0], plugins)]

    return of


SOUND = {
    "reader": ("lambda folder: pd.read_csv(folder / 'shops.csv')", ""),
    "splitter": ("lambda target: np.arange(len(target)) % 3", ""),
    "derive": ("lambda table, lookups: table.assign(n=table['count'] + 1)", "tags=['row_wise']"),
    "estimator": (
        "__import__('sklearn.tree').tree.DecisionTreeClassifier(random_state=context.random_state)",
        "tasks=['binary', 'multiclass'], tags=['random']",
    ),
    "search": ("lambda build, X, y: build().fit(X, y)", ""),
    "exporter": ("'whatever nobody checks yet'", ""),
}


@pytest.mark.parametrize("kind", SOUND)
def test_sound_components_pass(told, kind):
    assert told(kind, *SOUND[kind]) == []


BROKEN = {
    "no table": ("reader", "lambda folder: [1]", "", "reader it: .*is a list, not a DataFrame"),
    "no rows": ("reader", "lambda folder: pd.DataFrame()", "", "it read no rows"),
    "no schema": ("check", "lambda table: True", "", "no pandera DataFrameSchema"),
    "too few folds": ("splitter", "lambda target: np.zeros(3, dtype=int)", "", "one whole number a row"),
    "nothing to learn from": ("splitter", "lambda target: np.zeros(60, dtype=int)", "", "no row to learn from"),
    "a seed it does not tell of": ("splitter", "lambda target: rng.integers(-1, 2, 60)", "", "another seed gives another"),
    "a draw without a seed": ("splitter", "lambda t: np.random.default_rng().integers(-1, 2, 60)", "", "not the same twice"),
    "fewer rows": ("derive", "lambda table, lookups: table.iloc[1:]", "", "has 59 rows, and 60 went in"),
    "other rows": ("derive", "lambda t, lookups: t.assign(m=t['count'].mean())", "tags=['row_wise']", "looks at other rows"),
    "an array": ("transformer", "__import__('sklearn.preprocessing').preprocessing.FunctionTransformer(np.asarray)", "", "not a DataFrame"),
    "missing values": ("estimator", "__import__('sklearn.linear_model').linear_model.Ridge()", "tasks=['regression'], tags=['takes_missing']", "contains NaN"),
    "a task it does not serve": ("estimator", "__import__('sklearn.linear_model').linear_model.LinearRegression()", "", "no class of the target"),
    "not fitted": ("search", "lambda build, X, y: build()", "", "not fitted"),
    "no metric": ("metric", "lambda predicted: 1.0", "", "no needs_probability"),
    "no parameters": ("derive", "lambda table, lookups: table", "example={'of': 1}", "its example is refused: it takes no parameters"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_the_contract_of_its_kind_is_told(told, name):
    *component, said = BROKEN[name]
    (found,) = told(*component)
    assert re.search(said, found), found


def test_packages_that_are_not_here_are_not_missed(told):
    assert told("reader", "1 / 0", "packages=['no-such-package']") == []


def test_a_kind_of_ones_own_has_a_check_of_its_own(told):
    kinds = "def regrow_kinds():\n    return [Kind('size', 'collections.abc:Callable', 'how large', check=__name__ + ':check')]\n"
    check = "\ndef check(size, kit):\n    if size(kit.table) < 0:\n        raise ValueError('is below nothing')\n"
    assert told("size", "len", more=kinds + check) == []
    assert "is below nothing" in told("size", "lambda table: -1", more=kinds + check)[0]


def test_the_table_has_a_target_of_each_task_and_every_type():
    assert sorted(table("binary")[TARGET].unique()) == [0, 1]
    assert sorted(table("multiclass")[TARGET].unique()) == ["few", "many", "some"]
    assert table("regression")[TARGET].nunique() > 20
    assert table("binary")[["amount", "colour"]].isna().any().all()
    assert all(hasattr(by_kind, name) for name in ("reader", "check", "splitter", "derive", "metric"))
