"""The template of plugins: its answers, checked as the project's are, and the files that they leave."""

import keyword
import re
import shutil
from pathlib import Path

import answers as checks
import texts

SLUG = re.compile(r"regrow(-[a-z][a-z0-9]*)+")
LONGEST = 50
PARTS = ("stage", "transformer", "metric")
# settings keys, stages and artifacts of a generated project, and what pydantic's models have as attributes
TAKEN = re.compile(
    "compile|compute|conf|config|copy|data|defaults|dict|evaluat(e|ion)|experiment|features|ingest|json|lookups|metrics"
    "|model(_.*)?|plots|plugins|predictions|project|raw|report|schema|search|seed|split|table|train|validat(e|ion)"
)


def unfit(answers: dict, template: Path) -> list[str]:
    """What is wrong with rendered answers."""
    found = [checks.wrong("plugin_name", answers["plugin_name"], reason)] if (
        reason := texts.unfit(answers["plugin_name"]) or ("" if answers["plugin_name"].strip() else "may not be empty")
    ) else []  # fmt: skip
    slug = answers["plugin_slug"]
    name = slug.removeprefix("regrow-").replace("-", "_")
    if not SLUG.fullmatch(slug) or len(slug) > LONGEST:
        allowed = f"regrow- and words of a-z and 0-9 with single - between, a letter first; {LONGEST} at most"
        found.append(checks.wrong("plugin_slug", slug, allowed))
    elif keyword.iskeyword(name) or TAKEN.fullmatch(name):
        found.append(checks.wrong("plugin_slug", slug, f"{name} has a meaning of its own in projects: add a word"))
    elif (template.parents[1] / "plugins" / slug).exists():
        found.append(checks.wrong("plugin_slug", slug, "is a plugin of regrow's own: choose another name"))
    derived = {"__folder": slug, "__name": name, "__package": slug.replace("-", "_")}
    odd = [key for key, value in derived.items() if answers.get(key, value) != value]
    return found + [checks.wrong(key, answers[key], "is not a question: it follows from plugin_slug") for key in odd]


def refuse(context: dict, template: Path) -> str | int:
    """What the first hook hands to sys.exit: 0, or the message."""
    problems = ["the package's folder is there already and not empty"] if any(Path.cwd().iterdir()) else []
    problems += checks.unrendered(context["raw"], context["answers"], template)
    return checks.message([*problems, *unfit(context["answers"], template)]) or 0


def finish(context: dict, template: Path) -> int:
    """What the last hook hands to sys.exit: 0. Files of parts that it is not to bring go."""
    answers, package = context["answers"], Path("src", context["answers"]["__package"])
    for part in PARTS:
        if part not in answers["bring"]:
            (package / f"{part}.py").unlink()
            Path("tests", f"test_{part}.py").unlink()
    if "stage" not in answers["bring"]:
        shutil.rmtree(package / "conf")
    print(f"\n{answers['__folder']} brings: {answers['bring']}. Its README has the five commands that run it.")
    return 0
