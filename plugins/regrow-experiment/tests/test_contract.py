"""The plugin keeps the contract of regrow's plugins: same bytes twice, settings checked, nothing else touched."""

from regrow_testing.contract import check_plugin

STEPS = {
    "numbers": {"use": "impute_median"},
    "scale": {"use": "scale"},
    "text": {"use": "one_hot", "min_frequency": 2},
}
MODELS = [
    {"use": "boosting", "max_iter": 5, "max_leaf_nodes": 4},
    {"use": "extra_trees", "n_estimators": 5},
    {"use": "gradient_boosting", "n_estimators": 5},
    {"use": "knn"},
    {"use": "mlp", "hidden_layer_sizes": [4], "max_iter": 10},
    {"use": "DecisionTreeClassifier", "max_depth": 3},
]


def settings(model, task="binary"):
    data = {"task": task, "target": {"column": "y"}}
    return {"features": {"steps": STEPS}, "model": model, "search": {"use": "none"}, "data": data, "seed": 1}


def test_the_plugin_keeps_its_contract(features, holdout, folds, target):
    numbers = target(features, "regression")
    examples = [
        *(({"features": features, "split": holdout, "table": features}, settings(model)) for model in MODELS),
        ({"features": features, "split": folds, "table": features}, settings({"use": "forest", "n_estimators": 5})),
        (
            {"features": numbers, "split": folds, "table": features},
            settings({"use": "linear", "alpha": 1.0}, "regression"),
        ),
    ]
    check_plugin("regrow_experiment.plugin", {"train": examples}, others=["regrow_features.plugin"])
