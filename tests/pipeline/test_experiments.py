"""`dvc exp run -S`: composed by Hydra, kept by DVC, checked before anything runs, never lost in silence."""

import shutil

import pytest
from tests.conftest import stages_run


def experiment(project, *settings: str, only: tuple[str, ...] = ()) -> list[str]:
    """Run an experiment called "try", perhaps only some stages; returns the stages that ran."""
    overrides = [part for setting in settings for part in ("-S", setting)]
    return stages_run(project.run("dvc", "exp", "run", "--name", "try", *overrides, *only).stdout)


def test_a_group_choice_and_a_deep_key(project):
    assert experiment(project, "model=boosting", "model.max_iter=20") == [
        "compile",
        "train",
        "evaluate",
        "examine",
        "decide",
        "report",
    ]
    params = project.read("params.yaml")
    assert "use: boosting" in params
    assert "max_iter: 20" in params
    assert "try" in project.run("dvc", "exp", "show").stdout
    assert project.repro() == [], "plain dvc repro keeps the experiment that is in the workspace"


def test_an_ablation_is_one_override_and_can_be_adopted(project):
    assert experiment(project, "~features.steps.carrier")[:2] == ["compile", "train"]
    assert "min_frequency: 100" in project.read("params.yaml"), "origin's stays"
    ablated = project.metrics()
    told = project.run("regrow", "adopt", "try", "--name", "no_carrier", "--default").stdout
    assert "~features.steps.carrier" in told
    assert project.run("git", "diff", "--stat", "conf/config.yaml").stdout
    assert project.repro() == ["compile"], "the adopted settings are those of the experiment"
    assert project.metrics() == ablated


def test_a_group_that_ships_inside_a_plugin(project):
    assert experiment(project, "model=knn", only=("train",))[-1] == "train"
    file = project.run("regrow", "adopt", "try").stdout
    assert "conf/experiment/try.yaml: model=knn" in file
    assert "override /model: knn" in project.read("conf/experiment/try.yaml")


def test_a_kept_variation_is_run_by_name(project):
    experiment(project, "experiment=second_seed", only=("compile",))
    assert "seed: 2" in project.read("params.yaml")


@pytest.fixture(scope="module")
def refusing(pristine, tmp_path_factory):
    """One project for all that is refused, since a refusal leaves only params.yaml to be put back."""
    root = tmp_path_factory.mktemp("refusing") / pristine.root.name
    shutil.copytree(pristine.root, root, symlinks=True)
    return type(pristine)(root, pristine.environment)


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("model=bosting", ["boosting", "forest", "knn", "linear", "mlp"]),
        ("modle=linear", ["did you mean 'model'", "evaluation", "split"]),
        ("model.CC=2", ["model.CC", "did you mean 'C'"]),
        ("~features.steps.carier", ["did you mean 'carrier'", "origin"]),
    ],
)
def test_a_wrong_name_answers_with_the_choices(refusing, override, told):
    output = refusing.fails("dvc", "exp", "run", "-S", override)
    assert [word for word in told if word not in output] == []
    assert stages_run(output) == []
    assert refusing.changed() == []


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("model.C=abc", ["model.C", "'abc'", "number", "conf/model/linear.yaml:3"]),
        ("model.C=-3", ["model.C", "-3", "greater than 0"]),
        ("+model.CC=2", ["model.CC", "did you mean 'C'"]),
        ("model.use=lniear", ["model", "did you mean 'linear'", "forest"]),
        ("split.test_size=2", ["split.test_size", "less than 1"]),
        ("split.stratify=1", ["split.stratify", "boolean", "conf/split/holdout.yaml:4 has True"]),
        ("+extra=1", ["extra", "used by no stage"]),
        ("model.C=.inf", ["model.C", "inf"]),
    ],
)
def test_wrong_values_are_refused_before_any_stage(refusing, override, told):
    output = refusing.fails("dvc", "exp", "run", "-S", override)
    assert [word for word in told if word not in output] == [], output
    assert stages_run(output) in ([], ["compile"])
    assert [path for path in refusing.changed() if path != "params.yaml"] == []
    refusing.run("git", "checkout", "--", "params.yaml")


