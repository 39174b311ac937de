"""An earlier value is free: DVC's run cache keeps our stages with their record, and gives nothing that is damaged."""

import re
import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("warm")

DVC, REGROW = ("dvc", "repro"), ("regrow", "run")
BOTH = {"make", "score"}


def results(recorded) -> dict[str, str]:
    """Settings, outputs, their record, dvc.lock: by mode and hash."""
    return {name: told for name, told in recorded.state().items() if not name.startswith((".git/", ".dvc/"))}


def rows(recorded, number: int, how=DVC) -> set[str]:
    """Set how many rows the first stage makes, and run; the stages that ran."""
    conf = recorded.read("conf/config.yaml")
    recorded.write("conf/config.yaml", re.sub("rows: .*", f"rows: {number}", conf))
    recorded.commit("an edit")
    return set(re.findall("Running stage '(make|score)'", recorded.run(*how).stdout))


def notes(recorded) -> list[Path]:
    """What the run cache holds."""
    return sorted(file for file in (recorded.root / ".dvc/cache/runs").rglob("*") if file.is_file())


@pytest.mark.parametrize(("how", "is_new"), [(DVC, True), (REGROW, False)])
def test_a_value_that_comes_back_is_not_run_again(recorded, how, is_new):
    first = results(recorded)
    if is_new:  # as in a clone after `dvc pull`, or where an older regrow has run
        shutil.rmtree(recorded.root / ".dvc/cache/runs")
    assert rows(recorded, 7, how) == BOTH
    assert rows(recorded, 5, how) == set()
    assert results(recorded) == first
    assert rows(recorded, 5, (*how, "--force")) == BOTH
    assert results(recorded) == first


def test_what_a_sweep_or_an_experiment_ran_is_not_run_again(recorded):
    recorded.run("regrow", "sweep", "rows=6,7", "title=one,a title", "--name", "some")
    assert rows(recorded, 6) == rows(recorded, 7, REGROW) == set()
    swept = results(recorded)
    assert rows(recorded, 7, (*DVC, "--force")) == BOTH
    assert results(recorded) == swept
    recorded.commit("seven")
    recorded.run("dvc", "exp", "run", "--temp", "-S", "rows=8")
    assert rows(recorded, 8, REGROW) == set()


@pytest.mark.parametrize("output", ["data/table.parquet", "hashes/make.json"])
def test_a_damaged_object_is_made_again(recorded, output):
    first = results(recorded)
    rows(recorded, 7)
    found = re.search(
        rf"path: {output}\n +hash: md5\n +md5: (\w+)", recorded.run("git", "show", "HEAD~1:dvc.lock").stdout
    )
    assert found
    kept = recorded.object(found[1])
    whole, about = kept.read_bytes(), kept.stat()
    kept.chmod(0o644)
    kept.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    kept.chmod(about.st_mode)
    assert rows(recorded, 5, REGROW) == {"make"}
    assert results(recorded) == first
    assert kept.read_bytes() == whole


def test_damaged_and_swapped_notes_are_none(recorded):
    def note(number: int) -> Path:
        (found,) = (one for one in notes(recorded) if {"cmd: regrow stage make", f"    rows: {number}"} <= lines(one))
        return found

    def lines(file: Path) -> set[str]:
        return set(file.read_text().splitlines())

    first, seven = results(recorded), rows(recorded, 7) and results(recorded)
    note(5).write_text(note(7).read_text())
    assert rows(recorded, 5) == {"make"}
    assert results(recorded) == first
    note(7).write_text(note(7).read_text()[:200])
    assert rows(recorded, 7, REGROW) == {"make"}
    assert results(recorded) == seven


def test_an_output_that_persists_is_a_persons(recorded):
    stage = "  own:\n    cmd: test -e own.txt || cp own.in own.txt\n"
    told = "    deps: [own.in]\n    outs: [own.txt: {persist: true}]\n"
    recorded.write("dvc.yaml", recorded.read("dvc.yaml") + stage + told)
    recorded.write("own.in", "made\n")
    recorded.commit("a stage of one's own")
    recorded.run(*REGROW)
    recorded.write("own.txt", "edited\n")
    recorded.run(*REGROW)
    assert recorded.read("own.txt") == "edited\n"
