"""`regrow verify`: what is wrong in full, what is right in numbers, and the exit code."""

import json

import pytest
from tests.tiny import flip


def test_all_is_well(tiny_made):
    done = tiny_made.run("regrow", "verify", "--remote")
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[:6]] == ["place", "Git", "workspace", "cache", "remote", "claims"]
    assert all(line.split()[-2:] == ["0", "0"] for line in lines[6:-1])
    assert max(map(len, lines)) <= 80
    assert lines[-1].endswith("is as recorded; 3 paths by sha256 too")
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


def test_what_is_wrong_is_told_with_the_way_back(tiny):
    md5 = tiny.md5("table.txt")
    flip(tiny.cached(md5))
    done = tiny.run("regrow", "verify", check=False)
    assert done.returncode == 2
    assert "mismatch   table.txt: cache: its object holds other bytes than recorded" in done.stdout
    assert md5 in done.stdout
    assert f"set aside .dvc/tmp/regrow/corrupt/{md5}-1" in done.stdout
    assert "dvc fetch" in done.stdout
    assert "is NOT as recorded" in done.stdout


def test_missing_is_another_exit_code(tiny):
    tiny.cached(tiny.md5("table.txt")).unlink()
    (tiny.root / "table.txt").unlink()
    done = tiny.run("regrow", "verify", check=False)
    assert done.returncode == 3
    assert "missing    table.txt: cache, workspace: is in none of these places" in done.stdout


def test_json_says_all(tiny):
    flip(tiny.root / "table.txt")
    done = tiny.run("regrow", "verify", "--json", "--no-set-aside", check=False)
    found = json.loads(done.stdout)
    assert done.returncode == found["exit_code"] == 2
    (finding,) = found["findings"]
    assert (finding["level"], finding["place"], finding["path"]) == ("mismatch", "workspace", "table.txt")
    keys = {"level", "place", "path", "wrong", "recorded", "actual", "fix", "set_aside", "kind", "unit"}
    assert finding.keys() == keys
    assert found["places"]["workspace"]["files"] == 9


def test_from_a_folder_inside(tiny):
    done = tiny.run("sh", "-c", "cd src && regrow verify HEAD")
    assert "is as recorded" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["no-such"], 1, "'no-such' names no commit"),
        (["--", "--output=x"], 1, "names no commit"),
        (["--remote", "other"], 1, "no remote is called 'other'; there are: store"),
        (["HEAD", "HEAD"], 1, "unexpected extra argument"),
    ],
)
def test_wrong_usage(tiny_made, arguments, code, said):
    done = tiny_made.run("regrow", "verify", *arguments, check=False)
    assert done.returncode == code
    assert said in done.stderr


def test_a_path_that_leads_out_is_exit_code_5(tiny):
    tiny.edit("dvc.lock", "path: table.txt", "path: ../../table.txt")
    tiny.commit()
    done = tiny.run("regrow", "verify", check=False)
    assert done.returncode == 5
    assert "must be a relative path inside the project" in done.stderr


def test_many_findings_are_cut_in_text_alone(tiny):
    for number in range(60):
        tiny.write(f"out/{number}.txt", "")
    done = tiny.run("regrow", "verify", check=False)
    assert "... and 10 more: --json lists all" in done.stdout
    assert len(json.loads(tiny.run("regrow", "verify", "--json", check=False).stdout)["findings"]) == 60
