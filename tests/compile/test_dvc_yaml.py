"""Stages become dvc.yaml: in an order, with nothing unsafe, and beside what a person wrote."""

import pytest

from regrow.base.errors import RegrowError
from regrow.base.yaml_files import read_yaml
from regrow.compile import dvc_yaml
from regrow.plugin.declare import Artifact, Stage


def stage(name: str, needs=(), makes=(), kind: str = "data", **more) -> Stage:
    made = [a if isinstance(a, Artifact) else Artifact(a, "record") for a in makes or [f"{name}_made"]]
    return Stage(name, kind, "m:f", needs=list(needs), makes=made, **more)


def stages(*all_of: Stage) -> dict[str, Stage]:
    return {one.name: one for one in all_of}


def refused(said: str, *all_of: Stage, sources=None) -> RegrowError:
    with pytest.raises(RegrowError, match=said) as caught:
        dvc_yaml.ordered(stages(*all_of), sources or {})
    return caught.value


def test_order_is_by_need_then_kind_then_name():
    order = dvc_yaml.ordered(
        stages(
            stage("z", ["a_made"]),
            stage("b", kind="evaluation"),
            stage("a"),
            stage("c", kind="feature"),
            stage("d", ["b_made"]),
        ),
        {},
    )
    assert [one.name for one in order] == ["a", "z", "c", "b", "d"]


def test_a_source_needs_no_maker():
    assert dvc_yaml.ordered(stages(stage("a", ["raw"])), {"raw": "data/raw"})


def test_two_makers_of_one_artifact():
    refused("stage a and stage b: artifact 'x' is made twice", stage("a", makes=["x"]), stage("b", makes=["x"]))


def test_a_maker_of_a_source():
    refused("artifact 'raw' is made twice", stage("a", makes=["raw"]), sources={"raw": "elsewhere"})


@pytest.mark.parametrize(
    ("one", "other"), [("out/x", "out/x"), ("out", "out/x"), ("out/x/y", "out/x"), ("./out", "out/x")]
)
def test_overlapping_paths(one, other):
    refused(
        "overlap", stage("a", makes=[Artifact("p", "record", one)]), stage("b", makes=[Artifact("q", "record", other)])
    )


def test_a_path_in_a_source():
    refused("overlap", stage("a", makes=[Artifact("p", "record", "data/raw/x")]), sources={"raw": "data/raw"})


def test_a_need_without_a_maker_is_told_with_the_nearest():
    refused("stage b: needs 'tabel', .*\n.*did you mean 'table'", stage("a", makes=["table"]), stage("b", ["tabel"]))


def test_a_cycle_is_told_with_its_names():
    refused("in a circle: .*a -> .*b|in a circle: .*b -> .*a", stage("a", ["b_made"]), stage("b", ["a_made"]))


def test_a_stage_that_needs_what_it_makes():
    refused("in a circle: a -> a", stage("a", ["a_made"]))


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", ".git/x", ".dvc/x", "a\\b", "a\nb", "${x}", ".", "a/../b"])
def test_unsafe_paths(path):
    refused("path", stage("a", makes=[Artifact("p", "record", path)]))


@pytest.mark.parametrize(
    "path",
    [
        "conf/x",
        "src/x",
        "fingerprints/x",
        "params.yaml",
        "dvc.yaml",
        "dvc.lock",
        "vendor/x",
        "pyproject.toml",
        "requirements.lock",
        "./conf/x",
    ],
)
def test_reserved_paths(path):
    refused("may not lie in", stage("a", makes=[Artifact("p", "record", path)]))


def test_a_reserved_name():
    refused("'compile' is taken", stage("compile"))


def test_an_unknown_type_is_told_with_the_nearest():
    refused("unknown type 'metrix'; did you mean 'metrics'", stage("a", makes=[Artifact("p", "metrix")]))


def test_all_that_is_wrong_is_told_at_once():
    error = refused("needs", stage("a", ["no"], [Artifact("p", "nope"), Artifact("q", "record", "../x")]))
    assert len(error.problems) == 3


def written(*all_of: Stage) -> dict:
    order = dvc_yaml.ordered(stages(*all_of), {"raw": "data/raw"})
    return dvc_yaml.dvc_stages(order, {"raw": "data/raw"}, ["conf", "src"])["dvc.yaml"]


OURS = written(
    stage("a", ["raw"], [Artifact("table", "table")], params=["x", "d"]),
    stage("b", ["table"], [Artifact("m", "metrics")]),
)


def test_a_stage_of_another_pipeline_lies_in_its_file_and_works_in_the_project():
    first = Stage("make", "data", "m:f", makes=(Artifact("one", "table"),))
    watch = Stage("watch", "evaluation", "m:f", needs=("one",), makes=(Artifact("two", "table"),), pipeline="monitor")
    files = dvc_yaml.dvc_stages([first, watch], {}, ["conf"])
    assert list(files["dvc.yaml"]) == ["compile", "make"]
    assert list(files["monitor/dvc.yaml"]) == ["watch"]
    assert files["monitor/dvc.yaml"]["watch"]["wdir"] == ".."
    assert "data/one.parquet" in files["monitor/dvc.yaml"]["watch"]["deps"]
    (outs,) = (files["dvc.yaml"]["compile"]["outs"],)
    assert any("fingerprints/watch.lock" in one for one in outs)


