"""The stage `drift`."""

from regrow import Context
from regrow_drift.picture import bars


def drift(table, split, settings):
    """Distance of every numeric column between held-out and training rows, and a bar chart of the furthest."""
    distance = settings.drift.distance.make(Context())
    held_out = split["fold"].to_numpy() >= 0
    numbers = table.select_dtypes("number")
    found = {}
    for column in numbers:
        values = numbers[column]
        train, test = values[~held_out].dropna().to_numpy(), values[held_out].dropna().to_numpy()
        if len(train) and len(test):
            found[column] = distance(train, test)
    furthest = sorted(found, key=lambda name: (-found[name], name))[: settings.drift.most]
    return {"drift_metrics": found, "drift_plot": bars([(name, found[name]) for name in furthest])}
