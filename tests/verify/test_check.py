"""Whatever is not as a commit recorded is told, by file; nothing but corrupt objects of the cache is ever moved."""

import json
import os
import shutil

import pytest
from tests import git_harm
from tests.tiny import Tiny, flip, replace_bytes, swap, truncate

from regrow.base.errors import Exit, RegrowError
from regrow.verify.check import verify
from regrow.verify.findings import Level


def wrong(report) -> set[tuple[str, str, str]]:
    """(level, place, path) of all but notes."""
    return {(str(f.level), f.place, f.path) for f in report.findings if f.level is not Level.NOTE}


def test_what_is_as_recorded_is_said_to_be(tiny_made):
    before = tiny_made.everything()
    report = verify(tiny_made.root, remote="")
    assert report.findings == ()
    assert report.code is Exit.OK
    assert {place: count.files for place, count in report.places.items()} == {
        "Git": 13, "workspace": 9, "cache": 5, "remote store": 4,
    }  # fmt: skip
    assert report.sha256 == 3
    assert tiny_made.everything() == before


def in_workspace(path):
    return lambda tiny: tiny.root / path


def in_cache(path):
    return lambda tiny: tiny.cached(tiny.md5(path))


def in_remote(path):
    return lambda tiny: tiny.pushed(tiny.md5(path))


FAULTS = {
    "input, flipped": (flip, in_workspace("raw/a.txt"), "workspace", {"raw/a.txt"}),
    "input, truncated": (truncate, in_workspace("raw/ü b.txt"), "workspace", {"raw/ü b.txt"}),
    "output, flipped": (flip, in_workspace("table.txt"), "workspace", {"table.txt"}),
    "output in a folder": (flip, in_workspace("out/ü b.txt"), "workspace", {"out/ü b.txt"}),
    "output emptied": (lambda file: replace_bytes(file, b""), in_workspace("table.txt"), "workspace", {"table.txt"}),
    "metrics": (flip, in_workspace("metrics.json"), "workspace", {"metrics.json"}),
    "settings": (flip, in_workspace("params.yaml"), None, None),
    "code": (flip, in_workspace("src/make.py"), "workspace", {"src/make.py"}),
    "sha256 file": (flip, in_workspace("hashes/make.json"), "workspace", {"hashes/make.json"}),
    "cached output": (flip, in_cache("table.txt"), "cache", {"table.txt"}),
    "cached output, truncated": (truncate, in_cache("table.txt"), "cache", {"table.txt"}),
    "cached input": (flip, in_cache("raw/ü b.txt"), "cache", {"out/ü b.txt"}),
    "remote output": (flip, in_remote("table.txt"), "remote store", {"table.txt"}),
    "remote input, truncated": (truncate, in_remote("raw/a.txt"), "remote store", {"out/a.txt"}),
}


@pytest.mark.parametrize("name", [name for name in FAULTS if FAULTS[name][2]])
def test_a_single_fault_is_told_by_its_file(tiny, name):
    fault, where, place, paths = FAULTS[name]
    file = where(tiny)
    fault(file)
    before = tiny.everything()
    report = verify(tiny.root, remote="")
    assert report.code is Exit.MISMATCH
    assert {(p, path) for _, p, path in wrong(report) if p == place} == {(place, path) for path in paths}
    assert {p for _, p, _ in wrong(report)} == {place}
    after = tiny.everything()
    if place != "cache":
        assert after == before
        assert tiny.aside == []
    else:
        gone = {path: before[path] for path in before.keys() - after.keys()}
        assert {**after, **gone} == before
        (finding,) = (f for f in report.findings if f.level is Level.MISMATCH)
        assert (tiny.root / finding.set_aside).read_bytes() == next(iter(gone.values()))[0]


def test_an_object_that_stands_for_several_files_names_them(tiny):
    flip(tiny.cached(tiny.md5("raw/ü b.txt")))
    (finding,) = verify(tiny.root).findings
    assert "raw/ü b.txt" in finding.wrong


