"""The lines of docs/govern.md, as somebody types them."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path

import governed

ROOT = Path(__file__).resolve().parents[3]


def lines(number: int) -> list[str]:
    """The commands of a block of the page."""
    text = (ROOT / "docs/govern.md").read_text(encoding="utf-8")
    block = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[number]
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def typed(project: governed.Governed, line: str) -> str:
    """Run it; the key in somebody's home is that of who has the role."""
    who = {"data-scientist": "ann", "risk-manager": "rob"}
    role = re.search(r"--as (\S+)", line)
    key = project.key(who[role[1]]) if role else ""
    here = line.replace("~/.ssh/id_ed25519", key).replace("regrow replay HEAD", "regrow replay HEAD --env current")
    return project.run("bash", "-c", here)


def on_a_terminal(project: governed.Governed, *command: str, columns: int) -> str:
    """What somebody sees who looks: where nobody does, tables are as wide as they like."""
    reader, writer = pty.openpty()
    try:
        fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        environment = project.environment | {"TERM": "xterm", "NO_COLOR": "1"}
        subprocess.run(command, cwd=project.root, env=environment, check=True, stdout=writer)
    finally:
        os.close(writer)
    with os.fdopen(reader, "rb") as screen:
        return screen.read1(1 << 16).decode("utf-8")


def test_from_a_run_to_a_promotion(project):
    project.run("git", "rm", "-r", "-q", "governance")
    project.commit("nobody answers for it yet")
    for line in lines(0)[:-1]:
        typed(project, line)
    governed.name_people(project)
    governed.answer(project)
    assert "tier 2" in typed(project, lines(0)[-1])
    for line in [*lines(1), *lines(2)]:
        said = typed(project, line)
    assert "trained" in said
    seen = re.sub(r"\x1b\[[0-9;]*m", "", on_a_terminal(project, "regrow", "registry", columns=80))
    assert "risk-manager rob" in " ".join(seen.split())
    assert max(map(len, seen.splitlines())) <= 80


def test_each_role_has_a_section_of_the_page():
    from regrow_govern.roles import ROLE_NAMES

    text = (ROOT / "docs/roles.md").read_text(encoding="utf-8")
    titles = [title.lower().replace(" ", "-") for title in re.findall(r"^## (.*)$", text, re.MULTILINE)]
    assert sorted(titles) == sorted(ROLE_NAMES)