def test_dvc_stages():
    assert list(OURS) == ["compile", "a", "b"]
    assert OURS["a"] == {
        "cmd": "regrow stage a",
        "deps": ["data/raw", "fingerprints/a.lock"],
        "params": ["d", "x"],
        "outs": ["data/table.parquet", {"hashes/a.json": {"cache": False}}],
    }
    assert OURS["b"]["metrics"] == [{"metrics/m.json": {"cache": False}}]
    assert [next(iter(out)) for out in OURS["compile"]["outs"]] == [
        "params.yaml", "fingerprints/settings.json", "fingerprints/a.lock", "fingerprints/b.lock",
    ]  # fmt: skip


MINE = "  # mine\n  mine:\n    cmd: echo   hello # so\n    deps: [a,   b]\n"
EXISTING = {
    "nothing": "",
    "blank": "\n\n",
    "comment": "# my pipeline\n",
    "empty stages": "stages: {}\n",
    "null stages": "stages:\n",
    "own stage": f"stages:\n{MINE}",
    "own stage without a last line end": f"stages:\n{MINE}".rstrip("\n"),
    "stages in the middle": f"# top\nvars:\n  - v: 1\n\nstages:\n{MINE}\n# plots\nplots:\n  - p.csv # c\n",
    "stages first": f"stages:\n{MINE}\nparams: # these\n  - p.yaml\n",
    "other indent": "stages:\n      mine:\n            cmd: echo\n",
    "two of mine": f"stages:\n{MINE}\n\n  # other\n  other:\n    cmd: |\n      one\n\n      two\n",
    "Windows": f"# c\r\nstages:\r\n{MINE}".replace("\n", "\r\n").replace("\r\r", "\r"),
    "document start": f"---\nstages:\n{MINE}",
    "a list as stage": "stages:\n  mine:\n    foreach: [1, 2]\n    do:\n      cmd: echo ${item}\n",
    "other keys only": "vars:\n  - v: 1\n",
    "comment at the end": f"stages:\n{MINE}# the end\n",
}


@pytest.mark.parametrize("name", EXISTING)
def test_render_keeps_what_a_person_wrote(name):
    text = EXISTING[name]
    before = read_yaml(text, "f") or {}
    made = dvc_yaml.render(text, OURS)
    after = read_yaml(made, "f")
    assert dvc_yaml.matches(after, OURS)
    assert dvc_yaml.written_by_hand(after) == dvc_yaml.written_by_hand(before)
    assert {key: value for key, value in after.items() if key != "stages"} == {
        k: v for k, v in before.items() if k != "stages"
    }
    for line in text.splitlines():
        if line.strip() and not line.startswith("stages:"):
            assert line in made.splitlines()
    assert dvc_yaml.render(made, OURS) == made


@pytest.mark.parametrize("name", EXISTING)
def test_render_removes_and_renews_only_its_own(name):
    made = dvc_yaml.render(EXISTING[name], OURS)
    fewer = written(stage("a", ["raw"], [Artifact("table", "table")], params=["x"]))
    again = dvc_yaml.render(made, fewer)
    assert dvc_yaml.matches(read_yaml(again, "f"), fewer)
    assert not dvc_yaml.matches(read_yaml(made, "f"), fewer)
    assert dvc_yaml.render(again, OURS) == made


def test_own_stages_between_ours_are_kept():
    made = dvc_yaml.render("", OURS).replace("  a:\n", f"{MINE}  a:\n")
    assert list(dvc_yaml.written_by_hand(read_yaml(dvc_yaml.render(made, OURS), "f"))) == ["mine"]
    assert MINE in dvc_yaml.render(made, OURS)


def test_a_persons_stage_with_the_name_of_ours_is_refused():
    with pytest.raises(RegrowError, match=r"dvc.yaml: stage 'a' is there already"):
        dvc_yaml.render("stages:\n  a:\n    cmd: echo\n", OURS)


def test_stages_in_braces_are_refused_with_their_line():
    with pytest.raises(RegrowError, match=r"dvc\.yaml:2"):
        dvc_yaml.render("# c\nstages: {mine: {cmd: echo}}\n", OURS)


def test_an_edit_of_ours_is_noticed():
    made = dvc_yaml.render("", OURS)
    assert not dvc_yaml.matches(read_yaml(made.replace("data/raw", "data/other"), "f"), OURS)
    assert not dvc_yaml.matches({}, OURS)
    assert not dvc_yaml.matches(None, OURS)


def test_odd_text_in_a_description_is_only_text():
    odd = 'a: "b" # c {d} ${e} \\ 😀\nf'
    ours = written(stage("a", about=odd))
    assert read_yaml(dvc_yaml.render("", ours), "f")["stages"]["a"]["desc"] == odd.replace("${", "$ {")
