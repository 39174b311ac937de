"""The contract kit is the package regrow-testing; tests of plugins that are older import it from here."""

import importlib
import pkgutil
import sys

try:
    import regrow_testing
except ModuleNotFoundError:
    wrong = "the contract kit is a package of its own: pip install regrow-testing, and import regrow_testing"
    raise ModuleNotFoundError(wrong, name="regrow_testing") from None

__path__: list[str] = []  # so that `regrow.testing.contract` may be looked for
for one in pkgutil.iter_modules(regrow_testing.__path__):
    sys.modules[f"{__name__}.{one.name}"] = importlib.import_module(f"regrow_testing.{one.name}")