def test_a_copy_in_the_cache_of_what_git_holds_is_hashed_too(tiny):
    """DVC would give it back from its run-cache."""
    md5 = tiny.md5("metrics.json")
    tiny.cached(md5).parent.mkdir(exist_ok=True)
    tiny.cached(md5).write_text("other")
    (finding,) = verify(tiny.root).findings
    assert (finding.place, finding.path) == ("cache", "metrics.json")
    assert "Git has it whole" in finding.fix
    assert tiny.aside == [f"{md5}-1"]
    assert verify(tiny.root).findings == ()


@pytest.mark.parametrize("store", ["cached", "pushed"])
def test_swapped_objects_are_both_told(tiny, store):
    where = getattr(tiny, store)
    swap(where(tiny.md5("table.txt")), where(tiny.md5("raw/ü b.txt")))
    place = "cache" if store == "cached" else "remote store"
    assert wrong(verify(tiny.root, remote="")) == {
        ("mismatch", place, "out/ü b.txt"), ("mismatch", place, "table.txt"),
    }  # fmt: skip


def test_swapped_files_of_a_folder_are_both_told(tiny):
    swap(tiny.root / "out/a.txt", tiny.root / "out/ü b.txt")
    assert {path for _, _, path in wrong(verify(tiny.root))} == {"out/a.txt", "out/ü b.txt"}


def test_the_list_of_a_folder_is_hashed_too(tiny):
    (listing,) = (tiny.root / ".dvc/cache/files/md5").glob("*/*.dir")
    text = listing.read_bytes()
    replace_bytes(listing, text.replace(b"a.txt", b"c.txt"))
    assert ("mismatch", "cache", "out") in wrong(verify(tiny.root))
    assert tiny.aside == [f"{listing.parent.name}{listing.name}-1"]


@pytest.mark.parametrize("path", ["raw/a.txt", "table.txt", "src/make.py", "metrics.json"])
def test_what_came_into_a_folder_or_went_from_it(tiny, path):
    (tiny.root / path).unlink()
    (tiny.root / "out/new.txt").write_text("new")
    report = verify(tiny.root)
    assert ("mismatch", "workspace", "out/new.txt") in wrong(report)
    alone = "/" not in path
    assert (("mismatch", "workspace", path) in wrong(report)) is not alone
    assert any(f.level is Level.NOTE and f.path == path for f in report.findings) is alone


def test_a_corrupt_object_is_set_aside_again_and_again(tiny):
    md5 = tiny.md5("table.txt")
    for number in (1, 2):
        flip(tiny.cached(md5))
        (finding,) = verify(tiny.root).findings
        assert finding.set_aside == f".dvc/tmp/regrow/corrupt/{md5}-{number}"
        assert "dvc fetch" in finding.fix
        tiny.run("dvc", "fetch")
        assert verify(tiny.root).code is Exit.OK


def test_from_the_workspace_too_an_object_comes_back_as_told(tiny):
    flip(tiny.cached(tiny.md5("table.txt")))
    (finding,) = verify(tiny.root).findings
    command = finding.fix.rpartition(": ")[2]
    assert command == "dvc commit -f table.txt"
    tiny.run(*command.split())
    assert verify(tiny.root).findings == ()
    assert tiny.run("git", "status", "--porcelain").stdout == ""


def test_corrupt_objects_can_be_left_where_they_are(tiny):
    flip(tiny.cached(tiny.md5("table.txt")))
    before = tiny.everything()
    report = verify(tiny.root, set_aside=False)
    assert report.code is Exit.MISMATCH
    assert tiny.everything() == before


def test_where_an_object_cannot_be_moved_it_is_told_and_left(tiny):
    flip(tiny.cached(tiny.md5("table.txt")))
    tiny.write(".dvc/tmp/regrow", "in the way")
    before = tiny.everything()
    (finding,) = verify(tiny.root).findings
    assert "could not be set aside" in finding.wrong
    assert finding.fix.startswith(f"first move it out of the cache: {tiny.cached(tiny.md5('table.txt'))}")
    assert finding.set_aside == ""
    assert tiny.everything() == before


