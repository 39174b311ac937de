"""One project, loaded once and handed on: its plugins, its settings, its stages in order, where artifacts lie."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from regrow.compile import dvc_yaml
from regrow.fingerprint.code.lookup import Code
from regrow.fingerprint.fingerprint import code_of
from regrow.plugin.declare import Artifact, Stage
from regrow.plugin.manager import Plugins, load_plugins
from regrow.plugin.project import Project
from regrow.settings import in_force
from regrow.settings.compose import Settings, compose
from regrow.settings.removable import step_keys


@dataclass(frozen=True)
class Pipeline:
    """What a command works on. What is read of files is read when it is first asked for, and stays as it was then."""

    #: the project, knowing its mappings of components
    project: Project
    #: the plugins that it names, sound ones all
    plugins: Plugins

    @classmethod
    def load(cls, project: Project) -> "Pipeline":
        """Raises RegrowError if a plugin is broken."""
        plugins = load_plugins(project)
        plugins.require_sound()
        return cls(replace(project, steps=step_keys(plugins.stages.values())), plugins)

    @cached_property
    def base(self) -> Settings:
        """What conf/ says. Raises RegrowError for settings that can't be composed."""
        return compose(self.project)

    @cached_property
    def kept(self) -> Settings | None:
        """What params.yaml says, where it holds an experiment's settings; None where conf/ decides."""
        return in_force.kept_settings(self.project)

    @property
    def settings(self) -> Settings:
        """Those in force."""
        return self.base if self.kept is None else self.kept

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """In an order in which they can run. Raises RegrowError for a need that nobody makes, and for a circle."""
        return tuple(dvc_yaml.ordered(self.plugins.stages, self.project.sources, self.plugins.types))

    @cached_property
    def artifacts(self) -> Mapping[str, Artifact]:
        """Every artifact by name."""
        return dvc_yaml.artifacts_of(self.plugins.stages)

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """Where each artifact and source lies in the project."""
        return {**self.project.sources, **{name: dvc_yaml.path_of(one) for name, one in self.artifacts.items()}}

    @cached_property
    def lock(self) -> Mapping[str, Any]:
        """The stages of dvc.lock, {} where there is none."""
        return in_force.read_dvc_lock(self.project)

    @cached_property
    def code(self) -> Code:
        """The code of project and plugins, each module read once."""
        return code_of(self.plugins)
