"""What of a stage's undeclared touches its record in hashes/ tells: what it stood on, the same in each of its runs."""

import os
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from regrow.stage.io.findings import Undeclared, grouped

LINE = re.compile(r":\d+(?=, in )")  # a comment above moves it, and runs no stage again
RANDOM_NAME = re.compile(r"(?<=tmp)[a-z0-9_]{8}(?=/|$)")  # as tempfile makes them
LASTING_PORTS = 32768  # from here on, the system gives them away as it likes
ANY = "*"


def lasting(findings: Iterable[Undeclared]) -> list[dict[str, str]]:
    """Each as what, target and by, sorted, without what changes by itself from run to run, place to place.

    Files that were only written are no part of it: no result stands on them.
    """
    kept = {_steady(one) for _, one in grouped(sorted(findings)) if one.what != "writes"}
    return [{"what": what, "target": target, "by": place} for what, target, place in sorted(kept)]


def _steady(finding: Undeclared) -> tuple[str, str, str]:
    target, place = finding.target, LINE.sub("", finding.place)
    if finding.what == "starts":
        target = PurePosixPath(target.split(" ")[0]).name  # environments lie elsewhere in a replay
    elif finding.what == "connects":
        host, _, port = target.rpartition(":")
        target = f"{host}:{ANY}" if host and port.isdigit() and int(port) >= LASTING_PORTS else target
    if not finding.inside:
        home = str(Path.home()) if os.environ.get("HOME") else ""
        target = f"~{target.removeprefix(home)}" if home and target.startswith(f"{home}/") else target
        target = RANDOM_NAME.sub(ANY, re.sub(rf"\b{os.getpid()}\b", ANY, target))
    return finding.what, target, place
