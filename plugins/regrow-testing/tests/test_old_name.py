"""`regrow.testing`, which tests of older plugins import."""

import subprocess
import sys

from regrow_testing.contract import check_plugin


def test_it_is_the_same_kit():
    from regrow.testing.contract import check_plugin as old
    from regrow.testing.kit_table import TARGET

    assert old is check_plugin
    assert TARGET == "sold"


def test_without_the_package_it_says_which_that_is():
    script = "import sys; sys.modules['regrow_testing'] = None\nfrom regrow.testing.contract import check_plugin"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "ModuleNotFoundError: the contract kit is a package of its own: pip install regrow-testing" in done.stderr
