"""What regrow-optuna brings: the search `tpe`, and search=tpe."""

from regrow import Component


def regrow_components() -> list[Component]:
    """One search."""
    return [
        Component(
            "tpe",
            "search",
            "regrow_optuna.tpe:tpe",
            "regrow_optuna.settings:Tpe",
            about="tries what a model of the trials so far takes for promising",
            tags=("learns", "random"),
            example={"folds": 2, "noise": 2, "budget": {"trials": 2}},
            source="Bergstra et al., NIPS 2011; Akiba et al., Optuna, KDD 2019",
        )
    ]


def regrow_config() -> str:
    """The package with the Hydra option search=tpe."""
    return "regrow_optuna.conf"
