"""Keep an experiment's overrides as a file: conf/experiment/<name>.yaml, Hydra's experiment pattern."""

import re
from typing import Any

from regrow import layout
from regrow.base.atomic import write_text
from regrow.base.errors import RegrowError
from regrow.base.safe_path import safe_join
from regrow.base.yaml_files import ABSENT, read_settings, read_yaml
from regrow.compile.pipeline import Pipeline
from regrow.plugin.components import nearest
from regrow.plugin.project import Project
from regrow.settings import overrides
from regrow.settings.compose import Settings, compose, normal
from regrow.tools import git, hydra

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")


def adopt(project: Project, experiment: str | None, name: str | None = None) -> tuple[str, list[str]]:
    """Write what an experiment says beyond conf/ to conf/experiment/; returns (the file, the overrides it holds).

    experiment: a DVC experiment or commit; by default the settings in params.yaml, as `dvc exp apply` leaves them.
    name: the file's; by default the experiment's. Raises RegrowError if there is nothing to keep, the file is there
    already with another text, or the file would not give the experiment's settings again.
    """
    pipeline = Pipeline.load(project)
    project = pipeline.project
    settings = _of_experiment(project, experiment) if experiment else _applied(project)
    name = name or experiment or ""
    if not NAME.fullmatch(name):
        raise RegrowError(
            f"{name!r} is no name for a file" if name else "the file needs a name",
            fix="give one: regrow adopt [EXP] --name NAME (letters, digits, - and _)",
        )
    base = pipeline.base
    if not overrides.differences(base, settings):
        raise RegrowError("conf/ says all this already; there is nothing to keep", where=experiment or layout.PARAMS)
    groups, chosen = overrides.choices(project, base, settings)
    file = f"{layout.EXPERIMENTS}/{name}.yaml"
    text = _text(name, groups, overrides.differences(chosen, settings))
    path = safe_join(project.root, file, f"experiment {name}")
    if path.exists() and path.read_text(encoding="utf-8") != text:
        raise RegrowError(
            "is there already, with other settings", where=file, fix="choose another: regrow adopt --name NAME"
        )
    new = not path.exists()
    write_text(path, text)
    left = overrides.differences(compose(project, [f"experiment={name}"]), settings)
    if left:
        if new:
            path.unlink()
        lines = "\n".join(overrides.told(left))
        raise RegrowError(
            f"a settings file can't say all of this experiment:\n{lines}", where=file, fix="edit conf/ by hand"
        )
    return file, [*(f"{group}={option}" for group, option in groups.items()), *overrides.as_overrides(chosen, settings)]


def _applied(project: Project) -> Settings:
    return normal(read_settings(project.path(layout.PARAMS), layout.PARAMS), project.steps)


def _of_experiment(project: Project, experiment: str) -> Settings:
    known = git.experiments(project.root)
    commit = known.get(experiment) or git.resolve(project.root, experiment)
    text = git.show(project.root, commit, layout.PARAMS) if commit else None
    if text is None:
        hint = nearest(experiment, sorted(known))
        raise RegrowError(
            f"no experiment or commit with a {layout.PARAMS} is called {experiment!r}; experiments: {hint}"
        )
    return normal(read_yaml(text, f"{layout.PARAMS} of {experiment}"), project.steps)


def _text(name: str, groups: dict[str, str], changes: dict[str, tuple[Any, Any]]) -> str:
    content: dict[str, Any] = {}
    for key, (_, value) in changes.items():
        *above, last = key.split(".")
        node = content
        for part in above:
            node = node.setdefault(part, {})
        node[last] = None if value is ABSENT else value  # null takes a component out
    head = f"# @package _global_\n# Adopted from an experiment; use it: dvc exp run -S experiment={name}\n"
    if groups:
        head += "defaults:\n" + "".join(f"  - override /{group}: {option}\n" for group, option in groups.items())
    return head + (hydra.to_yaml(content) if content else "")


def make_default(project: Project, name: str) -> None:
    """Let conf/config.yaml choose the experiment, so that `dvc repro` runs it.

    Raises RegrowError where it has no such line.
    """
    file = f"{layout.CONF}/{layout.CONFIG_NAME}.yaml"
    path = project.path(file)
    text = path.read_text(encoding="utf-8")
    changed, count = re.subn(r"(?m)^(\s*-\s*experiment\s*:)[^#\n]*?(\s*)(?=#|$)", rf"\1 {name}\2", text)
    if count != 1:
        raise RegrowError(
            "its defaults have no line `- experiment: ...` to change", where=file, fix=f"add `- experiment: {name}`"
        )
    write_text(path, "".join(f"{line.rstrip()}\n" for line in changed.splitlines()))
