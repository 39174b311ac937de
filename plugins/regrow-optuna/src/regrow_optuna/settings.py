"""What may stand in conf/search/tpe.yaml."""

from pydantic import Field, model_validator

from regrow_experiment.search_settings import Search


class Tpe(Search):
    """A search by the tree-structured Parzen estimator."""

    startup: int = Field(10, ge=1, description="trials at random, before the first that is told by others")

    @model_validator(mode="after")
    def _ends(self) -> "Tpe":
        self.needs_an_end()
        return self
