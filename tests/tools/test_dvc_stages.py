"""The stages of dvc.yaml, as DVC reads them."""

import pytest

from regrow.base.errors import RegrowError
from regrow.tools.dvc_stages import declared, ignored

pytestmark = pytest.mark.filterwarnings("ignore:_NoneStep:DeprecationWarning")  # of DVC's, about pygtrie

STAGES = """\
stages:
  last:
    cmd: [cat a, cat b]
    deps: [b.txt, a.txt, data/raw]
    params: [rows, other.json: [x.y], all.yaml: ]
    outs:
      - deep/one.txt
      - two: {persist: true}
    metrics: [three.json: {cache: false}]
  first:
    cmd: touch b.txt
    outs: [b.txt]
"""


@pytest.fixture
def project(recorded):
    recorded.write("dvc.yaml", STAGES)
    recorded.write("a.txt", "a")
    recorded.write("other.json", '{"x": {"y": 1.0}}')
    recorded.write("all.yaml", "z: 1\nb: [2]\n")
    return recorded


def test_all_that_a_stage_says_in_the_order_of_the_lock(project):
    first, last = declared(project.root)
    assert (first.name, first.cmd, first.deps, first.outs) == ("first", "touch b.txt", (), ("b.txt",))
    assert last.cmd == ["cat a", "cat b"]
    assert last.deps == ("a.txt", "b.txt", "data/raw")
    assert last.outs == ("deep/one.txt", "three.json", "two")
    assert last.cached == {"deep/one.txt", "two"}
    assert last.persisting == {"two"}
    assert [(file, list(found.items())) for file, found in last.params.items()] == [
        ("params.yaml", [("rows", 5)]),
        ("all.yaml", [("b", [2]), ("z", 1)]),
        ("other.json", [("x.y", 1.0)]),
    ]


def test_git_ignores_what_dvc_keeps(project):
    project.write(".gitignore", "/two")
    assert ignored(project.root, ["last"]) == {"deep/.gitignore": b"/one.txt\n"}
    assert ignored(project.root, ["last", "first"]) == {".gitignore": b"/two\n/b.txt\n"}
    assert ignored(project.root, ["last", "first"]) == {}


def test_an_output_that_git_holds(project):
    project.write("b.txt", "b")
    project.commit("b")
    with pytest.raises(RegrowError, match=r"b\.txt"):
        ignored(project.root, ["first"])


@pytest.mark.parametrize(
    "text", ["stages:\n  a: {cmd: x, deps: [a.txt], outs: [a.txt]}\n", "stages: {a: {outs: [b]}}\n"]
)
def test_what_dvc_cannot_read(project, text):
    project.write("dvc.yaml", text)
    with pytest.raises(RegrowError, match=r"dvc\.yaml"):
        declared(project.root)
