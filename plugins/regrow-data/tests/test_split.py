"""The split: every row once, classes in proportion, the same for the same seed."""

import sys

import numpy as np
import pandas as pd
import pytest
from data_stage_settings import split_settings

from regrow import Columns, Component, Reads, RegrowError
from regrow.plugin.components import check
from regrow_data.settings import SplitSettings
from regrow_data.split import split

CLASSES = pd.DataFrame({"y": ["no"] * 90 + ["yes"] * 10})
NUMBERS = pd.DataFrame({"y": np.r_[np.zeros(150), np.arange(50) * 10.0]})


def run(table: pd.DataFrame = CLASSES, task: str = "binary", seed: int = 1, **given: object) -> pd.DataFrame:
    return split(table=table, validation={}, settings=split_settings(task, seed, **given))["split"]


def test_holdout_keeps_proportions_and_marks_one_share():
    made = run(use="holdout", test_size=0.2)
    assert made.dtypes.astype(str).tolist() == ["int64", "int64"]
    assert made["row"].tolist() == list(range(100))
    assert made["fold"].value_counts().to_dict() == {-1: 80, 0: 20}
    assert (CLASSES["y"][made["fold"] == 0] == "yes").sum() == 2


def test_k_fold_holds_every_row_out_once_in_proportion():
    made = run(use="k_fold", folds=5)
    assert made["fold"].value_counts().to_dict() == dict.fromkeys(range(5), 20)
    assert CLASSES.groupby(made["fold"])["y"].apply(lambda y: (y == "yes").sum()).tolist() == [2] * 5


def test_repeats_deal_rows_out_anew_each_time_in_proportion_and_leave_the_first_as_it_is():
    made = run(use="k_fold", folds=5, repeats=3)
    assert list(made) == ["row", "fold", "fold_2", "fold_3"]
    pd.testing.assert_frame_equal(made[["row", "fold"]], run(use="k_fold", folds=5))
    for repeat, name in enumerate(["fold", "fold_2", "fold_3"]):
        numbers = range(5 * repeat, 5 * repeat + 5)
        assert made[name].value_counts().to_dict() == dict.fromkeys(numbers, 20)
        assert CLASSES.groupby(made[name])["y"].apply(lambda y: (y == "yes").sum()).tolist() == [2] * 5
    together = made.groupby(["fold", "fold_2"]).size()
    assert len(together) > 20  # with the same folds again there would be 5


@pytest.mark.parametrize("given", [{"use": "holdout"}, {"use": "k_fold"}, {"use": "k_fold", "stratify": False}])
def test_same_seed_same_split_other_seed_another(given):
    assert run(**given).equals(run(**given))
    assert not run(**given).equals(run(**given, seed=2))


def test_global_seeds_play_no_part():
    np.random.seed(0)
    first = run(use="k_fold")
    np.random.seed(1)
    assert run(use="k_fold").equals(first)


def test_regression_is_stratified_by_bins_of_the_sorted_target():
    for seed in range(5):
        fold = run(NUMBERS, "regression", seed, use="k_fold", folds=4)["fold"]
        assert NUMBERS["y"].groupby(fold).apply(lambda y: (y >= 100).sum()).between(9, 11).all()
        test = run(NUMBERS, "regression", seed, use="holdout", test_size=0.25)["fold"] == 0
        assert 9 <= (NUMBERS["y"][test] >= 100).sum() <= 11
    few = pd.DataFrame({"y": [1.0, 2.0, 3.0]})
    assert sorted(run(few, "regression", use="k_fold", folds=3)["fold"]) == [0, 1, 2]


@pytest.mark.parametrize(
    ("table", "task", "given", "message"),
    [
        (["a"] * 9 + ["b"], "binary", {"use": "holdout"}, r"'b' \(1 rows\)[\s\S]*stratify: false"),
        (
            ["a"] * 9 + ["b"] * 3,
            "binary",
            {"use": "k_fold", "folds": 5},
            r"'b' \(3 rows\); every class needs a row in each of 5",
        ),
        (["a", "b"] * 2, "binary", {"use": "k_fold", "folds": 5}, "4 rows cannot make 5 folds"),
        (list("abcde") * 4, "multiclass", {"use": "holdout", "test_size": 0.1}, "2 rows on one side cannot hold all 5"),
        ([1.0], "regression", {"use": "holdout"}, "leaves none to learn from"),
        ([1.0, 2.0], "regression", {"use": "holdout", "test_size": 0.9}, "leaves none to learn from"),
    ],
)
def test_splits_that_cannot_be_made_say_why_and_what_to_do(table, task, given, message):
    with pytest.raises(RegrowError, match=message):
        run(pd.DataFrame({"y": table}), task, **given)


def test_without_stratifying_rare_classes_are_no_matter():
    rare = pd.DataFrame({"y": ["a"] * 9 + ["b"]})
    assert len(run(rare, use="holdout", stratify=False)) == 10
    assert len(run(rare, use="k_fold", stratify=False)) == 10


def test_odd_sizes_never_leave_a_side_empty_or_crash_otherwise():
    for rows in range(1, 40):
        table = pd.DataFrame({"y": (["a", "b", "c"] * rows)[:rows]})
        for given in (
            {"use": "holdout", "test_size": 0.37},
            {"use": "holdout", "test_size": 0.9},
            {"use": "k_fold", "folds": 3},
        ):
            try:
                fold = run(table, "multiclass", **given)["fold"]
            except RegrowError:
                continue
            assert (fold >= 0).any()
            assert given["use"] == "k_fold" or (fold == -1).any()


def test_a_table_without_the_target_is_told():
    with pytest.raises(RegrowError, match="no target column 'y'"):
        run(CLASSES.rename(columns={"y": "z"}), use="holdout")


def shop_column(settings):
    return Columns([Reads("group", [settings["group"]])])


def checked(name, given):
    return given


def one_shop(settings, context):
    """Holds out the first group, and draws nothing."""
    assert (context.task, context.target, context.columns["shop"]) == ("binary", "y", "text")
    groups = context.rows[settings["group"]]
    return lambda target: np.where(groups == groups.iloc[0], 0, -1)


def test_a_splitter_sees_the_columns_that_its_settings_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "groups", sys.modules[__name__])
    component = Component("one_shop", "splitter", "groups:one_shop", "groups:checked", columns="groups:shop_column")
    table = CLASSES.assign(shop=pd.Series(["north", "south"] * 50, dtype="str"), secret=1)
    given = {
        "seed": 1,
        "split": {"use": "one_shop", "group": "shop"},
        "data": {"task": "binary", "target": {"column": "y"}},
    }
    registry = {("splitter", "one_shop"): component}
    made = split(table, {}, check(SplitSettings, given, registry))["split"]
    assert made["fold"].tolist() == [0, -1] * 50
    given["split"]["group"] = "shp"
    with pytest.raises(RegrowError, match="no column 'shp'[\\s\\S]*did you mean 'shop'"):
        split(table, {}, check(SplitSettings, given, registry))


def test_a_column_of_many_levels_tells_rows_apart_though_it_is_suspect():
    table = CLASSES.assign(city=[f"c{row}" for row in range(100)], n=1.5)
    odd = {"columns": {"city": {"what": "many_levels", "said": "has more than 100 levels"}}}
    made = split(table=table, validation={}, settings=split_settings("binary", 1, use="holdout"), suspects=odd)
    shared = next(one for one in made["split_findings"] if one["code"] == "split.shared_rows")
    assert shared["verdict"] == "passed"
