"""YAML that means one thing.

What Hydra (YAML 1.1, its own floats), DVC (YAML 1.2) and we read must be the same value.
"""

import re
from collections.abc import Iterable
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from regrow import layout
from regrow.base.errors import Problem, RegrowError

# What YAML 1.1 takes for a truth value, a base-8 or base-60 number, and YAML 1.2 for text (or the reverse).
_TRUTH = re.compile(r"(yes|no|on|off)", re.IGNORECASE)
_NUMBER = re.compile(
    r"[-+]?0[0-9_]+(\.[0-9_]*)?"  # 010 is eight to Hydra and ten to DVC
    r"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"  # 12:30:00 is 45000 to Hydra
    r"|[-+]?0o[0-7]+|[-+]?0b[01_]+"
    r"|[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?"  # 1_000
)
# Lines that are the same to every reader, whatever stands above and below them; most settings are nothing else.
_WORD = r"(?!(?i:y|n|yes|no|on|off|true|false|null|nan|inf)\b)[A-Za-z_][\w./-]*"
_VALUE = rf"(?:-?(?:0|[1-9]\d{{0,14}})(?:\.\d{{1,16}})?(?:e[-+]\d{{1,3}})?|true|false|null|''|\[\]|\{{\}}|{_WORD})"
_ALIKE = re.compile(rf"(?: *(?:(?:- )*{_WORD}:(?: {_VALUE})?|(?:- )+{_VALUE})\n)*", re.ASCII)


def alike(text: str) -> bool:
    """Whether it is plain to see that every reader takes a text for the same; of what it denies, most is so, too."""
    return _ALIKE.fullmatch(text) is not None


def ambiguous(file: Path, name: str) -> list[Problem]:
    """The plain scalars (keys and values) of a YAML file that mean different things to different readers, by line.

    Also a file that is no YAML at all, with the line where it stops being it. `name` is how messages call the file.
    """
    import yaml

    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        return [Problem(f"is not valid YAML: {getattr(error, 'problem', None) or error}", f"{name}{line}")]
    if root is not None and _refers_to_itself(root):
        return [Problem("is no YAML that can be read to its end: it refers to itself", f"{name}:1")]
    return [
        Problem(
            f"{node.value!r} means different things to different YAML readers",
            f"{name}:{node.start_mark.line + 1}",
            f'write "{node.value}" for text, or true, false or a plain number',
        )
        for node in _scalars(root)
        if node.style is None and (_TRUTH.fullmatch(node.value) or _NUMBER.fullmatch(node.value))
    ]


def _children(node: Any) -> list[Any]:
    from yaml.nodes import MappingNode, SequenceNode

    if isinstance(node, MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, SequenceNode) else []


def _scalars(root: Any) -> Iterable[Any]:
    """Every scalar once, in order; an alias may lead to one many times."""
    from yaml.nodes import ScalarNode

    todo, seen = [root], set[int]()
    while todo:
        node = todo.pop()
        if id(node) not in seen:
            seen.add(id(node))
            if isinstance(node, ScalarNode):
                yield node
            todo += reversed(_children(node))


def _refers_to_itself(root: Any) -> bool:
    nodes: dict[int, list[int]] = {}
    todo = [root]
    while todo:
        node = todo.pop()
        if id(node) not in nodes:
            children = _children(node)
            nodes[id(node)] = [id(child) for child in children]
            todo += children
    try:
        TopologicalSorter(nodes).prepare()
    except CycleError:
        return True
    return False


def read_text(file: Path, name: str) -> str:
    """A file's text. Raises RegrowError if it is no UTF-8."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RegrowError(f"is not text in UTF-8: {error.reason}", where=name, fix="save it as UTF-8") from None


MEND = {
    layout.PARAMS: f"delete it, then: regrow compile (writes it anew from {layout.CONF}/)",
    layout.DVC_YAML: "mend it; or delete it, then: regrow compile (stages of your own are then gone)",
    layout.DVC_LOCK: "take one side of it (git checkout --ours or --theirs dvc.lock), then: dvc repro",
}


def read_yaml(text: str, name: str) -> Any:
    """The document as DVC reads it (YAML 1.2). Raises RegrowError with the line if it is none."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe").load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        told = "holds the marks of a merge conflict" if re.search(r"(?m)^(<{7}|>{7})", text) else "is not valid YAML"
        wrong = f"{told}: {getattr(error, 'problem', None) or error}"
        raise RegrowError(wrong, where=f"{name}{line}", fix=MEND.get(name, "mend it")) from None


