"""A replay told to those who were not there: JSON, a Markdown table for a pull request, two badges. No network."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from regrow.base.atomic import write_text
from regrow.base.errors import Exit, RegrowError
from regrow.base.safe_text import clean, dumps
from regrow_history.replay.replay import Compared, Replay, as_json

JSON, MARKDOWN, SVG, ENDPOINT = "replay.json", "replay.md", "badge.svg", "badge.json"
LABEL = "replay"
MOST_ROWS, MOST_TOLD = 300, 400  # GitHub shows no summary of more than 1 MiB
GREEN, AMBER, RED, GREY = "2e7d32", "b45309", "c62828", "616161"  # white text can be read on each
WORDS = {
    Exit.FAILURE: ("failed", RED),
    Exit.DATA_MISSING: ("data missing", GREY),
    Exit.ENVIRONMENT: ("environment differs", AMBER),
    Exit.UNSAFE: ("refused", RED),
    Exit.BUSY: ("busy", GREY),
    Exit.NOT_PROVEN: ("identical here, not proven elsewhere", AMBER),
}
MARKUP = re.compile(r"([\\`*_\[\]<>|~#&])")
BADGE = """\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{label}: {message}">
<title>{label}: {message}</title>
<rect width="{width}" height="20" rx="3" fill="#{colour}"/>
<path d="M3 0h{left_end}v20h-{left_end}a3 3 0 0 1-3-3v-14a3 3 0 0 1 3-3z" fill="#444"/>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="6" y="14" textLength="{left_text}">{label}</text>
<text x="{right_start}" y="14" textLength="{right_text}">{message}</text>
</g>
</svg>
"""


def write(folder: Path, result: Replay) -> None:
    """Write the four files below `folder`, which is made if need be. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    message, colour = verdict(result)
    endpoint = {"schemaVersion": 1, "label": LABEL, "message": message, "color": colour}
    write_text(folder / JSON, dumps(as_json(result)) + "\n")
    write_text(folder / MARKDOWN, markdown(result))
    write_text(folder / SVG, badge(LABEL, message, colour))
    write_text(folder / ENDPOINT, dumps(endpoint) + "\n")


def not_replayed(revision: str, error: RegrowError) -> Replay:
    """What there is to tell of a commit that could not be replayed at all."""
    return Replay(revision, problems=list(error.problems), failed=error.code)


def verdict(result: Replay) -> tuple[str, str]:
    """A few words for a badge, and their colour."""
    identical, total = sum(row.identical for row in result.rows), result.total
    if result.code in WORDS:
        return WORDS[result.code]
    if result.code is Exit.MISMATCH and identical == total:
        return "record is not sound", RED
    colour = {Exit.OK: GREEN, Exit.EQUIVALENT: AMBER}.get(result.code, RED)
    return f"{identical} of {total} {'identical' if result.code is not Exit.EQUIVALENT else 'equal, rest near'}", colour


def markdown(result: Replay) -> str:
    """A heading, what differs and why, and a table of all outputs, those that differ first."""
    lines = [f"### Replay of {_text(result.commit[:10])}: {verdict(result)[0]}", ""]
    if result.environment:
        lines += [f"Environment: {_text(result.environment)}. Stages: {sum(result.seconds.values()):.1f} s.", ""]
    lines += [f"- {_text(problem)}" for problem in (*result.problems, *result.unproven)]
    lines += [line for row in result.rows if not row.identical for line in _told(row)]
    lines += [f"- {_text(note)}" for note in result.notes]
    rows = sorted(result.rows, key=lambda row: row.identical)
    if rows:
        lines += ["", "| stage | output | recorded | replayed | identical |", "| --- | --- | --- | --- | --- |"]
    lines += [_row(row) for row in rows[:MOST_ROWS]]
    if len(rows) > MOST_ROWS:
        lines += ["", f"... and {len(rows) - MOST_ROWS} more: {JSON} has all."]
    return "\n".join(lines).replace("\n\n\n", "\n\n") + "\n"


def _told(row: Compared) -> Iterator[str]:
    yield f"- {_text(row.path)}: {_text(row.difference)}"
    if row.cause:
        yield f"  - likely cause: {_text(row.cause)}"


def _row(row: Compared) -> str:
    same = "yes" if row.identical else "equivalent" if row.equivalent else "**NO**"
    cells = [_text(cell) for cell in (row.stage, row.path, row.recorded[:12], row.replayed[:12] or "-")]
    return f"| {' | '.join([*cells, same])} |"


def _text(value: object) -> str:
    """What a commit brings along, as text that is no markup: it may come from a stranger's pull request."""
    return MARKUP.sub(r"\\\1", clean(value, MOST_TOLD))


def badge(label: str, message: str, colour: str) -> str:
    """An SVG of two fields. The widths of the text are set, so no font is needed to know them."""
    left, right = (round(6.5 * len(text)) for text in (label, message))
    return BADGE.format(
        label=escape(label), message=escape(message), colour=colour, width=left + right + 24, left_end=left + 9,
        left_text=left, right_start=left + 18, right_text=right,
    )  # fmt: skip
