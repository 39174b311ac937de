"""No path that somebody declared leads out of a project: what DVC would delete there is refused before it runs."""

import os

import pytest

from regrow.base.errors import Exit, RegrowError
from regrow.tools.declared_paths import require_inside

STAGE = "stages:\n  bad:\n    cmd: echo x > {path}\n    {more}outs:\n      - {path}:\n          cache: false\n"


def wanted(root, yaml, **more):
    """A bare project with this dvc.yaml and other files."""
    root.mkdir()
    (root / "dvc.yaml").write_text(yaml, encoding="utf-8")
    for name, text in more.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


WRITES = {
    "above": STAGE.format(path="../victim.txt", more=""),
    "absolute": STAGE.format(path="/tmp/victim.txt", more=""),
    "by its folder": STAGE.format(path="victim.txt", more="wdir: ..\n    "),
    "below a folder": STAGE.format(path="../../victim.txt", more="wdir: sub\n    "),
    "a metric": "stages: {bad: {cmd: x, metrics: [../m.json]}}",
    "a plot": "stages: {bad: {cmd: x, plots: [../m.csv: {x: a}]}}",
    "of older DVC": "stages: {bad: {cmd: x, outs_persist_no_cache: [../m.csv]}}",
    "of many": "stages: {bad: {foreach: [a, b], do: {cmd: 'x ${item}', outs: [../m.csv]}}}",
    "an address": "stages: {bad: {cmd: x, outs: ['s3://bucket/x']}}",
    "Git's": "stages: {bad: {cmd: x, outs: [.git/config]}}",
    "DVC's": "stages: {bad: {cmd: x, outs: [.dvc/config]}}",
    "all": "stages: {bad: {cmd: x, outs: [.]}}",
    "the code": "stages: {bad: {cmd: x, outs: [src]}}",
    "the settings": "stages: {bad: {cmd: x, outs: [conf/]}}",
}


@pytest.mark.parametrize("kind", WRITES)
def test_what_would_write_outside_is_refused_by_file_stage_and_path(tmp_path, kind):
    with pytest.raises(RegrowError, match=r"dvc\.yaml, stage bad(@\w)?: (writes|runs in) '.*'") as error:
        require_inside(wanted(tmp_path / "p", WRITES[kind]))
    assert error.value.code is Exit.UNSAFE
    assert "below the project's folder" in str(error.value)


def test_a_dvc_file_and_a_dvc_yaml_further_down_count(tmp_path):
    root = wanted(tmp_path / "p", "", **{"data/raw.dvc": "wdir: ../..\nouts: [{md5: x, path: raw}]\n"})
    (root / "more").mkdir()
    (root / "more/dvc.yaml").write_text("stages: {ok: {cmd: x, outs: [../inside]}, bad: {cmd: x, outs: [../../y]}}")
    os.system(f"git -C '{root}' init --quiet")
    with pytest.raises(RegrowError) as error:
        require_inside(root)
    told = str(error.value)
    assert "data/raw.dvc: tracks '../raw'" in told
    assert "more/dvc.yaml, stage bad: writes '../y'" in told
    assert "inside'" not in told


ALLOWED = """\
stages:
  a: {cmd: x, wdir: sub, deps: [../b, ../../elsewhere], outs: [../c, d: {persist: true}], plots: [../e/f.csv]}
  b: {cmd: [x, y], outs: [src/made.py, hashes/mine.json, data/made, "..g"]}
plots: [../h.csv]
"""


def test_what_lies_inside_is_fine(tmp_path):
    root = wanted(tmp_path / "p", ALLOWED)
    (root / "real").mkdir()
    (root / "data").symlink_to("real")
    (root / "loop").symlink_to("loop")
    require_inside(root)
    (tmp_path / "alias").symlink_to(root)
    require_inside(tmp_path / "alias")


@pytest.mark.parametrize("link", ["data", "hashes", "fingerprints", "params.yaml", "conf", "dvc.lock", ".dvc"])
def test_links_that_lead_out_are_refused(tmp_path, link):
    root = wanted(tmp_path / "p", "stages: {a: {cmd: x, outs: [data/x.csv]}}")
    (tmp_path / "elsewhere").mkdir()
    (root / link).symlink_to("../elsewhere")
    with pytest.raises(RegrowError, match=r"elsewhere.*, outside the project") as error:
        require_inside(root)
    assert error.value.code is Exit.UNSAFE


def test_links_into_the_cache_are_dvcs_own(recorded):
    """With `cache.type` symlink DVC leaves them, and the cache may lie anywhere."""
    recorded.run("dvc", "cache", "dir", "../cache")
    recorded.run("dvc", "config", "cache.type", "symlink")
    recorded.run("dvc", "repro", "--quiet", "--force")
    assert recorded.project.path("tables/table.parquet").is_symlink() or list(recorded.root.rglob("*.parquet"))
    require_inside(recorded.root)


OUTSIDE = "  bad:\n    cmd: echo x > ../victim\n    deps: [conf]\n    outs:\n      - {path}:\n          cache: false\n"


@pytest.mark.parametrize("path", ["../victim", "${gone.to}", "data/out/victim"])
def test_no_command_touches_what_lies_outside(recorded, path):
    outside = recorded.root.parent / "victim"
    outside.write_text("precious")
    more = OUTSIDE.format(path=path) + "vars:\n  - gone: {to: ../victim}\n"
    recorded.write("dvc.yaml", recorded.read("dvc.yaml") + more)
    if path.startswith("data/out"):
        (recorded.root / "data/out").symlink_to(recorded.root.parent)
    recorded.commit("bad")
    every = [
        "compile",
        "run",
        "run --allow-dirty",
        "run -S rows=7 --dry",
        "sweep rows=7",
        "verify",
        "replay --env current HEAD",
    ]
    for command in every if path == "../victim" else ["compile --check", "run"]:
        done = recorded.run("regrow", *command.split(), code=5)
        assert "dvc.yaml, stage bad: writes" in done.stderr, command
        assert outside.read_text() == "precious", command
    assert "stage bad" in recorded.run("regrow", "doctor", code=1).stdout
    recorded.edit("conf/config.yaml", "rows: 5", "rows: 6")
    assert "stage bad" in recorded.run("dvc", "repro", code=255).stderr  # compile is its first stage
    assert outside.read_text() == "precious"


def test_templates_that_only_an_experiment_leads_out_are_refused_by_what_dvc_is_about_to_run(recorded):
    outside = recorded.root.parent / "victim"
    outside.write_text("precious")
    recorded.write("dvc.yaml", recorded.read("dvc.yaml") + OUTSIDE.format(path="${title}"))
    recorded.edit("conf/config.yaml", 'title: "a title"', 'title: "page.txt"')
    recorded.run("regrow", "compile")
    recorded.commit("good")
    said = recorded.run("regrow", "run", "-S", "title=../victim", code=5).stderr
    assert "dvc.yaml, stage bad: writes '../victim', which lies outside the project" in said
    assert outside.read_text() == "precious"


def test_what_is_read_outside_is_in_no_commit(recorded):
    (recorded.root.parent / "shared.txt").write_text("1")
    recorded.write("dvc.yaml", recorded.read("dvc.yaml") + "  more:\n    cmd: echo\n    deps: [../shared.txt]\n")
    recorded.commit("reads")
    assert "stage more: reads '../shared.txt'" in recorded.run("regrow", "compile", "--check").stderr
    assert "git add, or dvc add" in recorded.run("regrow", "run", code=5).stderr
    recorded.run("regrow", "run", "--allow-dirty")
