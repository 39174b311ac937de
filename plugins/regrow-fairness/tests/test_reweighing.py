"""Weights that take a group's share of each class out of training."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from regrow import RegrowError
from regrow_fairness.reweighing import ReweighedClassifier, weights_of


def biased(seed, rows=4000):
    """One in two of group b is labelled 1, one in five of group a; what else is known differs as much."""
    rng = np.random.default_rng(seed)
    of_b = rng.random(rows) < 0.5
    y = (rng.random(rows) < np.where(of_b, 0.5, 0.2)).astype(int)
    proxy = rng.normal(size=rows) + 1.5 * of_b
    return pd.DataFrame({"sex_a": ~of_b, "sex_b": of_b, "proxy": proxy, "x": rng.normal(size=rows) + y}), y


def gap(model, X):
    said = model.predict(X)
    return said[X["sex_b"].to_numpy()].mean() - said[X["sex_a"].to_numpy()].mean()


def test_each_class_has_its_share_of_the_weight_in_every_group():
    rng = np.random.default_rng(0)
    groups, classes = rng.integers(0, 3, 500), rng.integers(0, 2, 500) * rng.integers(0, 2, 500)
    weights = weights_of(groups, classes)
    assert weights.sum() == pytest.approx(500)
    shares = [weights[(groups == g) & (classes == 1)].sum() / weights[groups == g].sum() for g in range(3)]
    assert shares == pytest.approx([classes.mean()] * 3)


def test_the_gap_is_smaller_and_answers_need_no_group():
    for seed in range(5):
        X, y = biased(seed)
        plain = LogisticRegression().fit(X, y)
        fair = ReweighedClassifier(LogisticRegression(), ["sex"]).fit(X, y)
        assert gap(plain, X) > 0.2
        assert abs(gap(fair, X)) < gap(plain, X) / 2
        assert (fair.predict(X.assign(sex_a=True, sex_b=False)) == fair.predict(X)).all()
        assert fair.predict_proba(X).shape == (len(X), 2)
        assert (fair.predict(X) == y).mean() > (y == 0).mean()


def test_a_group_that_is_not_there_is_refused():
    X, y = biased(0, 200)
    with pytest.raises(RegrowError, match="no column 'region'"):
        ReweighedClassifier(LogisticRegression(), ["region"]).fit(X, y)
    with pytest.raises(RegrowError, match="no column is left"):
        ReweighedClassifier(LogisticRegression(), ["sex", "proxy", "x"]).fit(X, y)


def test_the_plugin_keeps_its_contract():
    pytest.importorskip("fairlearn")
    from regrow_testing.contract import check_plugin

    others = ["regrow_experiment.plugin", "regrow_features.plugin", "regrow_evaluation.plugin"]
    check_plugin("regrow_fairness.plugin", {}, others)