def test_a_sweep_is_queued_and_every_experiment_keeps_its_settings(project):
    queued = project.run("dvc", "exp", "run", "--queue", "-S", "model=linear,knn", "train").stdout
    assert queued.count("Queued experiment") == 2
    project.run("dvc", "queue", "start", "--jobs", "1")
    project.run("dvc", "queue", "logs", queued.split("Queued experiment '")[1].split("'")[0], "--follow", check=False)
    for _ in range(240):
        status = project.run("dvc", "queue", "status").stdout
        if "Queued" not in status and "Running" not in status:
            break
        project.run("sleep", "0.5")
    assert status.count("Success") == 2, status
    shown = project.run("dvc", "exp", "show", "--csv", "--no-pager").stdout
    assert shown.count(",knn,") >= 1
    assert shown.count(",linear,") >= 1


class TestOverridesAreNeverLostInSilence:
    def test_an_edit_of_code_keeps_them(self, project):
        experiment(project, "model=boosting", "model.max_iter=20", only=("compile",))
        project.edit("src/late_flights/circle.py", "    def derive(", "    # a comment\n    def derive(")
        assert project.repro("compile") == ["compile"]
        assert "use: boosting" in project.read("params.yaml")

    def test_an_edit_of_conf_says_what_it_drops_and_how_to_have_it_again(self, project):
        experiment(project, "model=boosting", "model.max_iter=20", only=("compile",))
        project.edit("conf/split/holdout.yaml", "test_size: 0.2", "test_size: 0.25")
        output = project.run("dvc", "repro", "compile").stdout
        assert 'model.use: "boosting", now "linear"' in output
        assert "dvc exp run -S model=boosting -S model.max_iter=20" in output
        assert "use: linear" in project.read("params.yaml")

    def test_the_next_experiment_says_that_it_is_without_them(self, project):
        experiment(project, "model=boosting", "model.max_iter=20")
        output = project.run("dvc", "exp", "run", "-S", "seed=5", "compile").stdout
        assert 'model.use: "boosting", now "linear"' in output

    def test_an_edit_of_params_yaml_by_hand_is_seen(self, project):
        project.edit("params.yaml", "C: 1.0", "C: 0.25")
        output = project.run("dvc", "repro").stdout
        assert "model.C: 0.25, now 1.0" in output
        assert "-S model.C=0.25" in output
        assert project.changed() == []

    def test_compile_by_hand_says_it_too(self, project):
        project.edit("params.yaml", "C: 1.0", "C: 0.25")
        assert "model.params.yaml" not in project.fails("regrow", "compile", "--check", code=1)
        assert "model.C: 0.25, now 1.0" in project.run("regrow", "compile").stdout

    def test_forcing_an_applied_experiment_runs_that_experiment(self, project):
        experiment(project, "model.C=0.25")
        metrics = project.metrics()
        assert project.repro("--force", "--single-item", "compile", "train", "evaluate") == [
            "compile",
            "train",
            "evaluate",
        ]
        assert project.metrics() == metrics
        assert "C: 0.25" in project.read("params.yaml")


def test_metrics_plots_and_apply_work(project):
    experiment(project, "model.C=0.01")
    assert "roc_auc" in project.run("dvc", "metrics", "diff").stdout
    project.run("dvc", "plots", "diff")
    page = project.read("dvc_plots/index.html")
    assert "plots_performance_csv" in page
    assert "plots_calibration_csv" in page
    assert "model.C" in project.run("dvc", "params", "diff").stdout
    project.run("git", "checkout", "--", ".")
    project.run("dvc", "checkout")
    project.run("dvc", "exp", "apply", "try")
    assert "up to date" in project.run("dvc", "status").stdout
    assert project.repro() == []
