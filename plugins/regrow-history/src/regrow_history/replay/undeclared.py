"""What a replay saw its stages touch undeclared, and what their code asks: what identical here does not prove."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from regrow import layout
from regrow.base.errors import Problem
from regrow.layout import STRICT, WARN
from regrow.record.commit_record import Recorded, StageRecord
from regrow.stage.io.findings import Undeclared
from regrow.verify.unproven import MEND, statements


def asked(recorded: Recorded) -> Iterator[Problem]:
    """What the code of a commit asks of clock, chance and machine, as its fingerprints say."""
    for one in statements(recorded):
        if one.fix == MEND:
            yield Problem(one.wrong, f"stage {one.stage}", one.fix)


def touched(tree: Path, stage: StageRecord) -> Iterable[Problem]:
    """What a stage that has just run below `tree` touched undeclared, from the notes that it left there."""
    if not stage.is_ours:
        return []  # nobody watches a person's own
    folder, _, name = stage.name.rpartition(":")
    try:
        noted = json.loads((tree / folder / layout.IO_NOTES / f"{name}.json").read_text(encoding="utf-8"))
        if noted["mode"] not in {WARN, STRICT}:
            return [Problem("ran without being watched", f"stage {stage.name}", "in conf/: compute.io: warn")]
        if "problems" in noted:
            return [Problem(**one) for one in noted["problems"]]
        found = [Undeclared(**one) for one in noted["findings"]]  # of an elder regrow
        return [Problem(str(one), f"stage {stage.name}, {one.place}", "see: regrow explain --io") for one in found]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # it did not run, as `compile`, or of a regrow that left no notes
