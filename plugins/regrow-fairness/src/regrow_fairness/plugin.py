"""What regrow-fairness brings: the analysis `fairness`, and `reweighed`, an estimator that mitigates."""

from regrow import Component


def regrow_components() -> list[Component]:
    """One analysis and one estimator, for classes."""
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
        ),
        Component(
            "reweighed",
            "estimator",
            "regrow_fairness.reweighing:reweighed",
            "regrow_fairness.settings:Reweighed",
            about="another estimator, its rows weighed so that no group has more of a class than another",
            tasks=("binary", "multiclass"),
            tags=("learns",),
            example={"of": {"use": "linear"}, "by": ["weight"]},
            types=("regrow_fairness.reweighing:ReweighedClassifier",),
            source="Kamiran and Calders, Knowledge and Information Systems 33, 2012",
            extra="regrow-fairness",
        ),
    ]
