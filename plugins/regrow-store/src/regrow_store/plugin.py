"""What regrow-store brings: a derive step, a stage that proves it, and a command."""

from regrow import Artifact, Command, Component, Stage


def regrow_components() -> list[Component]:
    """The definition of features of an entity."""
    return [
        Component(
            "feature_view",
            "derive",
            "regrow_store.views:feature_view",
            "regrow_store.settings:FeatureView",
            about="statistics of an entity's past as of the last snapshot, registered with owner and version",
            columns="regrow_store.named:feature_view",
            tags=("row_wise", "takes_missing"),
            example={
                "entity": "shop",
                "owner": "kit",
                "table": "shops",
                "at": "amount",
                "known": "size",
                "by": ["shop"],
                "columns": ["size"],
                "days": [None],
                "delay": 1.0,
                "every": 5.0,
            },
            source="Orr et al., Managing ML pipelines: feature stores, VLDB 14, 2021",
        )
    ]


def regrow_stages() -> list[Stage]:
    """The stage `store`."""
    return [
        Stage(
            name="store",
            kind="feature",
            run="regrow_store.stage:store",
            needs=("table", "lookups"),
            makes=(
                Artifact("offline_features", "tables"),
                Artifact("store_record", "record"),
                Artifact("store_section", "section", path="sections/store.json"),
            ),
            params=("features.derive",),
            settings="regrow_store.settings:StoreSettings",
            about="the values of all feature views offline, and that a store online holds the same bits",
        )
    ]


def regrow_commands() -> list[Command]:
    """What is done with the store online."""
    return [Command("store", "regrow_store.commands:store", "Features of entities online: materialise, get, check.")]
