"""After the files are rendered: finish the package, by hooks/ at the top. cookiecutter renders this file."""

import json
import sys
from pathlib import Path

CONTEXT = json.loads(
    r"""{{ {"answers": cookiecutter, "raw": _cookiecutter|default({}), "template": ""|template}|tojson }}"""
)

if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - whatever Python cookiecutter was installed with runs this
        sys.exit(f"regrow needs Python 3.11 or newer, and this cookiecutter runs on {sys.version.split()[0]}.")
    sys.dont_write_bytecode = True
    template = Path(CONTEXT["template"])
    sys.path.insert(0, str(template.parents[1] / "hooks"))
    import plugin_package

    sys.exit(plugin_package.finish(CONTEXT, template))
