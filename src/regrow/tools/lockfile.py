"""The text of dvc.lock as DVC writes it."""

from typing import Any


def text(document: Any) -> str:
    """The document in DVC's own form of YAML."""
    from dvc.utils.serialize import dumps_yaml

    return str(dumps_yaml(document))
