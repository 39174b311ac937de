"""What regrow-ledger brings: the stage `feature_ledger`, and settings for it."""

from regrow import Artifact, Stage


def regrow_config() -> str:
    """The package whose Hydra group `ledger` a project can choose from."""
    return "regrow_ledger.conf"


def regrow_stages() -> list[Stage]:
    """The stage `feature_ledger`."""
    return [
        Stage(
            name="feature_ledger",
            kind="evaluation",
            run="regrow_ledger.stage:feature_ledger",
            needs=("features", "split", "model"),
            makes=(
                Artifact("feature_ledger", "csv"),
                Artifact("feature_ledger_section", "section", path="sections/feature_ledger.json"),
            ),
            params=("ledger", "data.task", "data.target", "seed"),
            settings="regrow_ledger.settings:LedgerSettings",
            about="what each feature brings on held-out rows, with its spread, and what it costs",
        )
    ]
