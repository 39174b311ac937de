"""Whether a file of DVC's has the form that DVC itself asks of it."""

from typing import Any


def problem(path: str, document: Any) -> str:
    """What DVC would say against a parsed dvc.lock, dvc.yaml or .dvc file, "" if nothing."""
    from dvc import schema
    from voluptuous import Invalid

    forms = {"dvc.lock": schema.COMPILED_LOCKFILE_SCHEMA, "dvc.yaml": schema.COMPILED_MULTI_STAGE_SCHEMA}
    form = forms.get(path.rpartition("/")[2], schema.COMPILED_SINGLE_STAGE_SCHEMA)
    try:
        form(document)
    except Invalid as error:
        return str(error)
    return ""
