"""The text of dvc.lock as DVC writes it; and writing it stage by stage without reading all of it again each time."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

SCHEMA, HEAD = "schema: '2.0'\n", "stages:\n"
ENTRY = re.compile(r"(?m)^  (?=[^ \n])(.*)$")
NAME = re.compile(r"[\w.@-]+:", re.ASCII)
OUTER = re.compile(r"(?m)^[^ \n]")
HASHED = re.compile(r"(?m)^(      md5: )\S+(\n      size: )\d+$")
PLAIN = re.compile(r"[0-9a-f]*[abcdf][0-9a-f]*(\.dir)?", re.ASCII)  # digits alone, or with an e, are a number to YAML


def text(document: Any) -> str:
    """The document in DVC's own form of YAML."""
    from dvc.utils.serialize import dumps_yaml

    return str(dumps_yaml(document))


def block(name: str, entry: Any) -> str:
    """What `text` writes of one stage."""
    return text({"stages": {name: entry}}).removeprefix(HEAD)


def rehashed(lines: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> str | None:
    """The lines that `block` writes of `after`, from those of `before`; None if more than hashes and sizes differ."""
    (_, was), (items, rest) = _parted(before), _parted(after)
    plain = all(PLAIN.fullmatch(str(item.get("md5"))) for item in items)
    if was != rest or not plain or len(HASHED.findall(lines)) != len(items):
        return None
    following = iter(items)

    def other(found: re.Match[str]) -> str:
        item = next(following)
        return f"{found[1]}{item['md5']}{found[2]}{item['size']}"

    return HASHED.sub(other, lines)


def _parted(entry: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], str]:
    """What a stage stands on and makes, in its order; and all that is said besides hashes and sizes, as text."""
    items = {section: list(entry.get(section, ())) for section in ("deps", "outs")}
    bare = {
        section: [{**item, "md5": "", "size": type(item.get("size")).__name__} for item in found]
        for section, found in items.items()
    }
    return [*items["deps"], *items["outs"]], json.dumps({**entry, **bare}, default=str)


def replaced(whole: str, name: str, lines: str) -> str | None:
    """A dvc.lock's text with other lines for a stage, at the end if it had none; None if it is of another form."""
    head, found, stages = whole.partition(HEAD)
    starts = [*ENTRY.finditer(stages)]
    plain = all(NAME.fullmatch(one[1]) for one in [*starts, *ENTRY.finditer(lines)]) and not OUTER.search(stages)
    if not found or head != SCHEMA or not starts or starts[0].start() or not plain:
        return None
    ends = [*(one.start() for one in starts[1:]), len(stages)]
    places = {one[1].removesuffix(":"): (one.start(), end) for one, end in zip(starts, ends, strict=True)}
    begin, end = places.get(name, (len(stages), len(stages)))
    return f"{head}{HEAD}{stages[:begin]}{lines}{stages[end:]}"


@contextmanager
def by_stage() -> Iterator[None]:
    """Inside, DVC in this process replaces a stage's lines in dvc.lock, where it would parse and write all of them.

    The first time it does as ever, which puts the whole file in its form; so does it again when somebody else has
    written the file meanwhile. The bytes are the same, and a hundred stages no longer cost a hundred times a hundred.
    """
    from dvc.dvcfile import Lockfile

    plain, known = Lockfile.dump_stages, dict[str, str]()

    def dump(self: Any, stages: Any, **options: Any) -> None:
        if not (self.path in known and len(stages) == 1 and _dump(self, stages[0], known, options)):
            plain(self, stages, **options)
            known[self.path] = _read(self)

    Lockfile.dump_stages = dump
    try:
        yield
    finally:
        Lockfile.dump_stages = plain


def _dump(file: Any, stage: Any, known: dict[str, str], options: dict[str, Any]) -> bool:
    """Whether that could be done for this stage."""
    from dvc.dvcfile import logger
    from dvc.stage import serialize
    from dvc.utils.serialize._common import _dump_data

    before = _read(file)
    lines = block(stage.name, serialize.to_lockfile(stage, **options)[stage.name])
    after = replaced(before, stage.name, lines) if before == known[file.path] else None
    if after is None:
        return False
    if after != before:
        logger.info("Updating lock file '%s'", file.relpath)
    _dump_data(file.path, after, lambda whole, stream: stream.write(whole), fs=file.repo.fs)
    known[file.path] = after
    if after != before:
        file.repo.scm_context.track_file(file.relpath)
    return True


def _read(file: Any) -> str:
    if not file.repo.fs.exists(file.path):
        return ""
    with file.repo.fs.open(file.path, encoding="utf-8") as stream:
        return str(stream.read())