def test_corrupt_objects_never_leave_the_project_through_a_link(tiny, tmp_path):
    flip(tiny.cached(tiny.md5("table.txt")))
    (tmp_path / "elsewhere").mkdir()
    (tiny.root / ".dvc/tmp/regrow").mkdir(parents=True)
    (tiny.root / ".dvc/tmp/regrow/corrupt").symlink_to(tmp_path / "elsewhere")
    (finding,) = verify(tiny.root).findings
    assert "leads out" in finding.wrong
    assert not list((tmp_path / "elsewhere").iterdir())


def test_missing_in_the_cache_alone_is_a_note(tiny):
    tiny.cached(tiny.md5("table.txt")).unlink()
    report = verify(tiny.root)
    assert [(f.level, f.place, f.path) for f in report.findings] == [(Level.NOTE, "cache", "table.txt")]
    assert report.code is Exit.OK


def test_missing_wherever_was_looked_is_missing(tiny):
    tiny.cached(tiny.md5("table.txt")).unlink()
    (tiny.root / "table.txt").unlink()
    report = verify(tiny.root)
    assert wrong(report) == {("missing", "cache, workspace", "table.txt")}
    assert report.code is Exit.DATA_MISSING
    assert "--remote" in next(f.fix for f in report.findings if f.level is Level.MISSING)
    assert verify(tiny.root, remote="store").code is Exit.OK


def test_another_commits_data_may_be_gone(tiny):
    first = tiny.run("git", "rev-parse", "HEAD").stdout.strip()
    old = tiny.md5("table.txt")
    tiny.write("raw/a.txt", "three\n")
    tiny.run("dvc", "add", "--quiet", "raw")
    tiny.run("dvc", "repro", "--quiet")
    tiny.commit("another run")
    assert verify(tiny.root).code is Exit.OK
    assert verify(tiny.root, first).code is Exit.OK
    tiny.cached(old).unlink()
    assert wrong(verify(tiny.root, first)) == {("missing", "cache", "table.txt")}
    assert verify(tiny.root, first, remote="").code is Exit.OK


def test_no_cache_at_all(tiny):
    shutil.rmtree(tiny.root / ".dvc/cache")
    report = verify(tiny.root)
    assert report.code is Exit.OK
    assert {f.path for f in report.findings} == {"out", "table.txt", "raw"} | {"out/a.txt"}
    assert {f.level for f in report.findings} == {Level.NOTE}
    shutil.rmtree(tiny.root / "out")
    shutil.rmtree(tiny.root / "raw")
    report = verify(tiny.root)
    assert report.code is Exit.DATA_MISSING
    assert {path for level, _, path in wrong(report)} == {"out", "raw", "out/a.txt"}  # a dependency of its own


def test_an_edit_of_results_that_was_committed(tiny):
    tiny.edit("metrics.json", "200", "201")
    tiny.commit("better")
    report = verify(tiny.root)
    assert wrong(report) == {("mismatch", "Git", "metrics.json"), ("mismatch", "workspace", "metrics.json")}


def test_an_edit_of_code_that_was_committed(tiny):
    tiny.edit("src/make.py", "* 2", "* 3")
    tiny.write("src/new.py", "")
    (tiny.root / "src/score.py").unlink()
    tiny.commit("no run")
    report = verify(tiny.root)
    told = {f.path: f.wrong for f in report.findings if f.place == "Git"}
    assert told == {
        "src/make.py": "the commit edited it after the run",
        "src/new.py": "the commit has it, the run did not see it",
        "src/score.py": "the run saw it, the commit lacks it",
    }


