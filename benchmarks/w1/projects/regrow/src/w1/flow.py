"""The stages under the names of their artifacts."""

from w1 import stages


def ingest(raw, settings):
    """The rows of the file."""
    return {"table": stages.ingest(str(raw / "raw.csv"))}


def validate(table, settings):
    """What there is."""
    return {"validation": stages.validate(table)}


def split(table, validation, settings):
    """Rows to train on, and rows held out."""
    train, test = stages.split(table, validation, settings["split"])
    return {"train": train, "test": test}


def features(train, test, settings):
    """Both standardised."""
    train, test = stages.features(train, test, settings["features"])
    return {"train_features": train, "test_features": test}


def train(train_features, settings):
    """A fitted classifier."""
    return {"model": stages.train(train_features, settings["model"])}


def evaluate(model, test_features, settings):
    """How well it does."""
    return {"metrics": stages.evaluate(model, test_features)}
