"""What a commit's own record says that no commit can prove: what a stage touched undeclared, and what its code asks."""

import json
import posixpath
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from regrow import layout
from regrow.base.errors import RegrowError
from regrow.base.yaml_files import look_up, read_yaml
from regrow.fingerprint.code.asks import SAYS
from regrow.record.commit_record import Recorded
from regrow.stage.io.findings import Undeclared as Touched
from regrow.tools import git
from regrow.verify.findings import DECLARED, Discrepancy, Level

DECLARE = "declare it, and run again: regrow explain --io shows what to write once it has run"
MEND = "regrow compile names the lines, and what to write"
UNWATCHED = "is none: nobody watched what its stages touched; a replay does"


class Statement(NamedTuple):
    """file: of the commit, that says it."""

    stage: str
    file: str
    wrong: str
    fix: str


def check(recorded: Recorded) -> Iterator[Discrepancy]:
    """The statements as findings; a note where nobody watched."""
    for one in statements(recorded):
        yield Discrepancy(Level.UNPROVEN, one.file, f"stage {one.stage}", one.wrong, fix=one.fix, kind=DECLARED)
    try:
        settings = read_yaml(recorded.text(layout.PARAMS) or "", layout.PARAMS)
    except RegrowError:
        return  # told elsewhere
    if look_up(settings, f"{layout.COMPUTE}.io") == "none":
        yield Discrepancy(Level.NOTE, layout.PARAMS, f"{layout.COMPUTE}.io", UNWATCHED)


def statements(recorded: Recorded) -> Iterator[Statement]:
    """What regrow's stages say of themselves in fingerprints/ and hashes/, in the order they run in."""
    stages = [stage.name for stage in recorded.stages if stage.is_ours]
    texts = _texts(
        recorded, [path for stage in stages for path in (_at(stage, layout.fingerprint), _at(stage, layout.hashes))]
    )
    for stage in stages:
        code, hashes = _at(stage, layout.fingerprint), _at(stage, layout.hashes)
        yield from (Statement(stage, code, wrong, MEND) for wrong in _asked(texts.get(code, "")))
        yield from (Statement(stage, hashes, wrong, DECLARE) for wrong in _touched(texts.get(hashes, "")))


def _at(stage: str, path_of: Callable[[str], str]) -> str:
    folder, _, name = stage.rpartition(":")
    return posixpath.join(folder, path_of(name))


def _texts(recorded: Recorded, paths: Iterable[str]) -> dict[str, str]:
    objects = {path: recorded.files[path][1] for path in paths if path in recorded.files}
    found = git.blobs(recorded.root, {name: path for path, name in objects.items()})
    return {path: found.get(one, b"").decode("utf-8", "replace") for path, one in objects.items()}


def _asked(text: str) -> Iterator[str]:
    """Of a fingerprint."""
    for words in (line.split(" ") for line in text.splitlines() if line.startswith("asks ")):
        if len(words) == 4 and words[3] in SAYS:
            yield f"{SAYS[words[3]].format(words[2])}; in {words[1]}"


def _touched(text: str) -> Iterator[str]:
    """Of a record in hashes/."""
    try:
        listed = json.loads(text or "{}").get("undeclared", [])
        for one in listed:
            yield f"{Touched(str(one['what']), str(one['target']), str(one['by']), False)} ({one['by']})"
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # told where its hashes are read
