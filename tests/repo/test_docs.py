"""The documentation is true: its commands are run, its output compared, its tables checked against the code."""

import inspect
import json
import re

import click
import pytest
from tests.repo.pages import ROOT, blocks, commands

from regrow.artifacts import TYPES
from regrow.base.errors import Exit
from regrow.cli import COMMANDS, ELSEWHERE, cli
from regrow.environment.variables import FIXED, PORTABLE
from regrow.plugin import spec
from regrow.plugin.declare import STAGE_KINDS
from regrow.plugin.project import KNOWN_KEYS
from regrow.settings.compose import ALLOWED

PAGES = [
    "README.md",
    "CHANGELOG.md",
    *sorted(file.relative_to(ROOT).as_posix() for file in (ROOT / "docs").rglob("*.md")),
]
SHELL = ("console", "sh")
# page -> (whether it needs the generated project, the folder it begins in)
RUN = {
    "README.md": (True, "late-flights"),
    "docs/tour.md": (True, "late-flights"),
    "docs/settings.md": (True, "late-flights"),
    "docs/own-data.md": (False, "."),
    "docs/plugin-guide.md": (True, "."),
    "docs/replay.md": (True, "late-flights"),
    "docs/verify.md": (True, "late-flights"),
    "docs/speed.md": (True, "late-flights"),
}


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def section(page: str, heading: str) -> str:
    """What stands between a heading and the next one of its level or above."""
    level = len(heading) - len(heading.lstrip("#"))
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{level}}} |\Z)", text(page), re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no section {heading}"
    return found[1]


def column(table: str, number: int = 0) -> list[str]:
    """A column of the first Markdown table in a text, without the heading."""
    found = re.search(r"(^\|.*\n)+", table, re.MULTILINE)
    rows = found[0].splitlines() if found else []
    return [row.strip("|").split("|")[number].strip().strip("`") for row in rows[2:]]


@pytest.mark.parametrize(
    ("page", "workspace"), [(page, needs) for page, (needs, _) in RUN.items()], indirect=["workspace"]
)
def test_commands_do_what_the_page_shows(page, workspace):
    workspace.here = workspace.root / RUN[page][1]
    for block in blocks(page):
        if "file" in block.marks:
            workspace.write(block.marks["file"].partition(" from ")[0], block.text)
        elif "edit" in block.marks:
            workspace.edit(page, block)
        elif block.language in SHELL and "not run" not in block.marks:
            workspace.run(page, block)


@pytest.mark.parametrize("page", PAGES)
def test_every_command_shown_is_run_or_says_why_not(page):
    for block in blocks(page):
        if block.language in SHELL:
            reason = block.marks.get("not run", "")
            assert page in RUN or reason, f"{page}:{block.line} shows commands that nothing runs"
            assert not ("not run" in block.marks and len(reason) < 20), f"{page}:{block.line} needs a reason"
            assert commands(block), f"{page}:{block.line} shows no command"


def test_the_guide_shows_the_worked_example_to_the_letter():
    given = [block for block in blocks("docs/plugin-guide.md") if "file" in block.marks]
    assert len(given) == 4
    for block in given:
        source = block.marks["file"].partition(" from ")[2]
        assert block.text == text(source), f"docs/plugin-guide.md:{block.line} is not {source}"


