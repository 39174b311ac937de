"""Before anything is written: refuse answers that cannot work, all at once and with reasons. cookiecutter renders this file first."""

import json
import os
import sys

CONTEXT = json.loads(r'''{{ {"answers": cookiecutter, "raw": _cookiecutter|default({})}|tojson }}''')


def hooks_folder(context):
    """The hooks/ of the template. cookiecutter may name the template relative to a folder that it doesn't tell: try the likely ones."""
    named, output = context["answers"]["_repo_dir"], context["answers"]["_output_dir"]
    bases = [os.environ.get("PWD", ""), output, os.path.dirname(output), "/proc/%d/cwd" % os.getppid()]
    folders = [os.path.join(base, named, "hooks") for base in bases] + ["/proc/%d/cwd/hooks" % os.getppid()]
    for folder in folders:
        if os.path.isfile(os.path.join(folder, "answers.py")):
            return os.path.realpath(folder)
    sys.exit("The template's hooks were not found from %r. Give cookiecutter the template's absolute path or its address." % named)


if __name__ == "__main__":
    if sys.version_info < (3, 11):
        sys.exit("regrow needs Python 3.11 or newer, and this cookiecutter runs on %d.%d: install cookiecutter there." % sys.version_info[:2])
    sys.dont_write_bytecode = True
    sys.path.insert(0, hooks_folder(CONTEXT))
    import answers

    sys.exit(answers.refuse(CONTEXT, os.path.dirname(sys.path[0])))
