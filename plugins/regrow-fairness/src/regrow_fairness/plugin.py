"""What regrow-fairness brings: the analysis `fairness`."""

from regrow import Component


def regrow_components() -> list[Component]:
    """One analysis, for classes."""
    return [
        Component(
            "fairness",
            "analysis",
            "regrow_fairness.groups:fairness",
            "regrow_fairness.settings:FairnessSettings",
            packages=("fairlearn",),
            about="groups: how often each is picked, found, and picked in vain; gaps with intervals",
            columns="regrow_fairness.settings:columns",
            tasks=("binary",),
            example={"columns": ["shop"], "least_rows": 5},
            source="Hardt, Price and Srebro, Equality of Opportunity in Supervised Learning, NeurIPS 2016",
            extra="regrow-fairness",
        )
    ]
