"""Fingerprints are held against the code that the commit itself holds, in src/ and in the wheels of vendor/."""

import json
import re
import shlex
import sys

import pytest

from regrow.base.errors import Exit
from regrow.verify.check import verify
from regrow.verify.findings import CODE, Discrepancy, Level, by_package


def of_code(report) -> set[tuple[str, str]]:
    """(level, path) of what is found about code."""
    return {(str(one.level), one.path) for one in report.findings if one.kind == CODE}


def test_every_unit_of_a_generated_project_is_found_again(pristine):
    lines = [line for file in (pristine.root / "fingerprints").glob("*.lock") for line in file.read_text().splitlines()]
    proof = verify(pristine.root).claims[CODE]
    assert proof.proven == sum(line.startswith(("code ", "data ")) for line in lines) > 300
    assert (proof.broken, proof.not_proven) == (0, 0)


EDITS = {
    "a function": ("work", "start + n", "start - n"),
    "a component": ("parts", "x + settings.by", "x - settings.by"),
    "a schema": ("settings", "ge=1", "ge=0"),
    "what a module does": ("work", "import pandas as pd", "import pandas as pd\n\nif pd:\n    pd.x = 1"),
    "a name that is no longer there": ("parts", "def times(", "def other("),
    "no Python": ("work", "def make(", "def make("[:-1]),
}


@pytest.mark.parametrize("name", EDITS)
def test_code_that_was_edited_after_the_run(recorded, name):
    module, old, new = EDITS[name]
    recorded.edit(recorded.code(module), old, new)
    recorded.commit("edited, and not run")
    report = verify(recorded.root)
    assert ("mismatch", recorded.code(module)) in of_code(report)
    assert report.claims[CODE].broken
    assert report.code is Exit.MISMATCH


class TestByPackage:
    """One line for a package of which many units differ; --json keeps each."""

    @staticmethod
    def edited(recorded) -> None:
        work = recorded.code("work")
        recorded.edit(work, "start + n", "start - n")
        more = "".join(f"\n\ndef more_{number}():\n    return {number}\n" for number in range(4))
        calls = "".join(f"more_{number}(); " for number in range(4))
        recorded.edit(work, "def make(", f"{more.strip()}\n\n\n{calls.rstrip('; ')}\n\n\ndef make(")
        recorded.commit("edited, and not run")

    def test_text_has_one_line_and_the_first_names(self, recorded):
        self.edited(recorded)
        said = recorded.run("regrow", "verify", code=None).stdout
        lines = [line for line in said.splitlines() if "other code" in line]
        assert len(lines) == 1
        count = int(re.search(r"(\d+) units of code of " + recorded.package, lines[0])[1])
        assert f" and {count - 3} more (--json names all)" in lines[0]
        assert lines[0].count(f"{recorded.package}.") == 3
        assert "stage" in lines[0]

    def test_json_keeps_all(self, recorded):
        self.edited(recorded)
        found = json.loads(recorded.run("regrow", "verify", "--json", code=None).stdout)["findings"]
        units = {one["unit"] for one in found if one["kind"] == CODE}
        assert {f"{recorded.package}.work:more_{number}" for number in range(4)} <= units
        assert all(one["recorded"] or one["actual"] for one in found if one["kind"] == CODE)

    def test_one_unit_is_told_with_both_hashes(self):
        one = Discrepancy(Level.MISMATCH, "fingerprints/a.lock", "src/p/m.py", "w", "1", "2", kind=CODE, unit="p.m:f")
        assert by_package([one]) == [one]

    def test_other_levels_packages_reasons_and_findings_stay_apart(self):
        def one(unit="p.m:f", level=Level.UNPROVEN, wrong="p.m:f can't be compared: why", place="fingerprints/a.lock"):
            return Discrepancy(level, place, "src/p/m.py", wrong, kind=CODE, unit=unit)

        both = [one(), one("q.m:f"), one(level=Level.MISMATCH, wrong="w"), one(wrong="p.m:f can't be compared: else")]
        other = [Discrepancy(Level.MISSING, "cache", name, "gone") for name in "xy"]
        assert by_package([*both, *other]) == [*both, *other]
        twice = by_package([one(), one(place="fingerprints/b.lock"), one("p.m:g")])
        assert [said.wrong for said in twice] == [
            "2 units of code of p, for stages a, b, can't be compared: why: p.m:f, p.m:g"
        ]


