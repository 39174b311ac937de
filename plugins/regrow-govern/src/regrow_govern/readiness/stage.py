"""The stage `readiness`: what conf/readiness looks at, so that tests of the ML Test Score have evidence."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from regrow_evaluation.examine import evidence_of, found_by, look
from regrow_govern.readiness.settings import ReadinessSettings


def readiness(
    predictions: pd.DataFrame,
    table: pd.DataFrame,
    metrics: Mapping[str, Any],
    settings: ReadinessSettings,
    features: pd.DataFrame | None = None,
    split: pd.DataFrame | None = None,
    model: Any = None,
) -> dict[str, Any]:
    """What each analysis returned, by its key in `readiness.checks`, and all their findings.

    Raises RegrowError where two findings have one code.
    """
    evidence = evidence_of(predictions, table, metrics, settings, features, split, model)
    looked = look(settings.readiness.checks, evidence, settings, "readiness")
    return {"readiness": looked, "readiness_findings": found_by(looked, "readiness.checks")}
