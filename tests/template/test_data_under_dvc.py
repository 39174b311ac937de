"""The hook writes what DVC would write; DVC itself is asked."""

import json
import shutil

from template_projects import run, tree


def test_dvc_finds_all_data_in_place(flights, odd, python_m, environment):
    for project in (flights, odd):
        here = {"cwd": project, "env": environment}
        assert "up to date" in python_m("dvc", "status", "data/raw.dvc", **here).stdout
        status = json.loads(python_m("dvc", "data", "status", "--json", **here).stdout)
        assert not {"not_in_cache", "uncommitted", "committed"} & {key for key, value in status.items() if value}, (
            status
        )


def test_dvc_add_would_have_written_the_same(own_flights, python_m, environment, tmp_path):
    before = tree(own_flights)
    shutil.rmtree(own_flights / ".dvc/cache")
    (own_flights / "data/raw.dvc").unlink()
    (own_flights / "data/.gitignore").unlink()
    done = python_m("dvc", "add", "data/raw", cwd=own_flights, env=environment)
    assert done.returncode == 0, done.stderr
    after = tree(own_flights)
    assert {name: after[name] for name in before} == before
    assert run("git", "status", "--porcelain", cwd=own_flights).stdout == ""


def test_data_comes_back_out_of_the_cache(own_flights, python_m, environment):
    before = tree(own_flights / "data/raw")
    shutil.rmtree(own_flights / "data/raw")
    done = python_m("dvc", "checkout", "data/raw.dvc", cwd=own_flights, env=environment)
    assert done.returncode == 0, done.stderr
    assert {name: content for name, (_, content) in tree(own_flights / "data/raw").items()} == {
        n: c for n, (_, c) in before.items()
    }
