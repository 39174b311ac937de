"""A project's own stages from its table to its predictions, run in memory: inputs are read, and nothing is written."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from regrow import RegrowError
from regrow.artifacts import type_of
from regrow.artifacts.model_types import trusting
from regrow.compile.dvc_yaml import path_of
from regrow.compile.pipeline import Pipeline
from regrow.plugin.project import open_project
from regrow.settings.compose import stage_settings
from regrow.stage.outputs import handler
from regrow.stage.run_stage import call
from regrow_experiment import suited

if TYPE_CHECKING:
    from regrow.plugin.declare import Stage

TABLE, SPLIT, PREDICTIONS = "table", "split", "predictions"
LISTS = ("features.derive", "features.steps")


class InMemory:
    """The project that one stands in, loaded once."""

    def __init__(self) -> None:
        self.pipeline = Pipeline.load(open_project())
        self.settings = self.pipeline.settings
        self._read: dict[str, Any] = {}

    def read(self, name: str) -> Any:
        """An artifact as it lies in the project, None where it is not there; a source as its path."""
        if name not in self._read:
            project = self.pipeline.project
            artifact = self.pipeline.artifacts.get(name)
            path = project.path(path_of(artifact) if artifact else project.sources[name])
            there = path.exists() and artifact
            self._read[name] = (
                handler(type_of(artifact)).read(path) if there and artifact else path if not artifact else None
            )
        return self._read[name]

    def table(self) -> pd.DataFrame:
        """The project's table. Raises RegrowError where it was not made yet."""
        table = self.read(TABLE)
        if table is None:
            raise RegrowError("the project has no table yet", where=TABLE, fix="make it: regrow run")
        return pd.DataFrame(table)

    def predictions(self, table: pd.DataFrame, split: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
        """What the stages that lead from the table to the predictions make of another table and split."""
        have: dict[str, Any] = {TABLE: table, SPLIT: split}
        with trusting(self.pipeline.plugins.model_types):
            for stage in self._between():
                checked = stage_settings(stage, dict(settings), self.pipeline.plugins.components)
                given = {name: have[name] if name in have else self.read(name) for name in stage.inputs}
                inputs = stage.gather(given.__getitem__)
                have |= call(stage, inputs, checked, {"n_jobs": 1})
        return pd.DataFrame(have[PREDICTIONS])

    def _between(self) -> list["Stage"]:
        """In their order: what predictions need, and is made of the table; the split is given."""
        makers = {made.name: stage for stage in self.pipeline.stages for made in stage.makes}
        if PREDICTIONS not in makers:
            raise RegrowError(
                "no stage makes predictions", where="canary", fix="use the plugin experiment, or its like"
            )
        wanted, todo = set(), [makers[PREDICTIONS]]
        while todo:
            stage = todo.pop()
            wanted.add(stage.name)
            todo += [makers[name] for name in stage.inputs if name in makers and name not in (TABLE, SPLIT)]
        reached, changed = [], {TABLE, SPLIT}
        for stage in self.pipeline.stages:
            if stage.name in wanted and changed & {*stage.inputs} and stage.kind != "data":
                reached.append(stage)
                changed |= {made.name for made in stage.makes}
        return reached

    def steps(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Dotted key of a step -> the settings without it; steps: auto are those that suit the model."""
        features = dict(self.settings.get("features") or {})
        if features.get("steps") == suited.AUTO:
            features["steps"] = self.suiting()
        for key in LISTS:
            name = key.rpartition(".")[2]
            for step in features.get(name) or {}:
                left = {other: use for other, use in features[name].items() if other != step}
                yield f"{key}.{step}", {**self.settings, "features": {**features, name: left}}

    def suiting(self) -> dict[str, Any]:
        """The steps that `features.steps: auto` stands for."""
        name = str(self.settings["model"]["use"])
        component = self.pipeline.plugins.components.get(("estimator", name))
        return suited.steps(name, component.tags if component else ())