def read_settings(file: Path, name: str) -> dict[str, Any]:
    """params.yaml as a plain dict.

    Raises RegrowError if it is missing, no mapping, or read differently by Hydra and DVC.
    """
    if not file.is_file():
        raise RegrowError("is missing", where=name, fix="run: regrow compile")
    text = read_text(file, name)
    settings = read_yaml(text, name)
    if not isinstance(settings, dict):
        raise RegrowError("must be a mapping of settings", where=name, fix="run: regrow compile")
    if not alike(text) and (differing := _differing(text, settings, name)):
        raise RegrowError.of(differing)
    return settings


def _differing(text: str, settings: dict[str, Any], name: str) -> list[Problem]:
    """What Hydra reads otherwise in a text that DVC has read."""
    from omegaconf import OmegaConf

    return [
        Problem(f"DVC reads {ours!r} here, and Hydra {hydras!r}", f"{name} {key}", "quote it, or write it plainly")
        for key, (ours, hydras) in pairs(settings, OmegaConf.to_container(OmegaConf.create(text))).items()
        if type(ours) is not type(hydras) or (ours != hydras and not (ours != ours and hydras != hydras))
    ]


ABSENT = object()


def pairs(left: Any, right: Any, prefix: str = "") -> dict[str, tuple[Any, Any]]:
    """Dotted key -> (left value, right value) of all leaves of two nested mappings.

    ABSENT stands for what one lacks.
    """
    found: dict[str, tuple[Any, Any]] = {}
    left_keys = left if isinstance(left, dict) else {}
    right_keys = right if isinstance(right, dict) else {}
    for key in (*left_keys, *(key for key in right_keys if key not in left_keys)):
        one, two = left_keys.get(key, ABSENT), right_keys.get(key, ABSENT)
        dotted = f"{prefix}{key}"
        if (isinstance(one, dict) and one) or (isinstance(two, dict) and two):
            if (not isinstance(one, dict) and one is not ABSENT) or (not isinstance(two, dict) and two is not ABSENT):
                found[dotted] = (one, two)
            else:
                found |= pairs(one, two, f"{dotted}.")
        else:
            found[dotted] = (one, two)
    return found


def look_up(settings: Any, key: str) -> Any:
    """The value at a dotted key, or ABSENT."""
    for part in key.split("."):
        if not isinstance(settings, dict) or part not in settings:
            return ABSENT
        settings = settings[part]
    return settings


def blocks(text: str, key: str, name: str) -> tuple[str, dict[str, tuple[Any, str]], str, int]:
    """Cut a YAML text around the mapping at `key`: (text before, child -> (value, its lines), text after, indent).

    A child's lines begin with the comments right above it, so that both stay together. Raises RegrowError if the text
    is not YAML, or if that mapping is written in braces and can't be cut by lines.
    """
    import yaml

    document = read_yaml(text, name) or {}
    lines = text.splitlines(keepends=True)
    if not isinstance(document, dict):
        raise RegrowError("must be a mapping", where=name)
    if not document.get(key):
        kept = [line for line in lines if not re.match(rf"{key}\s*:", line)]
        return "".join(kept), {}, "", 2
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    position = next(i for i, (k, _) in enumerate(root.value) if k.value == key)
    key_node, mapping = root.value[position]
    if not isinstance(document[key], dict) or mapping.flow_style:
        fix = f"write {key}: as lines, one entry below the other"
        raise RegrowError(
            f"{key} is no mapping, or is written in braces", where=f"{name}:{key_node.start_mark.line + 1}", fix=fix
        )
    end = root.value[position + 1][0].start_mark.line if position + 1 < len(root.value) else len(lines)
    end = _above(lines, end) if end < len(lines) else end
    starts = [_above(lines, child.start_mark.line) for child, _ in mapping.value]
    cut: dict[str, tuple[Any, str]] = {}
    for (child, _), start, stop in zip(mapping.value, starts, [*starts[1:], end], strict=True):
        block = "".join(lines[start:stop])
        cut[child.value] = (document[key][child.value], block if block.endswith("\n") else f"{block}\n")
    return "".join(lines[: key_node.start_mark.line]), cut, "".join(lines[end:]), mapping.value[0][0].start_mark.column


def _above(lines: list[str], line: int) -> int:
    """The first of the comment lines that stand right above a line."""
    while line > 0 and lines[line - 1].lstrip().startswith("#"):
        line -= 1
    return line
