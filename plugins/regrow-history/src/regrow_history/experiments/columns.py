"""The settings in params.yaml and dvc.lock of many experiments: what they share is read once."""

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from regrow import layout
from regrow.base.errors import RegrowError
from regrow.base.yaml_files import read_yaml
from regrow.record.metrics import flat

NOT_ALONE = re.compile(r"(?m)[&*]\w|^(---|%|\.\.\.)")  # what makes one part of a YAML file depend on another
MARKS = ("&", "*", "---", "%", "...")  # one of which is then in it, and in few others
RECORDED = re.compile(r"(?m)^    params:\n((?: {6}.*\n)+)")  # the settings that a stage ran with, in dvc.lock
PART = re.compile(r"(?m)^(?=[^\s#-])")
# A key that is a text to every reader, and on the next line the first of those below it.
MAPPING = re.compile(r"(?!(?i:true|false|null):)([A-Za-z_][\w-]*):[ ]*\n( +)(?=[^\s#-])")
# What experiments differ in most often, and YAML, JSON and Python read alike.
NUMBER = re.compile(r"(?!(?i:true|false|null):)([A-Za-z_][\w-]*): (-?(?:0|[1-9]\d{0,14})(?:\.\d{1,17})?)\n?", re.ASCII)


def read_all(texts: Sequence[str]) -> list[dict[str, Any]]:
    """The settings in each text, as dotted keys; {} for one that is no YAML.

    Most share most parts: all different ones are read as one document, once.
    """
    split = {text: _split(text) for text in dict.fromkeys(texts)}
    inner = {part: [*_inner(part)] for part in dict.fromkeys(part for some in split.values() for part in some)}
    parts = list(dict.fromkeys(part for some in inner.values() for _, part in some))
    known = {part: {told[1]: json.loads(told[2])} for part in parts if (told := NUMBER.fullmatch(part))}
    known |= {part: _read(part) for part in parts if not _is_alone(part)}
    together = [part for part in parts if part not in known]
    whole = _read("".join(f"-\n{textwrap.indent(part, '  ')}\n" for part in together))
    read = whole if isinstance(whole, list) and len(whole) == len(together) else map(_read, together)
    known |= dict(zip(together, read, strict=True))
    settings = {
        part: {key: value for above, one in some for key, value in flat(known[one], above).items()}
        for part, some in inner.items()
    }
    return [{key: value for part in split[text] for key, value in settings[part].items()} for text in texts]


def stale(locks: Sequence[str], settings: Sequence[Mapping[str, Any]]) -> list[str]:
    """The settings, with commas, that stages in a text of dvc.lock ran with and that params.yaml has otherwise; "" if
    all are the same."""
    read: dict[str, dict[str, Any]] = {}
    found = []
    for lock, chosen in zip(locks, settings, strict=True):
        odd: dict[str, None] = {}
        grouped = {next(iter(group)).partition(".")[0]: group for group in groups(chosen)}
        for part in RECORDED.findall(lock):
            if part not in read:
                document = _read(textwrap.dedent(part))
                read[part] = (document if isinstance(document, dict) else {}).get(layout.PARAMS) or {}
            for key, value in read[part].items():
                ran = flat(value, key)
                beside = grouped.get(key.partition(".")[0], {})
                now = {one: beside[one] for one in beside if one == key or one.startswith(f"{key}.")}
                odd |= dict.fromkeys(one for one in {*ran, *now} if ran.get(one, odd) != now.get(one, odd))
        found.append(", ".join(sorted(odd)))
    return found


def _is_alone(text: str) -> bool:
    return not any(mark in text for mark in MARKS) or not NOT_ALONE.search(text)


def _split(text: str) -> list[str]:
    parts = PART.split(text) if _is_alone(text) else [text]
    return [part for part in parts if part.strip()]


def _inner(part: str, above: str = "") -> Iterator[tuple[str, str]]:
    """(The keys above, a part of a part): what is below a key, one by one, where it is plainly a mapping."""
    told = MAPPING.match(part)
    lines = part.split("\n")[1:] if told and _is_alone(part) else []
    if not told or not lines or not all(line.startswith(told[2]) or not line for line in lines):
        yield above, part
        return
    below = "\n".join(line.removeprefix(told[2]) for line in lines)
    for one in PART.split(below):
        if one.strip():
            yield from _inner(one, f"{above}.{told[1]}" if above else told[1])


def _read(text: str) -> Any:
    """A YAML document; {} if it is none: one experiment's damage is not the others'."""
    try:
        return read_yaml(text, layout.PARAMS)
    except RegrowError:
        return {}


def groups(settings: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """The same in parts, by what their keys begin with: most experiments share most of these."""
    for _, keys in groupby(settings, lambda key: key.partition(".")[0]):
        yield {key: settings[key] for key in keys}