def test_a_file_that_the_run_saw_and_the_commit_lacks(tiny):
    tiny.write(".gitignore", "__pycache__/\n/out\n/table.txt\n/raw\nhelper.py\n")
    tiny.write("src/helper.py", "x = 1\n")
    tiny.run("dvc", "repro", "--quiet")
    tiny.commit("forgot one")
    told = {f.path: f.wrong for f in verify(tiny.root).findings}
    assert told == {"src/helper.py": "the run saw it, the commit lacks it"}


def test_a_lock_that_was_edited(tiny):
    tiny.edit("dvc.lock", tiny.md5("table.txt"), "a" * 32)
    report = verify(tiny.root)
    assert report.code is Exit.MISMATCH
    assert {("mismatch", "workspace", "dvc.lock"), ("mismatch", "workspace", "table.txt")} <= wrong(report)
    tiny.commit("edited")
    report = verify(tiny.root)
    assert {("missing", "cache, workspace", "table.txt"), ("mismatch", "workspace", "table.txt")} <= wrong(report)
    assert report.code is Exit.MISMATCH


def test_another_run_that_was_not_committed(tiny):
    tiny.edit("params.yaml", "rows: 2", "rows: 3")
    tiny.run("dvc", "repro", "--quiet")
    report = verify(tiny.root)
    assert wrong(report) == {("mismatch", "workspace", "dvc.lock")}
    flip(tiny.root / "table.txt")
    assert ("mismatch", "workspace", "table.txt") in wrong(verify(tiny.root)), "held against its own dvc.lock"


@pytest.mark.parametrize(
    "text", ["stages: [", "stages: {make: {outs: [3]}}", "stages: [x]", "\x00", "stages: {make: 3}"]
)
def test_a_broken_lock(tiny, text):
    tiny.write("dvc.lock", text)
    report = verify(tiny.root)
    assert ("mismatch", "workspace", "dvc.lock") in wrong(report)
    tiny.commit("broken")
    with pytest.raises(RegrowError, match=r"dvc\.lock") as error:
        verify(tiny.root)
    assert error.value.code is Exit.MISMATCH


@pytest.mark.parametrize("path", ["../out", "/etc/passwd", ".git/config", ".dvc/config", "out/../../x"])
def test_a_path_that_leads_out_is_refused(tiny, path):
    tiny.edit("dvc.lock", "path: table.txt", f"path: {path}")
    tiny.commit("evil")
    with pytest.raises(RegrowError, match="path") as error:
        verify(tiny.root)
    assert error.value.code is Exit.UNSAFE


def test_a_folder_whose_list_leads_out_is_refused(tiny):
    from regrow.base import hashing

    data = hashing.listing([("../../evil", "a" * 32)])
    md5 = hashing.of_bytes(data).md5 + ".dir"
    text = (tiny.root / "dvc.lock").read_text()
    old = next(line.split()[1] for line in text.splitlines() if ".dir" in line)
    tiny.write("dvc.lock", text.replace(old, md5))
    tiny.edit("raw.dvc", old, md5)
    tiny.cached(md5).parent.mkdir(exist_ok=True)
    tiny.cached(md5).write_bytes(data)
    tiny.commit("evil")
    with pytest.raises(RegrowError, match="evil") as error:
        verify(tiny.root)
    assert error.value.code is Exit.UNSAFE


def test_two_contents_of_one_md5_are_told_apart_by_sha256(tiny):
    text = (tiny.root / "hashes/make.json").read_text()
    said = json.loads(text)
    said["outputs"]["table.txt"]["sha256"] = "0" * 64
    said["inputs"]["raw"]["sha256"] = "0" * 64
    old = tiny.md5("hashes/make.json")
    tiny.write("hashes/make.json", json.dumps(said))
    tiny.edit("dvc.lock", old, tiny.md5("hashes/make.json"))
    tiny.commit("as if md5 had been forged")
    report = verify(tiny.root, remote="")
    told = {(f.place, f.path) for f in report.findings if "sha256" in f.wrong}
    assert told == {(place, path) for place in ("cache", "remote store", "workspace") for path in ("raw", "table.txt")}
    assert report.code is Exit.MISMATCH


