"""Before anything is written: refuse answers that cannot work, all at once and with reasons. cookiecutter renders this file first."""

import json
import os
import sys

CONTEXT = json.loads(r"""{{ {"answers": cookiecutter, "raw": _cookiecutter|default({})}|tojson }}""")


def hooks_folder(context):
    """The template's hooks/. cookiecutter may name the template relative to a folder that it does not tell: try the likely ones."""
    parent = f"/proc/{os.getppid()}/cwd"  # cookiecutter's own folder, which is the template while hooks run
    named, output = context["answers"]["_repo_dir"], context["answers"]["_output_dir"]
    bases = [os.environ.get("PWD", ""), output, os.path.dirname(output), parent]
    folders = [os.path.join(base, named, "hooks") for base in bases] + [os.path.join(parent, "hooks")]
    for folder in folders:
        if os.path.isfile(os.path.join(folder, "answers.py")):
            return os.path.realpath(folder)
    sys.exit(
        f"There are no template hooks at {named!r}: give cookiecutter the template's absolute path or its address."
    )


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - whatever Python cookiecutter was installed with runs this
        sys.exit(
            f"regrow needs Python 3.11 or newer; this cookiecutter runs on {sys.version.split()[0]}. Install it there."
        )
    sys.dont_write_bytecode = True
    sys.path.insert(0, hooks_folder(CONTEXT))
    import answers

    sys.exit(answers.refuse(CONTEXT, os.path.dirname(sys.path[0])))
