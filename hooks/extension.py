"""A Jinja extension by which cookiecutter itself refuses unfit answers: before it makes a folder, no traceback."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cookiecutter.exceptions import FailedHookException
from jinja2 import Environment
from jinja2.ext import Extension

import answers as checks
import texts


def extension(template: Path, unfit: Callable[[dict[str, Any], Path], list[str]], folder: str) -> type[Extension]:
    """The extension of one template. unfit: what is wrong with answers. folder: the answer that names the folder."""

    class Answers(Extension):
        """Adds the filters `accepted` and, for hooks, `template`: its folder. No answer is run as Jinja.

        cookiecutter would do that before any hook.
        """

        def __init__(self, environment: Environment) -> None:
            super().__init__(environment)
            environment.filters["accepted"] = accepted
            environment.filters["template"] = lambda _: str(template)
            environment.from_string = _guarded(environment.from_string, template)  # type: ignore[method-assign]

    def accepted(answers: dict[str, Any]) -> str:
        """The folder's name, the answers being fit.

        Raises FailedHookException with all that is wrong: cookiecutter prints its text, and nothing else.
        """
        if message := checks.message(unfit(answers, template)):
            raise FailedHookException(message)
        return str(answers[folder])

    return Answers


def _guarded(from_string: Callable[..., Any], template: Path) -> Callable[..., Any]:
    """Refuse Jinja that is not cookiecutter.json's own, where cookiecutter renders what the command line answered."""
    own = set(_texts(json.loads((template / "cookiecutter.json").read_text("utf-8"))))

    def guarded(source: Any, *rest: Any, **more: Any) -> Any:
        rendering = sys._getframe(1)
        if rendering.f_code.co_name == "render_variable" and texts.holds_template(source) and source not in own:
            asking = rendering.f_back.f_locals if rendering.f_back else {}
            problem = checks.wrong(asking.get("key", "an answer"), source, checks.NO_TEMPLATE)
            raise FailedHookException(checks.message([problem]))
        return from_string(source, *rest, **more)

    return guarded


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict | list):
        for inner in [*node, *(node.values() if isinstance(node, dict) else ())]:
            yield from _texts(inner)