@pytest.mark.parametrize("kind", ["symlink", "hardlink"])
def test_outputs_that_are_links_into_the_cache(tiny, kind):
    tiny.run("dvc", "config", "cache.type", kind)
    tiny.run("dvc", "checkout", "--relink")
    tiny.commit()
    assert verify(tiny.root).findings == ()
    flip(tiny.cached(tiny.md5("table.txt")).resolve())
    assert wrong(verify(tiny.root)) == {("mismatch", "cache", "table.txt"), ("mismatch", "workspace", "table.txt")} or (
        kind == "symlink"
    )


def test_a_pipe_is_not_waited_for(tiny):
    (tiny.root / "table.txt").unlink()
    os.mkfifo(tiny.root / "table.txt")
    report = verify(tiny.root)
    assert ("mismatch", "workspace", "table.txt") in wrong(report)


def test_a_cache_elsewhere_as_dvcs_settings_say(tiny, tmp_path):
    shutil.move(tiny.root / ".dvc/cache", tmp_path / "shared")
    tiny.run("dvc", "cache", "dir", "--local", str(tmp_path / "shared"))
    report = verify(tiny.root)
    assert report.findings == ()
    assert report.places["cache"].files == 5


def test_an_experiment_by_its_name(tiny):
    tiny.run("dvc", "exp", "run", "--name", "odd-name", "-S", "rows=5")
    tiny.run("git", "checkout", "--quiet", "HEAD", "--", ".")
    report = verify(tiny.root, "odd-name")
    assert report.code is Exit.OK
    assert "workspace" not in report.places


@pytest.mark.parametrize("name", ["", "other"])
def test_no_such_remote(tiny, name):
    tiny.run("dvc", "remote", "remove", "store")
    with pytest.raises(RegrowError, match="remote") as error:
        verify(tiny.root, remote=name)
    assert error.value.code is Exit.FAILURE


def test_stages_of_other_hands_with_templates(tiny):
    tiny.write(
        "dvc.yaml",
        (tiny.root / "dvc.yaml").read_text()
        + """\
  each:
    foreach: [k, l]
    do:
      cmd: echo ${item} > e-${item}
      outs: ["e-${item}"]
  lists:
    matrix: {n: [1, 2]}
    cmd: ["echo ${item.n}", echo done]
""",
    )
    tiny.run("dvc", "repro", "--quiet")
    tiny.commit()
    assert verify(tiny.root).findings == ()
    tiny.edit("dvc.yaml", "  each:", "  other:")
    tiny.commit()
    told = {(str(f.level), f.path) for f in verify(tiny.root).findings}
    assert told == {
        ("mismatch", "stage other@k"),
        ("mismatch", "stage other@l"),
        ("note", "stage each@k"),
        ("note", "stage each@l"),
    }


def test_a_merged_folder_of_files_in_git_and_in_dvc(tiny):
    tiny.write("mix/in_git.txt", "git")
    tiny.write("mix/in_dvc.txt", "dvc")
    tiny.run("dvc", "add", "--quiet", "mix/in_dvc.txt")
    tiny.edit("dvc.yaml", "deps: [raw, src]", "deps: [raw, src, mix]")
    tiny.run("dvc", "repro", "--quiet")
    tiny.commit()
    assert verify(tiny.root).findings == ()
    tiny.write("mix/in_git.txt", "edited")
    tiny.commit()
    assert ("mismatch", "Git", "mix/in_git.txt") in wrong(verify(tiny.root))


def test_inputs_that_nobody_keeps(tiny):
    tiny.write("loose.txt", "x")
    tiny.edit("dvc.yaml", "deps: [raw, src]", "deps: [raw, src, loose.txt]")
    tiny.run("dvc", "repro", "--quiet")
    tiny.write(".gitignore", "__pycache__/\n/out\n/table.txt\n/raw\nloose.txt\n")
    tiny.commit()
    (finding,) = verify(tiny.root).findings
    assert (finding.level, finding.path) == (Level.NOTE, "loose.txt")
    (tiny.root / "loose.txt").unlink()
    assert wrong(verify(tiny.root)) == {("missing", "dvc.lock", "loose.txt")}


