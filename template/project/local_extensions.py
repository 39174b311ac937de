"""What cookiecutter loads before it asks: this template's answers are checked by hooks/ at the top."""

import sys
from pathlib import Path

TEMPLATE = Path(__file__).resolve().parent
sys.path.insert(0, str(TEMPLATE.parents[1] / "hooks"))  # one source for all templates

import answers  # noqa: E402
from extension import extension  # noqa: E402

Answers = extension(TEMPLATE, answers.unfit, "project_slug")