def test_what_no_result_can_hang_on_is_let_be(recorded):
    """The folder is not as the run saw it, but no code that it reached is other code."""
    recorded.edit(recorded.code("work"), "def make(", "# a word\ndef make(")
    recorded.write(f"src/{recorded.package}/unused.py", "x = 1\n")
    recorded.commit("a comment")
    assert of_code(verify(recorded.root)) == set()


def test_under_another_python_it_is_not_proven(recorded):
    lock = "fingerprints/make.lock"
    recorded.write(lock, recorded.read(lock).replace("python 3.", "python 2."))
    recorded.edit(recorded.code("work"), "start + n", "start - n")
    recorded.commit("as if it had been another Python")
    found = [one for one in verify(recorded.root).findings if one.kind == CODE]
    assert {one.level for one in found} == {Level.UNPROVEN}
    assert "recorded under Python 2." in found[0].wrong


def test_settings_edited_after_the_run_are_named(recorded):
    recorded.edit("conf/config.yaml", "rows: 5", "rows: 6")
    recorded.commit("edited, and not run")
    report = verify(recorded.root)
    assert ("mismatch", "conf/config.yaml") in {(str(one.level), one.path) for one in report.findings}


def test_a_wheel_that_the_lock_does_not_pin_and_one_that_is_gone(pristine, project):
    wheel = next((project.root / "vendor").glob("regrow_data-*.whl"))
    wheel.write_bytes(wheel.read_bytes() + b"x")
    (project.root / "vendor/notes.txt").write_text("x")
    next((project.root / "vendor").glob("regrow_features-*.whl")).unlink()
    project.commit("other wheels")
    report = verify(project.root)
    told = {(str(one.level), re.sub(r"-[\d.]+.*", "", one.path)) for one in report.findings if one.path[:6] == "vendor"}
    assert told == {
        ("mismatch", "vendor/regrow_data"),
        ("mismatch", "vendor/notes.txt"),
        ("missing", "vendor/regrow_features"),
    }
    proof = report.claims["lock and wheels"]
    assert (proof.broken, proof.not_proven) == (2, 1)


def test_a_pin_that_was_changed_is_told_though_dvc_lock_agrees(project):
    lock = project.read("requirements.lock")
    changed = re.sub(r"(regrow-data==\S+ \\\n    --hash=sha256:)\w{4}", r"\g<1>0000", lock)
    project.write("requirements.lock", changed)
    (before,) = re.findall(r"path: requirements.lock\n +hash: md5\n +md5: (\w+)", project.read("dvc.lock"))
    now = project.run("md5sum", "requirements.lock").stdout.split()[0]
    project.edit("dvc.lock", before, now)
    project.commit("another pin")
    assert [one.path for one in verify(project.root).findings if one.level is Level.MISMATCH] == [
        next((project.root / "vendor").glob("regrow_data-*.whl")).relative_to(project.root).as_posix()
    ]


def test_a_compiled_stage_runs_its_command_alone(recorded):
    for file in ("dvc.yaml", "dvc.lock"):
        recorded.edit(file, "cmd: regrow stage make", "cmd: regrow stage make && true")
        recorded.edit(file, "cmd: regrow compile --in-pipeline", "cmd: true; regrow compile --in-pipeline")
    recorded.commit("a command more, in both")
    report = verify(recorded.root)
    assert {one.path for one in report.findings} == {"stage make", "stage compile"}
    assert report.code is Exit.MISMATCH


def test_it_is_printed_within_80_columns(recorded):
    done = recorded.run("regrow", "verify", COLUMNS="80")
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert re.search(r"(?m)^claims +proven +broken +not proven$", done.stdout)
    assert re.search(r"(?m)^code of fingerprints +\d+ +0 +0$", done.stdout)
    assert json.loads(recorded.run("regrow", "verify", "--json").stdout)["claims"][CODE]["broken"] == 0


def test_a_hook_of_git_sees_the_project(recorded):
    """With GIT_DIR and GIT_INDEX_FILE as a commit of some files sets them."""
    hook = recorded.root / recorded.run("git", "rev-parse", "--git-path", "hooks/pre-commit").stdout.strip()
    regrow = f"'{sys.executable}' -m regrow"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!/bin/sh\nset -e\nexport GIT_DIR GIT_WORK_TREE=/nowhere\ncd {shlex.quote(str(recorded.root))}\n"
        f"{regrow} compile --check\n{regrow} verify\n"
    )
    hook.chmod(0o755)
    recorded.write("notes.txt", "mine")
    recorded.run("git", "add", "notes.txt")
    recorded.run("git", "commit", "--quiet", "--message", "from a hook", "notes.txt")
    assert recorded.run("git", "show", "HEAD:./notes.txt").stdout == "mine"
