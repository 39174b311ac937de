# ruff: noqa: E501
"""`regrow compile` by hand, for CI, and as the pipeline's first stage."""

import hashlib

import pandas as pd
import pytest

from regrow.base.errors import Exit, RegrowError
from regrow.base.yaml_files import read_settings, read_yaml
from regrow.compile import write_and_check


def stale(small) -> list[str]:
    return [problem.where for problem in write_and_check.check(small.project)[0]]


def tree(small) -> dict[str, bytes]:
    return {
        file.relative_to(small.root).as_posix(): file.read_bytes()
        for file in sorted(small.root.rglob("*"))
        if file.is_file() and "__pycache__" not in file.parts
    }


def test_it_writes_its_files_and_nothing_else_and_only_once(small):
    before = tree(small)
    assert small.compile() == ["conf/plugins.yaml", "dvc.yaml", "fingerprints/make.lock", "fingerprints/score.lock", "fingerprints/settings.json", "params.yaml"]  # fmt: skip
    after = tree(small)
    assert {name: after[name] for name in before} == before
    assert small.compile() == []
    assert stale(small) == []


def test_check_writes_nothing_and_names_what_is_stale(small):
    before = tree(small)
    assert "conf/plugins.yaml" in stale(small)
    assert tree(small) == before
    small.compile()
    small.edit("conf/config.yaml", "rows: 3", "rows: 4")
    assert stale(small) == ["fingerprints/settings.json", "params.yaml"]
    small.edit("dvc.yaml", "regrow stage make", "regrow stage make --fast")
    assert "dvc.yaml" in stale(small)


def test_a_stage_that_went_takes_its_fingerprint_along(small):
    small.compile()
    small.write("fingerprints/old.lock", "# old\n")
    assert "fingerprints/old.lock" in stale(small)
    assert small.compile() == ["fingerprints/old.lock"]
    assert not (small.root / "fingerprints/old.lock").exists()


def test_a_persons_own_stages_stay_and_may_use_settings(small):
    small.compile()
    small.write("dvc.yaml", small.read("dvc.yaml") + "  mine:\n    cmd: echo  # mine\n    params: [extra]\n")
    small.edit("conf/config.yaml", "rows: 3", "rows: 3\nextra: 1")
    small.compile()
    assert "    cmd: echo  # mine\n" in small.read("dvc.yaml")
    assert list(read_yaml(small.read("dvc.yaml"), "f")["stages"]) == ["compile", "make", "score", "mine"]
    assert stale(small) == []


def test_settings_that_a_compile_drops_are_told_with_how_to_keep_them(small):
    small.compile()
    small.edit("params.yaml", "rows: 3", "rows: 7")
    small.edit("params.yaml", "title: a title", "title: it's")
    _, notes = write_and_check.write(small.project)
    said = "\n".join(notes)
    assert "rows: 7, now 3" in said
    assert "dvc exp run" in said
    assert "-S rows=7" in said
    assert read_settings(small.root / "params.yaml", "params.yaml")["rows"] == 3


def test_in_the_pipeline_an_experiments_settings_are_kept(small, monkeypatch):
    small.compile()
    small.edit("params.yaml", "rows: 3", "rows: 7")
    monkeypatch.setenv("DVC_EXP_NAME", "odd-name")
    write_and_check.in_pipeline(small.project)
    assert "rows: 7" in small.read("params.yaml")
    assert '"rows": 3' in small.read("fingerprints/settings.json")


def test_in_the_pipeline_wrong_settings_are_refused_before_anything_is_written(small, monkeypatch):
    small.compile()
    small.edit("params.yaml", "rows: 3", "rows: 700")
    before = tree(small)
    monkeypatch.setenv("DVC_EXP_NAME", "odd-name")
    with pytest.raises(RegrowError, match="rows"):
        write_and_check.in_pipeline(small.project)
    assert tree(small) == before


def test_in_the_pipeline_conf_decides_and_what_that_drops_is_told(small):
    small.compile()
    small.edit("params.yaml", "rows: 3", "rows: 7")
    assert "rows: 7, now 3" in "\n".join(write_and_check.in_pipeline(small.project))
    assert "rows: 3" in small.read("params.yaml")


def test_settings_of_an_applied_experiment_stay_while_conf_says_the_same(small):
    small.compile()
    small.edit("params.yaml", "rows: 3", "rows: 7")
    md5 = hashlib.md5((small.root / "params.yaml").read_bytes(), usedforsecurity=False).hexdigest()
    small.write(
        "dvc.lock",
        f"schema: '2.0'\nstages:\n  compile:\n    cmd: x\n    outs:\n    - path: params.yaml\n      md5: {md5}\n",
    )
    write_and_check.in_pipeline(small.project)
    assert "rows: 7" in small.read("params.yaml")
    small.edit("conf/config.yaml", "seed: 1", "seed: 2")
    assert "rows: 7, now 3" in "\n".join(write_and_check.in_pipeline(small.project))


