"""After the files are rendered: finish the project. cookiecutter renders this file, then runs it."""

import json
import os
import sys
from pathlib import Path

CONTEXT = json.loads(r"""{{ {"answers": cookiecutter, "raw": _cookiecutter|default({})}|tojson }}""")


def hooks_folder(context):
    """The template's hooks/. cookiecutter may name it relative to a folder that it doesn't tell: try some."""
    parent = Path(f"/proc/{os.getppid()}/cwd")  # cookiecutter's own folder, which is the template while hooks run
    named, output = context["answers"]["_repo_dir"], Path(context["answers"]["_output_dir"])
    bases = [Path(os.environ.get("PWD", "."), named), output / named, output.parent / named, parent / named, parent]
    for base in bases:
        if Path(base, "hooks", "answers.py").is_file():
            return Path(base, "hooks").resolve()
    sys.exit(f"There are no hooks at {named!r}: give cookiecutter the template's absolute path or its address.")


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - whatever Python cookiecutter was installed with runs this
        sys.exit(f"regrow needs Python 3.11 or newer, and this cookiecutter runs on {sys.version.split()[0]}.")
    sys.dont_write_bytecode = True
    folder = hooks_folder(CONTEXT)
    sys.path.insert(0, str(folder))
    import steps

    sys.exit(steps.finish(CONTEXT, folder.parent))
