"""Which tests are slow: `make test` leaves them to `make check`."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parent
# End-to-end: each starts DVC, a replay or a warm server many times, or every page of the docs; or fits many models.
# Single faults and failed runs stay in `make test`.
SLOW = (
    "plugins/regrow-evaluation/tests/test_slices.py",
    "plugins/regrow-experiment/tests/test_canary.py",
    "plugins/regrow-experiment/tests/test_cluster.py",
    "plugins/regrow-experiment/tests/test_killed.py",
    "plugins/regrow-experiment/tests/test_rounds.py",
    "plugins/regrow-experiment/tests/test_suited.py",
    "plugins/regrow-history/tests/replay/test_undeclared.py",
    "plugins/regrow-history/tests/sweep",
    "tests/artifacts/test_families.py",
    "tests/faults/test_bad_places.py",
    "tests/faults/test_elsewhere.py",
    "tests/faults/test_gc.py",
    "tests/faults/test_killed_replays.py",
    "tests/faults/test_killed_runs.py",
    "tests/faults/test_two_at_once.py",
    "tests/pipeline",
    "tests/repo/test_docs.py",
    "tests/repo/test_site.py",
    "tests/template",
    "tests/benchmarks",
    "tests/test_below_the_top.py",
    "tests/test_templates.py",
    "tests/tools/test_run_cache.py",
    "tests/warm/test_warm.py",
)

SLOW_TIMEOUT = 1800  # seconds: a whole page of the docs, or a project with its environment, on a busy machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark those above, which get more time, too."""
    for item in items:
        path = item.path.relative_to(ROOT).as_posix() if item.path.is_relative_to(ROOT) else ""
        if any(path == one or path.startswith(f"{one}/") for one in SLOW):
            item.add_marker(pytest.mark.slow)
            if not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(SLOW_TIMEOUT))
