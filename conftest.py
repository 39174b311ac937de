"""Which tests are slow: `make test` leaves them to `make check`, but for a few of each kind; and which of those are so
long that `make check` leaves them to `make long`."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent
# End-to-end: each starts DVC, a replay or a warm server many times, or every page of the docs; or fits many models.
# A file, a folder, or one test -> parts of the names of those that stay in `make test`, as a smoke case of the rest.
SLOW: dict[str, tuple[str, ...]] = {
    "plugins/regrow-data/tests/test_contract.py": (),
    "plugins/regrow-evaluation/tests/test_contract.py": (),
    "plugins/regrow-evaluation/tests/test_cross_testing.py": ("small_groups", "refused"),
    "plugins/regrow-evaluation/tests/test_examine.py::test_a_challenger_better_by_less": (),
    "plugins/regrow-evaluation/tests/test_report.py": ("binary", "without", "findings", "stands", "forged", "picture"),
    "plugins/regrow-evaluation/tests/test_many_rows.py": (),
    "plugins/regrow-evaluation/tests/test_repeats.py::test_a_column_of_noise": (),
    "plugins/regrow-evaluation/tests/test_slices.py": (),
    "plugins/regrow-evaluation/tests/test_staleness.py": ("few_rows",),
    "plugins/regrow-experiment/tests/test_canary.py": (),
    "plugins/regrow-experiment/tests/test_cluster.py": (),
    "plugins/regrow-experiment/tests/test_contract.py": (),
    "plugins/regrow-experiment/tests/test_grouped.py": ("each_group", "not_there", "words"),
    "plugins/regrow-experiment/tests/test_killed.py": (),
    "plugins/regrow-experiment/tests/test_pretrained.py::test_a_warm_start_begins": ("[mlp]", "[linear]"),
    "plugins/regrow-experiment/tests/test_rounds.py": (),
    "plugins/regrow-experiment/tests/test_search.py": (
        "best_trial",
        "what_scikit_learn_finds",
        "space",
        "needs_an_end",
        "ranges",
        "nothing_is_searched",
    ),
    "plugins/regrow-experiment/tests/test_stored.py": ("linear", "workers"),
    "plugins/regrow-experiment/tests/test_suited.py": (),
    "plugins/regrow-experiment/tests/test_train.py": ("linear", "pipeline", "folds_the_model", "rolling"),
    "plugins/regrow-experiment/tests/test_wrappers.py": ("stack-words", "inside", "baselines"),
    "plugins/regrow-features/tests/test_contract.py": (),
    "plugins/regrow-govern/tests/test_follow.py": (),
    "plugins/regrow-govern/tests/test_fresh_project.py": (),
    "plugins/regrow-govern/tests/test_govern_docs.py": (),
    "plugins/regrow-govern/tests/test_promotion.py": (),
    "plugins/regrow-govern/tests/test_readiness.py": (),
    "plugins/regrow-govern/tests/test_security_checks.py::test_the_source_with_wrong_labels": (),
    "plugins/regrow-history/tests/environment/test_build.py": ("built_once", "damaged", "wheel", "lock", "folder"),
    "plugins/regrow-history/tests/environment/test_running.py": (),
    "plugins/regrow-history/tests/replay/test_replay.py": ("honest", "no_commit", "options", "leads_out"),
    "plugins/regrow-history/tests/replay/test_summary.py": ("markup", "words", "unsound", "long_table"),
    "plugins/regrow-history/tests/replay/test_undeclared.py": (),
    "plugins/regrow-history/tests/replay/test_warm_replay.py": ("jobs",),
    "plugins/regrow-history/tests/replay/test_workflow.py::test_a_": (),
    "plugins/regrow-history/tests/sweep": (),
    "plugins/regrow-history/tests/why/test_why.py": ("what_is_the_same",),
    "plugins/regrow-ledger/tests/test_ledger.py::test_the_plugin_keeps_its_contract": (),
    "plugins/regrow-monitor/tests/test_budget.py": (),
    "plugins/regrow-monitor/tests/test_killed.py": (),
    "plugins/regrow-monitor/tests/test_project.py": (),
    "plugins/regrow-monitor/tests/test_stages.py": (),
    "plugins/regrow-serve/tests/test_bits.py": ("linear",),
    "plugins/regrow-serve/tests/test_hostile.py": (),
    "plugins/regrow-serve/tests/test_stage.py::test_predictions_of_other_fits": (),
    "plugins/regrow-testing/tests/test_contract.py": ("sound", "all_that_is_wrong"),
    "tests/artifacts/test_artifacts.py::test_another_process": (),
    "tests/artifacts/test_families.py": (),
    "tests/faults/test_bad_places.py": (),
    "tests/faults/test_elsewhere.py": (),
    "tests/faults/test_failed_runs.py": ("out of range", "raises"),
    "tests/faults/test_gc.py": (),
    "tests/faults/test_killed_replays.py": (),
    "tests/faults/test_killed_runs.py": (),
    "tests/faults/test_two_at_once.py": (),
    "tests/compile/test_columns.py::test_it_is_told_before": (),
    "tests/pipeline": (),
    "tests/repo/test_docs.py::test_commands_do_what": (),
    "tests/repo/test_site.py": (),
    "tests/run/test_nothing_to_do.py::test_a_change_is_never_nothing": ("[a setting]", "[code]", "[an output", "lock"),
    "tests/run/test_reproduce.py": (
        "up_to_date",
        "-start + 2 * n",
        "no_commit_could",
        "older_commit",
    ),
    "tests/template": (),
    "tests/benchmarks": (),
    "tests/test_below_the_top.py": (),
    "tests/test_templates.py": (),
    "tests/tools/test_declared_paths.py": ("what_would", "links", "inside"),
    "tests/tools/test_hydra.py::test_many_are_composed": (),
    "tests/tools/test_run_cache.py": (),
    "tests/verify/test_staged.py::test_half": (),
    "tests/warm/test_warm.py": (),
}

# Of those, what `make check` leaves to `make long`; in the same form. So it does with every case of a slow test but the
# first.
LONG: dict[str, tuple[str, ...]] = {
    "plugins/regrow-experiment/tests/test_killed.py": ("ctrl_c",),
    "plugins/regrow-experiment/tests/test_rounds.py": ("hopeless", "auto", "constraints"),
    "plugins/regrow-experiment/tests/test_search.py": ("fails", "clock", "killed", "workers", "held_out"),
    "plugins/regrow-govern/tests/test_follow.py": (),
    "plugins/regrow-govern/tests/test_fresh_project.py": (),
    "plugins/regrow-govern/tests/test_govern_docs.py": (),
    "plugins/regrow-govern/tests/test_readiness.py": (),
    "plugins/regrow-history/tests/replay/test_replay.py": (
        "a_variation",
        "not_deterministic",
        "no_object",
        "whitewash",
        "edited_after",
        "corrupt",
        "missing_data",
        "elsewhere",
    ),
    "plugins/regrow-history/tests/replay/test_warm_replay.py": ("ends_early", "history_is_told"),
    "plugins/regrow-history/tests/sweep/test_dask.py": ("gone", "said", "named"),
    "plugins/regrow-history/tests/sweep/test_stages.py": ("otherwise", "beside_others", "cannot"),
    "plugins/regrow-history/tests/sweep/test_sweep.py": (
        "dvc_would",
        "bit_for_bit",
        "killed",
        "tracked",
        "order",
        "can",
    ),
    "plugins/regrow-history/tests/why/test_why.py": ("cannot_be_run",),
    "plugins/regrow-monitor/tests/test_budget.py": ("shift", "few_rows"),
    "plugins/regrow-monitor/tests/test_project.py": (),
    "plugins/regrow-serve/tests/test_drill.py": (),
    "plugins/regrow-serve/tests/test_project.py::test_another_clone": (),
    "plugins/regrow-store/tests/test_project.py": (),
    "tests/artifacts/test_families.py::test_a_model_is_the_same_file": (),
    "tests/benchmarks/test_benchmarks.py::test_a_round": (),
    "tests/faults/test_bad_places.py": ("only_be_read", "without_a_home"),
    "tests/faults/test_elsewhere.py": (),
    "tests/faults/test_killed_runs.py::test_no_orphan": (),
    "tests/faults/test_two_at_once.py": ("started_together",),
    "tests/pipeline/test_experiments.py": ("deep_key", "wrong", "kept_variation", "next_experiment"),
    "tests/pipeline/test_own_data.py::test_parquet": (),
    "tests/pipeline/test_plugins.py": ("its_stage", "own_reasons", "removing", "listed", "code_other"),
    "tests/pipeline/test_reruns.py": (
        "helper",
        "earlier_value",
        "model_setting",
        "nothing_has",
        "deleted",
        "cannot_change",
        "older_commit",
    ),
    "tests/test_below_the_top.py::test_experiments_are": (),
    "tests/tools/test_run_cache.py": ("comes_back", "notes", "sweep_or"),
    "tests/warm/test_warm.py": (
        "bytes_are_the_same",
        "leaves_the_stage",
        "takes_its_child",
        "changed_environment",
        "ends_with_the_run",
        "two_children",
        "other_variables",
        "idle",
        "errors",
        "no_request",
    ),
}
SLOW_TIMEOUT = 1800  # seconds: a whole page of the docs, or a project with its environment, on a busy machine


def named(test: str, tests: dict[str, tuple[str, ...]]) -> bool:
    """Whether this one, PATH::NAME below the repository, is among some as above."""
    name = test.partition("::")[2]
    return any(
        test == one or test.startswith((f"{one}/", f"{one}::") if "::" not in one else one)
        for one, kept in tests.items()
        if not any(part in name for part in kept)
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark those above; the slow ones get more time, too."""
    seen = set[str]()
    for item in items:
        path = item.path.relative_to(ROOT).as_posix() if item.path.is_relative_to(ROOT) else ""
        if named(f"{path}::{item.name}", SLOW):
            item.add_marker(pytest.mark.slow)
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(SLOW_TIMEOUT))
        if item.get_closest_marker("slow"):
            case = item.nodeid.partition("[")[0]
            if case in seen or named(f"{path}::{item.name}", LONG):
                item.add_marker(pytest.mark.long)
            seen.add(case)
