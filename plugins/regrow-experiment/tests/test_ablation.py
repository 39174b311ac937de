"""What a step is worth, paired by seed, and how it is taken out."""

import pytest

from regrow_experiment.ablation import experiments, overrides, worth

STEPS = {"texts": {"use": "ordinal", "columns": ["a", "b"]}, "present": {"use": "drop_empty"}}


def test_steps_are_taken_out_by_an_override_each():
    assert overrides(STEPS, ["dates"], False) == {
        "features.derive.dates": "~features.derive.dates",
        "features.steps.texts": "~features.steps.texts",
        "features.steps.present": "~features.steps.present",
    }
    auto = overrides(STEPS, [], True)
    assert auto["features.steps.present"] == "features.steps={texts: {use: ordinal, columns: [a, b]}}"
    assert experiments({"a": "~a"}, [3, 4]) == [["seed=3"], ["seed=4"], ["seed=3", "~a"], ["seed=4", "~a"]]


@pytest.mark.parametrize("higher", [True, False])
def test_a_step_is_worth_what_is_lost_without_it(higher):
    sign = 1 if higher else -1
    whole, little, much = [0.8, 0.82, 0.79], [0.81, 0.80, 0.80], [0.6, 0.63, 0.6]
    scores = [sign * score for score in [*whole, *little, *much]] + [None] * 3
    found = worth(["little", "much", "all"], scores, [""] * 11 + ["no step turned 'a' into numbers"], 3, higher)
    assert [(one.step, one.verdict) for one in found] == [
        ("much", "worth it"),
        ("little", "within noise"),
        ("all", "can't be left out"),
    ]
    assert found[0].gain.mean == pytest.approx(0.1933, abs=1e-3)
    assert found[2].failed == "no step turned 'a' into numbers"
