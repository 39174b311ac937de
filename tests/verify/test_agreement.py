"""dvc.lock against itself, dvc.yaml, settings and hashes/: one edit of a committed file, and it is named."""

import pytest

from regrow.base.errors import Exit
from regrow.verify.check import verify

EDITS = {
    "a consumer read another version": (
        "dvc.lock",
        "    - path: out/a.txt\n      hash: md5\n      md5: {out/a.txt}",
        "    - path: out/a.txt\n      hash: md5\n      md5: {raw/ü b.txt}",
        ("dvc.lock", "out/a.txt", "another version than stage make"),
    ),
    "a size": ("dvc.lock", "size: 800\n  score", "size: 801\n  score", None),
    "a number of files": ("dvc.lock", "nfiles: 2", "nfiles: 3", None),
    "a key that DVC does not know": ("dvc.lock", "size: 800\n  score", "sizE: 800\n  score",
                                     ("dvc.lock", "dvc.lock", "is not of DVC's form")),
    "a version that DVC does not know": ("dvc.lock", "schema: '2.0'", "schema: '2.1'",
                                         ("dvc.lock", "dvc.lock", "is not of DVC's form")),
    "a command in dvc.lock": ("dvc.lock", "cmd: python src/score.py", "cmd: python src/other.py",
                              ("dvc.lock", "stage score", "its cmd in dvc.lock are not those in dvc.yaml")),
    "a command in dvc.yaml": ("dvc.yaml", "cmd: python src/score.py", "cmd: python src/other.py",
                              ("dvc.lock", "stage score", "its cmd")),
    "a dependency more": ("dvc.yaml", "deps: [raw, src]", "deps: [raw, src, params.yaml]",
                          ("dvc.lock", "stage make", "its deps")),
    "an output less": ("dvc.yaml", "      - table.txt\n", "", ("dvc.lock", "stage make", "its outs")),
    "a key of settings more": ("dvc.yaml", "params: [rows, seed]", "params: [rows, seed, data]",
                               ("dvc.lock", "stage make", "its params")),
    "a stage that never ran": ("dvc.yaml", "  score:\n", "  new:\n    cmd: echo\n  score:\n",
                               ("dvc.lock", "stage new", "no run of it")),
    "a recorded setting": ("dvc.lock", "        rows: 2", "        rows: 3",
                           ("params.yaml", "params.yaml", "another value of rows")),
    "a setting": ("params.yaml", "seed: 1", "seed: 2", ("params.yaml", "params.yaml", "another value of seed")),
    "a setting of another type": ("params.yaml", "seed: 1", "seed: 1.0",
                                  ("params.yaml", "params.yaml", "another value of seed")),
    "a setting inside": ("params.yaml", "owner: Ada", "owner: Bob",
                         ("params.yaml", "params.yaml", "another value of data.assumptions")),
    "a setting that is gone": ("params.yaml", "seed: 1\n", "", ("params.yaml", "params.yaml", "another value of seed")),
    "what a .dvc file says": ("raw.dvc", "md5: ", "md5: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.dir\n  old: ",
                              ("dvc.lock", "raw", "another version than raw.dvc")),
    "a hash that is none": ("dvc.lock", "md5: {table.txt}", "md5: ../../../etc/passwd",
                            ("dvc.lock", "table.txt", "no md5")),
    "a hash of DVC 2": ("raw.dvc", "  hash: md5\n", "", ("dvc.lock", "raw", "another version")),
    "hashes/ tells of what is not there": ("hashes/make.json", '"table.txt"', '"another.txt"',
                                           ("hashes/make.json", "another.txt", "is no input or output of make")),
    "hashes/ is broken": ("hashes/make.json", "{", "[", ("hashes/make.json", "hashes/make.json", "can't be read")),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_one_edit_is_named(tiny, name):
    path, old, new, expected = EDITS[name]
    for file in ("out/a.txt", "raw/ü b.txt", "table.txt"):
        old, new = (text.replace(f"{{{file}}}", tiny.md5(file)) for text in (old, new))
    tiny.edit(path, old, new)
    tiny.commit("edited")
    before = tiny.everything()
    report = verify(tiny.root)
    assert report.code is Exit.MISMATCH
    assert tiny.everything() == before
    if expected:
        place, what, wrong = expected
        assert any((f.place, f.path) == (place, what) and wrong in f.wrong for f in report.findings), report.findings


def test_a_dvc_yaml_that_is_gone(tiny):
    (tiny.root / "dvc.yaml").unlink()
    tiny.commit("gone")
    told = [(f.place, f.wrong) for f in verify(tiny.root).findings]
    assert ("dvc.yaml", "is missing, or has no stages") in told


def test_settings_in_other_files_and_forms(tiny):
    tiny.write("more.json", '{"a": {"b": [1, 2.5]}}')
    tiny.write("more.toml", "c = 1\n")
    tiny.write("more.py", "d = 1\n")
    tiny.edit(
        "dvc.yaml", "params: [rows, seed]", "params: [rows, seed, {more.json: [a.b]}, {more.toml: }, {more.py: [d]}]"
    )
    tiny.run("dvc", "repro", "--quiet")
    tiny.commit("run")
    report = verify(tiny.root)
    assert [(str(f.level), f.path) for f in report.findings] == [("not proven", "more.py")]
    assert (report.code, report.claims["settings"].not_proven) == (Exit.NOT_PROVEN, 1)
    tiny.edit("more.json", "2.5", "2.6")
    tiny.edit("more.toml", "1", "2")
    tiny.commit("edited")
    told = {f.place for f in verify(tiny.root).findings if f.level == "mismatch"}
    assert told == {"more.json", "more.toml"}


def test_a_pipeline_in_a_folder_of_its_own(tiny):
    stage = "    cmd: echo 1 > low.txt\n    wdir: deep\n    deps: [../../table.txt]\n    outs: [low.txt]\n"
    tiny.write("sub/dvc.yaml", f"stages:\n  low:\n{stage}")
    (tiny.root / "sub/deep").mkdir()
    tiny.run("dvc", "repro", "--quiet", "sub/dvc.yaml")
    tiny.commit("run")
    assert verify(tiny.root).findings == ()
    tiny.edit("sub/dvc.yaml", "echo 1", "echo 2")
    tiny.commit("edited")
    assert [f.path for f in verify(tiny.root).findings] == ["stage sub:low"]


def test_a_stage_of_regrow_without_a_fingerprint(project):
    for file in ("dvc.yaml", "dvc.lock"):
        text = project.read(file)
        lines = text.splitlines(keepends=True)
        start = next(i for i, line in enumerate(lines) if line.startswith("  split:"))
        at = next(i for i, line in enumerate(lines) if i > start and "fingerprints/split.lock" in line)
        del lines[at : at + (1 if file == "dvc.yaml" else 4)]
        project.write(file, "".join(lines))
    project.commit("forgot")
    (finding,) = verify(project.root).findings
    assert (finding.path, finding.place) == ("stage split", "dvc.lock")
    assert "fingerprints/split.lock" in finding.wrong
