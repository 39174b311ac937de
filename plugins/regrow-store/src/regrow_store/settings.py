"""What may stand in conf/ for a view of an entity, and the settings of the stage."""

from typing import Annotated

from pydantic import Field, field_validator

from regrow import OfKind, Strict, Use
from regrow_features.row_settings import Unit, Window

VIEW = "feature_view"


class FeatureView(Window):
    """Parameters of `feature_view`: a window over an entity's past, as of the last snapshot before a row."""

    entity: str = Field(pattern="[A-Za-z][A-Za-z0-9_]{0,30}", description="the business entity: plane, customer, shop")
    owner: str = Field(min_length=1, description="who answers for it")
    version: int = Field(1, ge=1, description="raised with every change of the definition")
    every: float = Field(
        1.0, gt=0, allow_inf_nan=False, description="days between snapshots: a row sees the last one at or before it"
    )
    by: list[str] | dict[str, str] = Field(min_length=1, description="the entity's key, or ours to the lookup's")
    prefix: str = Field("", description="put before the new columns' names; by default ENTITY_")

    @field_validator("plus", "known_plus")
    @classmethod
    def _plain(cls, plus: dict[str, Unit] | None) -> dict[str, Unit] | None:
        if plus:
            raise ValueError("a view's moments are columns as they stand")
        return plus

    @field_validator("days")
    @classmethod
    def _each_once(cls, days: list[float | None]) -> list[float | None]:
        if len(set(days)) < len(days):
            raise ValueError("holds a window twice")
        return days

    @property
    def start(self) -> str:
        """Of the new columns' names."""
        return self.prefix or f"{self.entity}_"


class Derived(Strict):
    """`features`, as far as the stage depends on it."""

    derive: dict[str, Annotated[Use, OfKind("derive")]] = {}


class StoreSettings(Strict):
    """The settings of the stage `store`."""

    features: Derived = Derived()

    @property
    def views(self) -> dict[str, FeatureView]:
        """Name of the step -> the definition, of the steps that are one."""
        uses = self.features.derive.items()
        return {name: use.settings for name, use in uses if isinstance(use.settings, FeatureView)}
