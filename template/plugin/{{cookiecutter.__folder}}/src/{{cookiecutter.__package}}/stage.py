"""The stage `{{ cookiecutter.__name }}`: a pure function of artifacts and settings, which reads and writes no files."""

from typing import Any

import pandas as pd

from {{ cookiecutter.__package }}.settings import Settings


def run(table: pd.DataFrame, settings: Settings) -> dict[str, Any]:
    """Column -> share of its values that are missing, from 0 to 1; and the columns above the limit, sorted."""
    shares = {name: float(table[name].isna().mean()) for name in sorted(table.columns)}
    above = [name for name, share in shares.items() if share > settings.{{ cookiecutter.__name }}.most]
    return {"{{ cookiecutter.__name }}": {"shares": shares, "above": above}}
