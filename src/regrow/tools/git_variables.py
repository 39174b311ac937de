"""The environment without the variables that lead Git to another repository, or to other objects than were named."""

import os
from collections.abc import Mapping

# Hooks set some: of this repository, of another one around it, or of an index that is not the one on disk.
_MOVING = """
DIR WORK_TREE COMMON_DIR INDEX_FILE INDEX_VERSION OBJECT_DIRECTORY ALTERNATE_OBJECT_DIRECTORIES QUARANTINE_PATH
NAMESPACE PREFIX INTERNAL_SUPER_PREFIX IMPLICIT_WORK_TREE ATTR_SOURCE GRAFT_FILE SHALLOW_FILE REPLACE_REF_BASE
DEFAULT_HASH CONFIG CONFIG_PARAMETERS CONFIG_COUNT LITERAL_PATHSPECS GLOB_PATHSPECS NOGLOB_PATHSPECS ICASE_PATHSPECS
EXTERNAL_DIFF DIFF_OPTS
"""
MOVING = frozenset(f"GIT_{name}" for name in _MOVING.split())
HELD = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": os.devnull}
# The index of the commit that is being made, where a hook runs: `git commit -a` and `git commit FILE` have their own.
COMMITTING = os.path.abspath(os.environ["GIT_INDEX_FILE"]) if os.environ.get("GIT_INDEX_FILE") else ""  # noqa: PTH100
_KEY, _VALUE = "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"
HARMLESS = ("user", "author", "committer", "safe", "credential", "http", "url")  # who, and how to get through


def steady(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables, but for those that move the repository or put other objects in place of its own."""
    kept = {k: v for k, v in environment.items() if k not in MOVING and not k.startswith((_KEY, _VALUE))}
    number = environment.get("GIT_CONFIG_COUNT", "")
    pairs = [
        (key, environment.get(f"{_VALUE}{n}", ""))
        for n in range(int(number) if number.isdecimal() and len(number) < 4 else 0)
        if (key := environment.get(f"{_KEY}{n}", "")).partition(".")[0].lower() in HARMLESS
    ]
    for at, (key, value) in enumerate(pairs):
        kept |= {f"{_KEY}{at}": key, f"{_VALUE}{at}": value, "GIT_CONFIG_COUNT": str(at + 1)}
    return kept | HELD


def hold() -> None:
    """Let this process, and all that it starts, have the variables so."""
    if any(name.startswith("GIT_") for name in os.environ):
        wanted = steady(os.environ)
        for name in os.environ.keys() - wanted.keys():
            del os.environ[name]
        os.environ.update(wanted)
    else:
        os.environ.update(HELD)
