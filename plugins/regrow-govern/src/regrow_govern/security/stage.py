"""The stage `security`: the checks that conf/security names, on the model and the rows that it did not learn from."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from regrow_evaluation.examine import evidence_of, found_by, look
from regrow_govern.security.settings import SecuritySettings


def security(
    predictions: pd.DataFrame,
    table: pd.DataFrame,
    metrics: Mapping[str, Any],
    settings: SecuritySettings,
    features: pd.DataFrame | None = None,
    split: pd.DataFrame | None = None,
    model: Any = None,
) -> dict[str, Any]:
    """What each check returned, by its key in `security.checks`, and all their findings.

    Raises RegrowError where two findings have one code, or a check names a column that is not there.
    """
    evidence = evidence_of(predictions, table, metrics, settings, features, split, model)
    looked = look(settings.security.checks, evidence, settings, "security")
    return {"security": looked, "security_findings": found_by(looked, "security.checks")}
