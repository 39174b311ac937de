"""In which file and line of conf/ a setting stands, for messages."""

from typing import Any

from regrow import layout
from regrow.base.yaml_files import look_up
from regrow.plugin.project import Project


def of(project: Project, settings: dict[str, Any], key: str) -> str:
    """Where it stands: "conf/model/linear.yaml:3 model.C", or params.yaml's key where an override set it. Never fails.

    It only helps a message.
    """
    from regrow.tools import hydra

    found = hydra.where_set(project.root, key) if key else None
    if found is None:
        return f"{layout.PARAMS} {key}".strip()
    file, line, value = found
    now = look_up(settings, key)
    if not isinstance(value, dict) and (type(now) is not type(value) or repr(now) != repr(value)):  # nan is not nan
        return f"{layout.PARAMS} {key} (an override; {file}:{line} has {value!r})"
    return f"{file}:{line} {key}"
