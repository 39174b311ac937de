"""The stages."""

from regrow import Artifact, Stage


def regrow_stages():
    """In their order."""
    return [
        Stage("ingest", "data", "w1.flow:ingest", ["raw"], [Artifact("table", "table")]),
        Stage("validate", "data", "w1.flow:validate", ["table"], [Artifact("validation", "record")]),
        Stage(
            "split",
            "data",
            "w1.flow:split",
            ["table", "validation"],
            [Artifact("train", "table"), Artifact("test", "table")],
            ["split"],
        ),
        Stage(
            "features",
            "feature",
            "w1.flow:features",
            ["train", "test"],
            [Artifact("train_features", "table"), Artifact("test_features", "table")],
            ["features"],
        ),
        Stage("train", "experiment", "w1.flow:train", ["train_features"], [Artifact("model", "model")], ["model"]),
        Stage(
            "evaluate",
            "evaluation",
            "w1.flow:evaluate",
            ["model", "test_features"],
            [Artifact("metrics", "metrics", path="metrics.json")],
        ),
    ]
