"""`dvc repro` alone is right: each edit reruns what stands on it, and nothing else."""

import gzip

COMPONENT = "src/late_flights/circle.py"


def test_nothing_has_changed_so_nothing_runs(project):
    assert project.repro() == []
    assert project.changed() == []


def test_a_model_setting_reruns_training_and_what_follows(project):
    project.edit("conf/model/linear.yaml", "C: 1.0", "C: 0.1")
    before = project.metrics()
    assert project.repro() == ["compile", "train", "evaluate", "examine", "decide", "report"]
    assert project.metrics() != before
    assert "C: 0.1" in project.read("params.yaml")


def test_an_earlier_value_is_free(project):
    project.edit("conf/model/linear.yaml", "C: 1.0", "C: 0.1")
    assert "train" in project.repro()
    project.edit("conf/model/linear.yaml", "C: 0.1", "C: 1.0")
    assert project.repro() == ["compile"]
    assert project.changed() == []


def test_a_metric_reruns_evaluation_and_report(project):
    project.edit("conf/evaluation/binary.yaml", "metrics:\n", "metrics:\n  accuracy: {use: accuracy}\n")
    assert project.repro() == ["compile", "evaluate", "examine", "decide", "report"]
    assert "accuracy" in project.metrics()


def test_what_cannot_change_a_result_reruns_compile_alone(project):
    project.write("conf/model/linear.yaml", "# another comment\n" + project.read("conf/model/linear.yaml"))
    project.edit("conf/compute/local.yaml", "n_jobs: 1", "n_jobs: 2")
    source = project.read(COMPONENT)
    project.write(COMPONENT, f'"""Another docstring."""\n\n# a comment\n{source.partition(chr(10))[2]}\n\n\n')
    assert project.repro() == ["compile"]
    assert project.repro() == []


def test_the_order_of_steps_counts_though_dvc_compares_without_order(project):
    text = project.read("conf/features/flights.yaml")
    carrier = next(line for line in text.splitlines(keepends=True) if line.startswith("  carrier:"))
    origin = next(line for line in text.splitlines(keepends=True) if line.startswith("  origin:"))
    project.write("conf/features/flights.yaml", text.replace(carrier + origin, origin + carrier))
    ran = project.repro()
    assert ran[:2] == ["compile", "train"]
    assert "features" not in ran


def test_a_helper_reruns_the_one_stage_that_reaches_it(project):
    """And Git shows the cause by name."""
    project.write(
        "src/late_flights/helper.py", "def turn(hours):\n    return hours * 1\n\n\ndef unused():\n    return 1\n"
    )
    assert project.repro() == ["compile"], "no stage reaches it yet"
    project.edit(COMPONENT, "import numpy as np", "import numpy as np\nfrom late_flights.helper import turn")
    project.edit(COMPONENT, "/ settings.period)", "/ turn(settings.period))")
    assert project.repro() == ["compile", "features"], "the same numbers come out, so what follows stays"
    project.commit()

    project.edit("src/late_flights/helper.py", "return 1", "return 2")
    assert project.repro() == ["compile"], "unused() is reached by no stage"
    project.edit("src/late_flights/helper.py", "* 1", "* 2")
    assert "code: late_flights.helper:turn: " in project.run("regrow", "explain", "features").stdout
    assert project.repro() == ["compile", "features", "train", "evaluate", "examine", "decide", "report"]
    assert "code late_flights.helper:turn" in project.run("git", "diff", "-U0", "fingerprints/features.lock").stdout


def test_data_reruns_from_the_first_stage_that_reads_it(project):
    raw = project.root / "data/raw/flights.csv.gz"
    rows = gzip.decompress(raw.read_bytes())
    raw.chmod(0o644)
    raw.write_bytes(gzip.compress(rows + rows.splitlines(keepends=True)[-1].replace(b"2013", b"2014", 1), mtime=0))
    explained = project.run("regrow", "explain", "ingest").stdout
    assert "data: data/raw/flights.csv.gz: " in explained
    ran = project.repro()
    assert ran[:2] == ["ingest", "validate"]
    assert "compile" not in ran


def test_explain_names_settings_with_before_and_after(project):
    assert "train: up to date" in project.run("regrow", "explain").stdout
    project.edit("conf/model/linear.yaml", "C: 1.0", "C: 0.1")
    told = project.run("regrow", "explain", "train").stdout
    assert "settings: model.C: 1.0 -> 0.1" in told
    assert project.changed() == ["conf/model/linear.yaml"], "explain writes nothing"


def test_a_deleted_output_is_made_again(project):
    (project.root / "report.html").unlink()
    assert "output: report.html" in project.run("regrow", "explain", "report").stdout
    project.repro()
    assert (project.root / "report.html").is_file()


def test_an_older_commit_has_nothing_to_run(project):
    project.edit("conf/model/linear.yaml", "C: 1.0", "C: 0.1")
    project.repro()
    project.commit("less C")
    project.run("git", "switch", "--quiet", "--create", "older", "HEAD~1")
    project.run("dvc", "checkout")
    assert project.repro() == []
    assert project.changed() == []


def test_a_clone_gets_its_results_from_the_remote(project, tmp_path):
    remote = tmp_path / "remote"
    project.run("dvc", "remote", "add", "--default", "store", str(remote))
    project.commit("remote")
    project.run("dvc", "push")
    clone = type(project)(tmp_path / "clone", project.environment)
    project.run("git", "clone", "--quiet", str(project.root), str(clone.root))
    clone.run("dvc", "pull")
    assert clone.repro() == []
    assert clone.changed() == []
