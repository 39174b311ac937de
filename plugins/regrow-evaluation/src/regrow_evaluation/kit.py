"""Evidence out of the contract kit's tiny table, for trying analyses."""

from typing import Any

import numpy as np
import pandas as pd

from regrow import Component, Context
from regrow.plugin.components import Use
from regrow_evaluation.asked import Asked
from regrow_evaluation.catalogue import METRICS
from regrow_evaluation.evaluate import measure
from regrow_evaluation.evidence import Evidence
from regrow_evaluation.predicted import Predicted
from regrow_evaluation.resampling import Bootstrap
from regrow_evaluation.settings import Objective

LEADING = {"binary": "balanced_accuracy", "multiclass": "f1_macro", "regression": "mae"}


def evidence(kit: Any) -> Evidence:
    """Predictions that are wrong in every fifth row of the kit's table. kit: a `regrow_testing.by_kind.Kit`."""
    task, features = kit.context.task, kit.features.reset_index(drop=True)
    classes, codes = np.unique(kit.y, return_inverse=True)
    numeric = task == "regression"
    target = kit.y.astype(float) if numeric else codes
    wrong = np.arange(len(target)) % 5 == 0
    prediction = target + wrong if numeric else (target + wrong) % len(classes)
    shares = None if numeric else np.where(np.eye(len(classes))[prediction] == 1, 0.7, 0.3 / (len(classes) - 1))
    place = np.arange(len(target))
    names = () if numeric else tuple(map(str, classes))
    p = Predicted(task, target, prediction, shares, names, 1 if task == "binary" else None, place * 0, place)
    name = LEADING[task]
    facts = METRICS[name]
    component = Component(name, "metric", f"regrow_evaluation.metrics:{name}", better=facts.better)
    settings = None
    if facts.settings:
        from regrow_evaluation import metric_settings

        settings = getattr(metric_settings, facts.settings)()
    known = {name: Asked(Use(component, settings), Context(task=task))}
    table = pd.DataFrame(kit.table).reset_index(drop=True)
    return Evidence(p, features, table, measure(known, p), known, Bootstrap(100, 0.95, 1), Objective())
