"""The stages as nodes."""

import stages
from kedro.pipeline import Pipeline, node


def register_pipelines():
    """One pipeline of six nodes."""
    return {
        "__default__": Pipeline(
            [
                node(stages.ingest, "params:raw", "table", name="ingest"),
                node(stages.validate, "table", "validation", name="validate"),
                node(stages.split, ["table", "validation", "params:split"], ["train", "test"], name="split"),
                node(
                    stages.features,
                    ["train", "test", "params:features"],
                    ["train_features", "test_features"],
                    name="features",
                ),
                node(stages.train, ["train_features", "params:model"], "model", name="train"),
                node(stages.evaluate, ["model", "test_features"], "metrics", name="evaluate"),
            ]
        )
    }
