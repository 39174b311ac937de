"""Pages of the documentation: their blocks, and a workspace in which these are carried out, command by command."""

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CUSTOMERS = "id,age,joined,plan,spent,closed_on,outcome\n"


@dataclass
class Block:
    """A fenced block: its language, its lines, the line it begins at, and the HTML comments right above it."""

    language: str
    text: str
    line: int
    marks: dict[str, str] = field(default_factory=dict)


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page. A mark is `<!-- name: value -->` on a line of its own."""
    found: list[Block] = []
    marks: dict[str, str] = {}
    fence: Block | None = None
    for number, line in enumerate((ROOT / page).read_text(encoding="utf-8").splitlines(keepends=True), 1):
        if fence is not None:
            if line.rstrip() == "```":
                found.append(fence)
                fence = None
            else:
                fence.text += line
        elif line.startswith("```"):
            fence, marks = Block(line.strip().removeprefix("```"), "", number, marks), {}
        elif mark := re.fullmatch(r"<!-- ([a-z ]+): (.*) -->\n?", line):
            marks[mark[1]] = mark[2]
        elif line.strip():
            marks = {}
    assert fence is None, f"{page}: a fence is left open"
    return found


def commands(block: Block) -> list[tuple[str, list[str]]]:
    """(command, the output lines shown below it) in a console block; in an sh block every line is a command."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if block.language == "sh" or line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        else:
            assert found, f"line {block.line}: output before any command"
            found[-1][1].append(line)
    return found


def shown(lines: list[str]) -> str:
    """A pattern of shown output. A line `...` is any lines, `...` within a line any text, spaces are any spaces."""
    pattern = ""
    for line in lines:
        words = [re.escape(word).replace(r"\.\.\.", ".*") for word in line.split()]
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        elif words:
            pattern += re.sub(r"(\\ )?\.\*(\\ )?", ".*", r"\ ".join(words)) + "\n"
    return pattern


def plain(output: str) -> str:
    """Output without colours, empty lines, and differences in spacing."""
    output = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output)
    return "".join(f"{' '.join(line.split())}\n" for line in output.splitlines() if line.strip())


@dataclass
class Workspace:
    """A folder with `regrow` (this repository), and a shell that remembers where it is."""

    root: Path
    environment: dict[str, str]
    here: Path

    def run(self, page: str, block: Block) -> None:
        """Run a block's commands; compare what they print and how they end with what is shown."""
        steps = commands(block)
        for number, (command, expected) in enumerate(steps, 1):
            script = f'{command}\ncode=$?\npwd > "$DOCS_HERE"\nexit $code'
            done = subprocess.run(
                ["bash", "-c", script],
                cwd=self.here,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            self.here = Path(Path(self.environment["DOCS_HERE"]).read_text(encoding="utf-8").rstrip("\n"))
            told = f"{page}, block at line {block.line}: $ {command}\n{done.stdout}"
            code = int(block.marks.get("exit", 0)) if number == len(steps) else 0
            assert done.returncode == code, f"exit code {done.returncode}, not {code}\n{told}"
            if expected:
                real = plain(done.stdout)
                assert re.fullmatch(shown(expected), real), "shown:\n" + "\n".join(expected) + f"\nreal:\n{told}"

    def edit(self, page: str, block: Block) -> None:
        """Carry out a diff block: its - lines, which must be there, become its + lines."""
        lines = block.text.splitlines()
        old, new = ("\n".join(line[1:] for line in lines if line[0] == sign) for sign in "-+")
        file = self.here / block.marks["edit"]
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{page}:{block.line}: {old!r} is {text.count(old)} times in {file.name}"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def write(self, name: str, text: str) -> None:
        """A file of the workspace."""
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text, encoding="utf-8")


def customers() -> str:
    """A table with what real ones have: identifiers, dates, missing values, a leak, a target of two texts."""
    lines = [CUSTOMERS.strip()]
    for number in range(600):
        age, month, plan = 18 + number * 37 % 62, number * 5 % 12 + 1, ("basic", "plus", "pro")[number * 7 % 3]
        spent = (number * 61 % 150) + 0.5
        left = spent - age + number * 29 % 40 > 30
        cells = [f"{number:05d}", age, f"2021-{month:02d}-15", plan, "" if number % 17 == 0 else spent]
        lines.append(",".join(map(str, [*cells, "2023-01-01" if left else "", "left" if left else "stayed"])))
    return "\n".join(lines) + "\n"