def anchor(heading: str) -> str:
    """What GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text(page), flags=re.DOTALL)):
        if re.match(r"https?:", target):
            continue  # nobody else is asked by a test
        assert not re.match(r"\w+:", target), f"{page}: {target} is neither in this repository nor on the web"
        path, _, place = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), f"{page}: {target}"
        headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE) if place else []
        assert not place or place in [anchor(heading) for heading in headings], f"{page}: {target}"


def test_a_word_has_one_line():
    words = column(text("docs/words.md"))
    assert len(words) == len(set(words)) > 10


def test_the_readme_names_tasks_of_the_makefile():
    tasks = set(re.findall(r"^([a-z]+):.*##", text("Makefile"), re.MULTILINE))
    named = set(re.findall(r"make ([a-z]+)", " ".join(re.findall(r"`make [a-z]+`", text("README.md")))))
    assert {"demo", "test"} <= named <= tasks


def test_every_row_of_what_reruns_is_a_test():
    named = column(section("README.md", "## What reruns when"), 2)
    code = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests/pipeline").glob("test_*.py"))
    assert len(named) == len(set(named)) > 5
    assert [name for name in named if f"def {name}(" not in code] == []


class TestReference:
    """docs/reference.md lists what there is, no more and no less."""

    PAGE = "docs/reference.md"

    def test_commands(self):
        listed = [one.removeprefix("regrow ") for one in column(section(self.PAGE, "## Commands"))]
        assert [name for name in listed if name not in ELSEWHERE] == [*COMMANDS]
        assert sorted(listed) == sorted([*COMMANDS, *ELSEWHERE])

    @pytest.mark.parametrize("name", [*COMMANDS, *ELSEWHERE])
    def test_options(self, name):
        command = cli.get_command(click.Context(cli), name)
        options = [option for one in command.params if isinstance(one, click.Option) for option in one.opts]
        heading = re.search(rf"^### regrow {name}\b.*$", text(self.PAGE), re.MULTILINE)
        assert heading, f"no section for regrow {name}"
        assert column(section(self.PAGE, heading[0])) == options
        arguments = [one.human_readable_name for one in command.params if isinstance(one, click.Argument)]
        assert bool(arguments) == (len(heading[0].split()) > 3), f"arguments of regrow {name}: {arguments}"

    def test_exit_codes(self):
        table = section(self.PAGE, "## Exit codes")
        assert list(zip(column(table), column(table, 1), strict=True)) == [(str(int(code)), code.name) for code in Exit]

    def test_hooks(self):
        hooks = {name: value for name, value in vars(spec).items() if name.startswith("regrow_")}
        signatures = [f"{name}({', '.join(inspect.signature(hook).parameters)})" for name, hook in hooks.items()]
        assert column(section(self.PAGE, "## Hooks")) == signatures

    def test_artifact_types(self):
        table = section(self.PAGE, "## Artifact types")
        assert column(table) == list(TYPES)
        assert column(table, 2) == [f"{kind.folder}/NAME{kind.ending}" for kind in TYPES.values()]
        assert column(table, 3) == ["DVC" if kind.cached else "Git" for kind in TYPES.values()]
        assert column(table, 4) == [kind.section for kind in TYPES.values()]

    def test_keys_of_pyproject(self):
        keys = column(section(self.PAGE, "## pyproject.toml"))
        assert sorted(re.split(r"[.\] ]+", key.removeprefix("[tool.regrow").strip(".] "))[0] for key in keys) == sorted(
            KNOWN_KEYS
        )

    def test_kinds_of_stages(self):
        assert f"Kinds: {', '.join(STAGE_KINDS)}." in section(self.PAGE, "## Declarations")

    def test_settings_under_compute(self):
        table = section(self.PAGE, "## Settings under compute")
        listed = dict(zip(column(table), column(table, 1), strict=True))
        assert listed.pop("compute.n_jobs") == "a number"
        choices = {key: ", ".join(f"`{json.dumps(one)}`".replace('"', "") for one in ALLOWED[key]) for key in ALLOWED}
        assert listed == {f"compute.{key}": choice.strip("`") for key, choice in choices.items()}


class TestReplay:
    """docs/replay.md lists what there is, no more and no less."""

    PAGE = "docs/replay.md"

    def test_variables(self):
        table = section(self.PAGE, "## The environment of a stage")
        listed = dict(zip(column(table), column(table, 1), strict=True))
        assert list(listed) == [*FIXED, *PORTABLE]
        said = {name: value.partition(",")[0] for name, value in listed.items() if name != "NPY_DISABLE_CPU_FEATURES"}
        assert said == {name: value for name, value in (FIXED | PORTABLE).items() if name in said}

    def test_exit_codes(self):
        assert column(section(self.PAGE, "## Exit codes")) == [str(int(code)) for code in Exit]


@pytest.mark.parametrize(
    "page", ["README.md", "docs/replay.md", "template/project/{{cookiecutter.__folder}}/README.md"]
)
def test_it_says_in_one_line_that_replaying_runs_code(page):
    line = "Replaying a commit runs its code: use `regrow inspect` first, and a container for commits you do not trust."
    assert line in text(page).splitlines()


def test_no_path_of_a_machine_is_in_the_docs():
    for page in PAGES:
        assert not re.search(r"(?<![\w.])/(tmp|home|root|Users)/", text(page)), page