def test_the_whole_pipeline_of_regrow(pristine):
    before = pristine.run("git", "status", "--porcelain").stdout
    report = verify(pristine.root)
    assert report.findings == ()
    assert report.sha256 >= 10
    assert pristine.run("git", "status", "--porcelain").stdout == before


def test_nothing_of_the_commit_is_run(tiny):
    canary = tiny.root.parent / "canary"
    for path in ("src/__init__.py", "conftest.py", "sitecustomize.py", "src/make.py"):
        tiny.write(path, f"open({str(canary)!r}, 'w')\n")
    tiny.edit(".dvc/config", "[core]", f"[hydra]\n    enabled = true\n    plugins_path = {tiny.root}\n[core]")
    tiny.write("hooks/post-checkout", f"#!/bin/sh\ntouch {str(canary)!r}\n")
    tiny.run("git", "config", "core.hooksPath", "hooks")
    (tiny.root / "hooks/post-checkout").chmod(0o755)
    tiny.commit("evil")
    tiny.run("regrow", "verify", check=False)
    tiny.run("regrow", "inspect", "HEAD")
    assert not canary.exists()


def test_tiny_is_what_these_tests_take_it_for(tiny_made: Tiny):
    assert tiny_made.cached(tiny_made.md5("table.txt")).stat().st_mode & 0o777 == 0o444


def test_an_ignored_file_is_that_of_the_commit(tiny):
    """What .dvcignore says in the work tree alone hides nothing."""
    flip(tiny.root / "raw/a.txt")
    tiny.write(".dvcignore", "__pycache__\na.txt\n")
    assert ("mismatch", "workspace", "raw/a.txt") in wrong(verify(tiny.root))


def test_claims_are_counted_by_kind(tiny):
    claims = verify(tiny.root).claims
    assert {kind: (one.proven, one.broken, one.not_proven) for kind, one in claims.items()} == {
        "Git objects": (18, 0, 0), "inputs": (3, 0, 0), "outputs": (4, 0, 0), "sha256 statements": (3, 0, 0),
        "settings": (3, 0, 0), "commands and dependencies": (13, 0, 0), "code of fingerprints": (0, 0, 0),
        "lock and wheels": (0, 0, 0), "declared inputs alone": (0, 0, 0),
    }  # fmt: skip
    flip(tiny.cached(tiny.md5("table.txt")))
    tiny.edit("params.yaml", "rows: 2", "rows: 3")
    tiny.commit("edited")
    report = verify(tiny.root)
    assert {kind for kind, one in report.claims.items() if one.broken} == {"outputs", "settings"}
    assert report.as_json()["claims"]["outputs"] == {"proven": 3, "broken": 1, "not_proven": 0}


def test_a_file_whose_object_is_gone_is_missing_and_named(tiny):
    name = tiny.run("git", "rev-parse", "HEAD:./metrics.json").stdout.strip()
    git_harm.loose(tiny.root, name).unlink()
    report = verify(tiny.root)
    assert wrong(report) == {("missing", "Git", "metrics.json")}
    assert name in report.findings[0].wrong
    assert (report.code, report.claims["Git objects"].not_proven) == (Exit.DATA_MISSING, 1)
    assert report.claims["settings"].not_proven > 0


def test_inspect_believes_no_object_unread(tiny):
    name = tiny.run("git", "rev-parse", "HEAD:./metrics.json").stdout.strip()
    git_harm.rewrite(tiny.root, name, b'{"better": 1}')
    done = tiny.run("regrow", "inspect", "HEAD", check=False)
    assert done.returncode == Exit.MISMATCH
    assert name in done.stderr