def test_in_the_pipeline_another_shape_is_refused(small):
    small.compile()
    small.edit("dvc.yaml", "- data/raw\n", "")
    with pytest.raises(RegrowError, match=r"dvc\.yaml: no longer fits(?s:.*)regrow compile"):
        write_and_check.in_pipeline(small.project)


def test_in_the_pipeline_a_lock_that_was_not_installed_is_refused(small):
    small.compile()
    here = f"locked 1.0, here {pd.__version__}"
    small.write("requirements.lock", "pandas==1.0\n")
    small.edit("fingerprints/make.lock", f"package pandas {pd.__version__}", "package pandas 1.0")
    before = tree(small)
    with pytest.raises(RegrowError, match=f"(?s)requirements.lock.*pandas: {here}.*make setup") as caught:
        write_and_check.in_pipeline(small.project)
    assert caught.value.code == Exit.ENVIRONMENT
    assert tree(small) == before
    assert f"not what requirements.lock says: pandas: {here}" in write_and_check.write(small.project)[1]
    assert f"not what requirements.lock says: pandas: {here}" in write_and_check.in_pipeline(small.project)


def test_code_that_cannot_be_followed_is_told(small):
    small.edit(small.code("work"), "import pandas as pd", "import importlib\nimport pandas as pd")
    small.edit(small.code("work"), "start = int", "importlib.import_module(settings.title)\n    start = int")
    _, notes = write_and_check.write(small.project)
    assert any("stage make" in note and "importlib.import_module" in note for note in notes)


def test_a_dvc_yaml_that_is_no_yaml_or_no_utf8(small):
    small.compile()
    small.write("dvc.yaml", "stages: [\n")
    with pytest.raises(RegrowError, match=r"dvc\.yaml:\d"):
        small.compile()
    (small.root / "dvc.yaml").write_bytes(b"# \xff\n")
    with pytest.raises(RegrowError, match=r"dvc\.yaml: is not text in UTF-8"):
        small.compile()


ASKS = "stages make, score, src/PKG/when.py:3: asks the clock (datetime.date.today): its result changes with the time"


@pytest.fixture
def asking(small):
    """A project both of whose stages ask for the date, by a function that they share."""
    small.write(
        small.code("when"),
        "from datetime import date\n\nYEAR = date.today().year\n\ndef unused():\n    return date.today()\n",
    )
    for work in ("def make(raw, settings):\n", "def score(table, settings):\n"):
        small.edit(small.code("work"), work, f"{work}    from {small.package}.when import YEAR\n    YEAR\n")
    return small


def test_code_that_asks_the_clock_is_told_once_with_line_stages_and_fix(asking):
    told = write_and_check.write(asking.project)[1]
    (said,) = [note for note in told if "asks" in note]
    assert said.splitlines()[0] == ASKS.replace("PKG", asking.package)
    assert "# regrow: harmless clock" in said
    assert f"asks {asking.package}.when:YEAR datetime.date.today clock\n" in asking.read("fingerprints/score.lock")
    assert said in write_and_check.check(asking.project)[1]
    assert said in write_and_check.in_pipeline(asking.project)


def test_a_line_above_moves_no_fingerprint_and_a_comment_ends_it(asking):
    asking.compile()
    before = asking.read("fingerprints/score.lock")
    asking.edit(asking.code("when"), "YEAR =", "# a comment\nYEAR =")
    assert asking.compile() == []
    asking.edit(asking.code("when"), "# a comment", "# regrow: harmless clock: a heading")
    assert write_and_check.write(asking.project)[1] == []
    after = asking.read("fingerprints/score.lock")
    assert [line for line in before.splitlines() if line not in after] == [
        f"asks {asking.package}.when:YEAR datetime.date.today clock"
    ]


def test_strict_refuses_to_compile_it(asking):
    asking.compile()
    asking.edit("conf/config.yaml", "n_jobs: 1", "n_jobs: 1\n  io: strict")
    before = tree(asking)
    for compile_ in (write_and_check.write, write_and_check.in_pipeline):
        with pytest.raises(RegrowError, match="asks the clock") as caught:
            compile_(asking.project)
        assert caught.value.code == Exit.UNSAFE
        assert tree(asking) == before


def test_where_nobody_watches_it_is_recorded_in_silence(asking):
    asking.edit("conf/config.yaml", "n_jobs: 1", "n_jobs: 1\n  io: none")
    assert write_and_check.write(asking.project)[1] == []
    assert "\nasks " in asking.read("fingerprints/score.lock")
