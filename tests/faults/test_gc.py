"""After `dvc gc` a replay of what it removed ends before anything is built or run, with the list."""


def test_data_that_gc_removed_is_listed(recorded):
    recorded.run("git", "tag", "then")
    before = recorded.read("data/raw.dvc")
    recorded.write("data/raw/x.txt", "4\n")
    recorded.write("requirements.lock", "")
    recorded.run("dvc", "add", "--quiet", "data/raw")
    recorded.reproduce("other data")
    recorded.run("dvc", "gc", "--workspace", "--force")
    state = recorded.state()
    done = recorded.run("regrow", "replay", "then", code=3)
    assert "data/raw" in done.stderr
    assert before.split("md5: ")[1].split()[0] in done.stderr
    assert ".dvc/cache" in done.stderr
    assert "stage" not in done.stderr
    assert recorded.state() == state
    recorded.run("regrow", "replay", "HEAD", "--env", "current")
